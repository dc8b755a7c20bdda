import { mayMakeRegistry, mayShare } from '../../src/access/mayShare.ts';
import { resourceGroupPath } from '../../src/protocol/arm.ts';
import { useLive } from '../shared/live/useLive.ts';
import { useRegistryRights } from '../shared/registries/useRegistries.ts';
import { Icon } from '../shared/ui/Icon.tsx';
import { PageLink } from '../shared/ui/PageLink.tsx';
import { Empty, Loading, ReadFailure } from '../shared/ui/states.tsx';
import { When } from '../shared/ui/When.tsx';
import { NewRegistry } from './NewRegistry.tsx';

/** The registries that who looks may see. */
export function RegistriesPage() {
  const { value, error } = useRegistryRights();
  const { value: mayMake } = useLive(
    'whether one may make a registry',
    async (client) => mayMakeRegistry(await client.permissions(resourceGroupPath(client.workspace))),
    () => false,
  );
  return (
    <main className="list-page">
      <h1>Registries</h1>
      <p className="dim registry-intro">Models, data, environments and components that many workspaces use.</p>
      {error && <ReadFailure error={error} />}
      {!value && !error && <Loading what="registries" />}
      {value?.length === 0 && (
        <Empty title="No registries yet.">
          {mayMake === false
            ? 'Ask an Owner for a role on one, or to make one.'
            : 'Make one, then share to it from the page of a model, data, an environment or a component.'}
        </Empty>
      )}
      {value && value.length > 0 && (
        <table className="list registries" aria-label="Registries">
          <thead>
            <tr>
              <th scope="col">Name</th>
              <th scope="col">You may</th>
              <th scope="col">Description</th>
              <th scope="col">Created</th>
            </tr>
          </thead>
          <tbody>
            {value.map(({ registry, permissions }) => (
              <tr key={registry.name}>
                <td>
                  <div className="list-name">
                    <Icon name="library" />
                    <PageLink to={{ page: 'registry', name: registry.name }}>{registry.name}</PageLink>
                  </div>
                </td>
                <td>{mayShare(permissions) ? 'read and share' : 'read'}</td>
                <td className="dim">{String(registry.properties.description ?? '')}</td>
                <td>
                  <When at={registry.systemData?.createdAt} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {mayMake && <NewRegistry taken={(value ?? []).map(({ registry }) => registry.name)} />}
    </main>
  );
}
