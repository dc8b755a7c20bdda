import type { WorkspaceResource } from '../client/planeClient.ts';
import { fields } from './jobField.ts';
import { tableText } from './tableText.ts';
import { tool } from './tool.ts';

const most = 50;

export const listEndpoints = tool({
  name: 'list_endpoints',
  title: 'List endpoints',
  what: 'Lists the online endpoints of the workspace with their deployments: state, share of the traffic, model, instances, and why one failed.',
  schema: fields({}),
  async run(_input, { client }) {
    const { value, nextLink } = await client.listResources(['onlineEndpoints']);
    const shown = value.slice(0, most);
    if (shown.length === 0) return 'There are no endpoints.';
    const rows = await Promise.all(
      shown.map(async (endpoint) => {
        const { value: deployments } = await client.listResources(['onlineEndpoints', endpoint.name, 'deployments']);
        const traffic = (endpoint.properties.traffic ?? {}) as Record<string, number>;
        if (deployments.length === 0) return [[endpoint.name, null, stateOf(endpoint)]];
        return deployments.map((each) => [
          endpoint.name,
          each.name,
          stateOf(each),
          `${traffic[each.name] ?? 0} %`,
          String(each.properties.model ?? '').replace(/^.*\/models\/(.+)\/versions\/(.+)$/, '$1:$2'),
          Number(each.sku?.capacity ?? 1),
          (each.properties.error as { message?: string } | undefined)?.message,
        ]);
      }),
    );
    const table = tableText(['endpoint', 'deployment', 'state', 'traffic', 'model', 'instances', 'error'], rows.flat());
    return value.length > most || nextLink ? `${table}\n(The first ${shown.length} endpoints.)` : table;
  },
});

const stateOf = ({ properties }: WorkspaceResource): string => String(properties.provisioningState ?? 'Succeeded');
