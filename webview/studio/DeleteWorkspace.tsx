import { useState } from 'react';
import { mayDeleteWorkspace } from '../../src/access/mayDeleteWorkspace.ts';
import { UserError } from '../../src/base/userError.ts';
import { deleteWorkspace, whatIsLost } from '../../src/client/workspaces.ts';
import { defaultWorkspace } from '../../src/protocol/arm.ts';
import { useHost } from '../shared/host/host.ts';
import { useLive } from '../shared/live/useLive.ts';
import { Confirm } from '../shared/ui/Confirm.tsx';
import { Failure } from '../shared/ui/states.tsx';
import { ToolButton } from '../shared/ui/ToolButton.tsx';
import { useAction } from '../shared/ui/useAction.ts';
import { useIsTeam } from './useIsTeam.ts';

interface Question {
  question: string;
  detail: string;
  action: string;
  endsJobs: boolean;
}

/** Deletes the workspace that is shown, of a team: offered to who may, and asked before. */
export function DeleteWorkspace() {
  const { client } = useHost();
  const isOwn = client.workspace.workspace === defaultWorkspace.workspace;
  return useIsTeam() && !isOwn ? <ForWhoMay /> : null;
}

function ForWhoMay() {
  const { client } = useHost();
  const name = client.workspace.workspace;
  const { value: mayDelete } = useLive(
    'whether one may delete the workspace',
    async (asked) => mayDeleteWorkspace(await asked.permissions()),
    () => false,
  );
  const [asked, setAsked] = useState<Question>();
  const { run, error, isRunning } = useAction();
  const ask = () =>
    run(async () =>
      setAsked({ question: `Delete the workspace "${name}"?`, detail: await whatIsLost(client), action: 'Delete', endsJobs: false }),
    );
  const answer = (isSure: boolean) => {
    const { endsJobs } = asked!;
    setAsked(undefined);
    if (!isSure) return;
    run(async () => {
      try {
        await deleteWorkspace(client, name, { endsJobs });
      } catch (reason) {
        if (!(reason instanceof UserError && reason.code === 'Conflict')) throw reason;
        return setAsked({
          question: `Work goes on in "${name}".`,
          detail: `${reason.message} Jobs are canceled and deployments ended, which recovering does not undo.`,
          action: 'End it and delete',
          endsJobs: true,
        });
      }
      // The page of a workspace that is not there says so, and how it comes back.
      location.assign(`/studio/jobs?workspace=${encodeURIComponent(name)}`);
    });
  };
  if (!mayDelete) return null;
  return (
    <>
      <ToolButton icon="trash" label={`Delete the workspace ${name}`} disabled={isRunning || asked !== undefined} onClick={ask} />
      {(asked || error) && (
        <div className="header-notice">
          {asked && <Confirm question={asked.question} detail={asked.detail} action={asked.action} otherwise="Keep it" onAnswer={answer} />}
          {error && <Failure error={error} />}
        </div>
      )}
    </>
  );
}
