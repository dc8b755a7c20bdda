import { roleHolders } from '../../src/client/roleHolders.ts';
import type { Registry } from '../../src/protocol/registry.ts';
import { useLive } from '../shared/live/useLive.ts';
import { Icon } from '../shared/ui/Icon.tsx';
import { Loading, ReadFailure } from '../shared/ui/states.tsx';

/** Who has which role that holds for a registry, for those who may know it. Roles are given by the command line and by Azure's clients. */
export function RoleList({ registry }: { registry: Registry }) {
  const { value, error } = useLive(
    `roles on ${registry.id}`,
    ({ http }) => roleHolders(http, registry.id),
    ({ kind }) => kind === 'roleAssignment' || kind === 'member' || kind === 'roleDefinition',
    1000,
  );
  return (
    <>
      {error && <ReadFailure error={error} />}
      {!value && !error && <Loading what="the roles" />}
      {value && (
        <table className="list" aria-label={`Roles on the registry ${registry.name}`}>
          <thead>
            <tr>
              <th scope="col">Who</th>
              <th scope="col">Role</th>
              <th scope="col">Given on</th>
            </tr>
          </thead>
          <tbody>
            {value.map(({ principal, role, scope }) => (
              <tr key={`${principal} ${role} ${scope}`}>
                <td>
                  <div className="list-name">
                    <Icon name="account" />
                    <span title={principal}>{principal}</span>
                  </div>
                </td>
                <td>{role}</td>
                <td className="dim">{placeOf(scope, registry.id)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <p className="dim registry-roles">
        An Owner gives a role with{' '}
        <code>updraft role assignment create --assignee NAME --role "AzureML Registry User" --registry {registry.name}</code>. This role
        reads and shares; <em>Reader</em> reads.
      </p>
    </>
  );
}

/** Where a role was given, in words. */
function placeOf(scope: string, registry: string): string {
  if (scope.toLowerCase() === registry.toLowerCase()) return 'this registry';
  const group = /\/resourceGroups\/([^/]+)$/i.exec(scope)?.[1];
  return group ? `the resource group ${group}` : 'the whole plane';
}
