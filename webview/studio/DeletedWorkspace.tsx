import { recoverWorkspace } from '../../src/client/workspaces.ts';
import type { DeletedWorkspace as Deleted } from '../../src/protocol/deletedWorkspace.ts';
import { useHost } from '../shared/host/host.ts';
import { Button } from '../shared/ui/fields.tsx';
import { plainText } from '../shared/ui/plainText.ts';
import { Failure } from '../shared/ui/states.tsx';
import { useAction } from '../shared/ui/useAction.ts';

/** Says to who may recover a workspace that it was deleted, and how it comes back. */
export function DeletedWorkspace({ of: { name, deletedAt, deletedBy, purgeAt, state } }: { of: Deleted }) {
  const { client } = useHost();
  const { run, error, isRunning } = useAction();
  const isPurging = state === 'Purging';
  const recover = () =>
    run(async () => {
      await recoverWorkspace(client, name);
      location.reload();
    });
  return (
    <>
      <h1>This workspace was deleted.</h1>
      <p>
        {deletedBy} has deleted <strong>{plainText(name)}</strong> on {deletedAt.slice(0, 10)}.{' '}
        {isPurging ? 'It is being removed for good.' : `It can be recovered until ${purgeAt.slice(0, 10)}, with all that is in it.`}
      </p>
      {!isPurging && (
        <p>
          <Button disabled={isRunning} onClick={recover}>
            Recover it
          </Button>
        </p>
      )}
      {error && <Failure error={error} />}
    </>
  );
}
