import { allPages, type PlaneClient, type WorkspaceResource } from '../../client/planeClient.ts';
import type { Family } from '../../submit/createResource.ts';
import type { Options } from '../command.ts';
import { connect } from '../connect.ts';
import { definitionOf } from '../definitionOf.ts';
import type { Outcome, Rows } from '../output/outcome.ts';
import { flag, list, type Parsed, required, text, whole } from '../parsed.ts';
import type { Fields } from '../shapes/parts.ts';
import {
  batchDeploymentShape,
  computeShape,
  datastoreShape,
  endpointShape,
  listedBatchEndpointShape,
  listedEndpointShape,
  onlineDeploymentShape,
} from '../shapes/resourceShapes.ts';
import { factsOf, tableOf } from '../textParts.ts';
import { take } from './assets.ts';
import { numbers, pairsIn, patchOf, splitPair } from './patchOf.ts';
import { gone, settled } from './settled.ts';

type Shape = (resource: WorkspaceResource) => Fields;

/** How each kind of resource is called, found and shown. */
const kinds: Record<
  Family,
  { noun: string; shape: Shape; listed?: Shape; columns: Record<string, string>; path: (parsed: Parsed) => string[] }
> = {
  compute: {
    noun: 'compute',
    shape: computeShape,
    columns: { name: 'name', type: 'compute type', provisioning_state: 'state', size: 'Instance type' },
    path: (parsed) => ['computes', ...nameIn(parsed)],
  },
  datastore: {
    noun: 'datastore',
    shape: datastoreShape,
    columns: { name: 'name', type: 'storage type', account_name: 'storage account name' },
    path: (parsed) => ['datastores', ...nameIn(parsed)],
  },
  onlineEndpoint: {
    noun: 'online endpoint',
    shape: endpointShape,
    listed: listedEndpointShape,
    columns: { name: 'name', provisioning_state: 'state', scoring_uri: 'address' },
    path: (parsed) => ['onlineEndpoints', ...nameIn(parsed)],
  },
  batchEndpoint: {
    noun: 'batch endpoint',
    shape: endpointShape,
    listed: listedBatchEndpointShape,
    columns: { name: 'name', provisioning_state: 'state', scoring_uri: 'address' },
    path: (parsed) => ['batchEndpoints', ...nameIn(parsed)],
  },
  onlineDeployment: {
    noun: 'online deployment',
    shape: onlineDeploymentShape,
    listed: (resource) =>
      pick(onlineDeploymentShape(resource), ['name', 'endpoint_name', 'provisioning_state', 'instance_type', 'model', 'type']),
    columns: { name: 'name', provisioning_state: 'state', instance_type: 'instance type', model: 'model' },
    path: (parsed) => ['onlineEndpoints', required(parsed, 'endpoint-name'), 'deployments', ...nameIn(parsed)],
  },
  batchDeployment: {
    noun: 'batch deployment',
    shape: batchDeploymentShape,
    listed: (resource) =>
      pick(batchDeploymentShape(resource), [
        'id',
        'name',
        'model',
        'environment',
        'compute',
        'tags',
        'creation_context',
        'provisioning_state',
      ]),
    columns: { name: 'name', provisioning_state: 'state', compute: 'compute', model: 'model' },
    path: (parsed) => ['batchEndpoints', required(parsed, 'endpoint-name'), 'deployments', ...nameIn(parsed)],
  },
};

/** A list has no name. */
const nameIn = (parsed: Parsed): string[] => (parsed.values.name === undefined ? [] : [String(parsed.values.name)]);
const pick = (fields: Fields, keys: string[]): Fields => Object.fromEntries(keys.map((key) => [key, fields[key] ?? null]));

/** The path of the one that the call names. */
export function pathOf(parsed: Parsed, family: Family): string[] {
  const name = required(parsed, 'name');
  return kinds[family].path({ ...parsed, values: { ...parsed.values, name } });
}

const answer = (family: Family, made: WorkspaceResource, done: string): Outcome => {
  const value = kinds[family].shape(made);
  return { value, text: () => (done ? `${done} ${made.name}.` : factsOf(value)) };
};

