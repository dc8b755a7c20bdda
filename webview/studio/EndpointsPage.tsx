import { allPages, type WorkspaceResource } from '../../src/client/planeClient.ts';
import { useLive } from '../shared/live/useLive.ts';
import { Icon } from '../shared/ui/Icon.tsx';
import { PageLink } from '../shared/ui/PageLink.tsx';
import { Empty, Loading, ReadFailure } from '../shared/ui/states.tsx';

const stateOf = ({ properties }: WorkspaceResource): string => String(properties.provisioningState ?? 'Succeeded');
/** What a state is called. */
const words: Record<string, string> = {
  Creating: 'starting',
  Updating: 'updating',
  Deleting: 'deleting',
  Failed: 'failed',
  Succeeded: 'serving',
};

/** Every online endpoint of the workspace with its deployments. */
export function EndpointsPage() {
  const { value, error } = useLive(
    'endpoints',
    async (client) => {
      const endpoints = await Array.fromAsync(allPages((next) => client.listResources(['onlineEndpoints'], next)));
      return Promise.all(
        endpoints.map(async (endpoint) => {
          const { value: deployments } = await client.listResources(['onlineEndpoints', endpoint.name, 'deployments']);
          return { endpoint, deployments };
        }),
      );
    },
    ({ kind }) => kind === 'endpoint' || kind === 'deployment',
  );
  return (
    <main className="list-page">
      <h1>Endpoints</h1>
      {error && <ReadFailure error={error} />}
      {!value && !error && <Loading what="endpoints" />}
      {value?.length === 0 && (
        <Empty title="No endpoints yet.">
          Write the YAML of one and of a deployment, then create them with <code>updraft online-endpoint create --file endpoint.yml</code>{' '}
          and <code>updraft online-deployment create --file deployment.yml</code>.
        </Empty>
      )}
      {value && value.length > 0 && (
        <table className="list" aria-label="Endpoints">
          <thead>
            <tr>
              <th scope="col">Name</th>
              <th scope="col">Deployments</th>
              <th scope="col">Address</th>
            </tr>
          </thead>
          <tbody>
            {value.map(({ endpoint, deployments }) => (
              <tr key={endpoint.name}>
                <td>
                  <div className="list-name">
                    <Icon name="globe" />
                    <PageLink to={{ page: 'endpoint', name: endpoint.name }}>{endpoint.name}</PageLink>
                  </div>
                </td>
                <td>
                  {deployments.map((each) => (
                    <div key={each.name}>
                      {each.name}{' '}
                      <span className="dim">
                        {words[stateOf(each)] ?? stateOf(each)},{' '}
                        {(endpoint.properties.traffic as Record<string, number> | undefined)?.[each.name] ?? 0} %
                      </span>
                    </div>
                  ))}
                  {deployments.length === 0 && <span className="dim">none</span>}
                </td>
                <td className="dim">{String(endpoint.properties.scoringUri ?? '')}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </main>
  );
}
