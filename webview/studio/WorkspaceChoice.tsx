import { allPages } from '../../src/client/planeClient.ts';
import { useHost } from '../shared/host/host.ts';
import { useLive } from '../shared/live/useLive.ts';
import { Select } from '../shared/ui/fields.tsx';
import { useIsTeam } from './useIsTeam.ts';

/** Which workspace of a team's plane is shown, and a choice where there are several for who looks at it. */
export function WorkspaceChoice() {
  return useIsTeam() ? <Choice /> : null;
}

function Choice() {
  const { client } = useHost();
  const current = client.workspace.workspace;
  const { value = [] } = useLive(
    'workspaces',
    async () => (await Array.fromAsync(allPages((next) => client.listWorkspaces(next)))).map(({ name }) => name),
    ({ kind }) => kind === 'workspace',
  );
  const names = value.includes(current) ? value : [current, ...value];
  if (names.length === 1)
    return (
      <span className="badge" title="Workspace">
        {current}
      </span>
    );
  // Everything that is shown is of one workspace: the page begins anew.
  const choose = (name: string) => location.assign(`/studio/jobs?workspace=${encodeURIComponent(name)}`);
  return <Select label="Workspace" value={current} options={names.map((name) => ({ value: name, label: name }))} onChange={choose} />;
}
