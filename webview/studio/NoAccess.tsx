import { askText } from '../../src/client/whomToAsk.ts';
import { inWorkspace } from '../shared/host/browserHost.ts';
import { type Access, useHost } from '../shared/host/host.ts';
import { Button } from '../shared/ui/fields.tsx';
import { plainText } from '../shared/ui/plainText.ts';
import { DeletedWorkspace } from './DeletedWorkspace.tsx';
import { useDeletedWorkspace } from './useDeletedWorkspace.ts';

/** In place of a page of a workspace in which who looks at it has no role. Whether there is such a workspace, or what the address leads to, is not said; but to who may recover it, that it was deleted. */
export function NoAccess({ access }: { access: Access }) {
  const { member } = useHost();
  const { others, workspace } = access;
  const deleted = useDeletedWorkspace(workspace);
  return (
    <main className="page">
      <div className="no-access">
        {deleted ? (
          <DeletedWorkspace of={deleted} />
        ) : (
          <>
            <h1>This is not shown to you.</h1>
            <p>
              The address leads to the workspace <strong>{plainText(workspace)}</strong>. There is none of this name here, or {member?.name}{' '}
              has no role in it.
            </p>
            <p>For a role there, {askText(access)}.</p>
            <p>
              <Button onClick={() => location.reload()}>Try again</Button>
            </p>
          </>
        )}
        {others.length > 0 && (
          <>
            <h2>Your workspaces</h2>
            <ul>
              {others.map((name) => (
                <li key={name}>
                  <a href={inWorkspace('/studio/jobs', name)}>{name}</a>
                </li>
              ))}
            </ul>
          </>
        )}
      </div>
    </main>
  );
}
