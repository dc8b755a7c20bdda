import { useEffect, useState } from 'react';
import { aside } from '../../src/base/aside.ts';
import type { PlaneClient } from '../../src/client/planeClient.ts';
import { listDeletedWorkspaces, recoverWorkspace } from '../../src/client/workspaces.ts';
import type { DeletedWorkspace } from '../../src/protocol/deletedWorkspace.ts';
import { useHost } from '../shared/host/host.ts';
import { Button } from '../shared/ui/fields.tsx';
import { plainText } from '../shared/ui/plainText.ts';
import { Failure } from '../shared/ui/states.tsx';
import { useAction } from '../shared/ui/useAction.ts';

/** To who may delete a workspace: that it was deleted, and how it comes back. To others, nothing. */
export function DeletedNotice({ workspace }: { workspace: string }) {
  const { client } = useHost();
  const { run, error, isRunning } = useAction();
  const [found, setFound] = useState<DeletedWorkspace>();
  // There is no feed of a workspace that is not there.
  useEffect(() => {
    let isCurrent = true;
    aside(
      'the deleted workspace',
      deletedOf(client, workspace).then((deleted) => isCurrent && setFound(deleted)),
      console,
    );
    return () => {
      isCurrent = false;
    };
  }, [client, workspace]);
  if (!found) return null;
  return (
    <section aria-label="Deleted workspace">
      <p>
        {found.deletedBy} has deleted the workspace <strong>{plainText(found.name)}</strong> on {found.deletedAt.slice(0, 10)}.{' '}
        {found.state === 'Purging' ? 'It is being removed for good.' : `It can be recovered until ${found.purgeAt.slice(0, 10)}.`}
      </p>
      {found.state !== 'Purging' && (
        <p>
          <Button
            disabled={isRunning}
            onClick={() =>
              run(async () => {
                await recoverWorkspace(client, found.name);
                location.reload();
              })
            }
          >
            Recover it
          </Button>
        </p>
      )}
      {error && <Failure error={error} />}
    </section>
  );
}

/** Who may delete none is refused the list. */
const deletedOf = async (client: PlaneClient, workspace: string) =>
  (await listDeletedWorkspaces(client).catch(() => [])).find(({ name }) => name.toLowerCase() === workspace.toLowerCase());