export async function createOne(parsed: Parsed, family: Family, options: Options): Promise<Outcome> {
  const definition = definitionOf(parsed, options);
  const { client } = await connect(parsed);
  const { createResource } = await import('../../submit/createResource.ts');
  const begun = await createResource(client, family, definition);
  const endpoint = /\/(online|batch)Endpoints\/([^/]+)\/deployments\//.exec(begun.id)?.[2];
  const made =
    family === 'onlineDeployment' && endpoint ? await whenSettled(parsed, client, deploymentPath(endpoint, begun), begun) : begun;
  if (endpoint && flag(parsed, 'all-traffic')) await change(client, ['onlineEndpoints', endpoint], { traffic: { [made.name]: 100 } });
  if (endpoint && flag(parsed, 'set-default'))
    await change(client, ['batchEndpoints', endpoint], { defaults: { deploymentName: made.name } });
  return answer(family, made, 'Created');
}

const deploymentPath = (endpoint: string, { name }: WorkspaceResource): string[] => ['onlineEndpoints', endpoint, 'deployments', name];

/** As `az` does, waits until what was asked for is there, unless told not to. */
const whenSettled = async (parsed: Parsed, client: PlaneClient, path: string[], made: WorkspaceResource): Promise<WorkspaceResource> =>
  flag(parsed, 'no-wait') ? made : settled(client, path, made);

const change = (client: PlaneClient, path: string[], properties: Fields): Promise<WorkspaceResource> =>
  client.patchResource(path, { properties });

export async function listAll(parsed: Parsed, family: Family): Promise<Outcome> {
  const { noun, shape, listed = shape, columns, path } = kinds[family];
  const { client } = await connect(parsed);
  const type = text(parsed, 'type')?.toLowerCase();
  const found = await take(
    allPages((next) => client.listResources(path(parsed), next)),
    whole(parsed, 'max-results') ?? Number.POSITIVE_INFINITY,
    ({ properties }) => type === undefined || String(properties.computeType).toLowerCase() === type,
  );
  const value = found.map(listed);
  const rows: Rows = found.map((each) => {
    const shown = shape(each);
    return Object.fromEntries(Object.entries(columns).map(([key, heading]) => [heading, shown[key]]));
  });
  const headings = Object.values(columns);
  return {
    value,
    text: () =>
      tableOf(
        headings.map((each) => each.toUpperCase()),
        rows.map((row) => headings.map((each) => String(row[each] ?? ''))),
        `There is no ${noun}.`,
      ),
    // Of endpoints and deployments `az` shows what is in the list.
    table: () => (family === 'compute' || family === 'datastore' ? rows : value),
  };
}

export async function showOne(parsed: Parsed, family: Family): Promise<Outcome> {
  const { client } = await connect(parsed);
  return answer(family, await client.getResource(pathOf(parsed, family)), '');
}

export async function deleteOne(parsed: Parsed, family: Family): Promise<Outcome> {
  const { client } = await connect(parsed);
  const path = pathOf(parsed, family);
  // Deleting what is not there is no error of the protocol, and mostly a slip of the one who types.
  await client.getResource(path);
  await client.deleteResource(path);
  if (!flag(parsed, 'no-wait')) await gone(client, path);
  return { ...(parsed.asAz ? {} : { value: { deleted: path.at(-1) } }), text: () => `Deleted ${path.at(-1)}.` };
}

/** Changes a resource: by its file, or in the one that is there what `--set` and options of its own say. */
export async function updateOne(parsed: Parsed, family: Family, options: Options): Promise<Outcome> {
  if (text(parsed, 'file') !== undefined) return createOne(parsed, family, options);
  const path = pathOf(parsed, family);
  const set = [
    ...list(parsed, 'set').map((pair) => splitPair(pair, '--set')),
    ...['min-instances', 'max-instances', 'idle-time-before-scale-down'].flatMap((name): [string, string][] => {
      const value = text(parsed, name);
      return value === undefined ? [] : [[name.replaceAll('-', '_'), value]];
    }),
  ];
  const whole = { traffic: pairsIn(parsed, 'traffic'), mirrorTraffic: pairsIn(parsed, 'mirror-traffic') };
  const defaults = pairsIn(parsed, 'defaults');
  const { client } = await connect(parsed);
  const patch = patchOf(await client.getResource(path), [
    ...set,
    ...(defaults ? Object.entries(defaults).map(([key, value]): [string, string] => [`defaults.${key}`, value]) : []),
  ]);
  for (const [key, given] of Object.entries(whole)) if (given) patch.properties[key] = numbers(given);
  const changed = await client.patchResource(path, patch);
  return answer(family, family === 'onlineDeployment' ? await whenSettled(parsed, client, path, changed) : changed, 'Changed');
}
