import { commands, type TreeView } from 'vscode';
import { messageOf } from '../../base/userError.ts';
import type { AssetsState, NamedKind } from '../state/assets.ts';
import type { JobFilter, JobsState } from '../state/jobs.ts';
import type { PlaneConnection } from '../state/planeConnection.ts';

type Views = Record<'jobs' | 'models' | 'assets' | 'schedules' | 'workspaces' | 'compute', TreeView<never> | TreeView<any>>;

/**
 * Says that the plane is away in the line above each tree, and beside its title which filter hides what or why there is no plane: a line above
 * would hide the welcome text. Also keeps the context keys that choose the welcome texts.
 */
export function viewMessages(
  plane: PlaneConnection,
  jobs: JobsState,
  assets: Record<NamedKind, AssetsState>,
  views: Views,
  onError: (error: unknown) => void,
) {
  const setContext = (key: string, value: unknown) => commands.executeCommand('setContext', key, value).then(undefined, onError);
  const update = () => {
    const away = plane.state === 'disconnected' ? 'The control plane does not answer. Trying again…' : undefined;
    const filters: Partial<Record<keyof Views, string | undefined>> = {
      jobs: describeFilter(jobs.filter),
      models: assets.models.search && `name contains "${assets.models.search}"`,
      assets: assets.data.search && `name contains "${assets.data.search}"`,
    };
    for (const [name, view] of Object.entries(views)) {
      const failed = plane.state === 'failed' ? messageOf(plane.error).split('\n')[0] : undefined;
      view.message = away;
      view.description = failed ?? filters[name as keyof Views];
    }
    setContext('updraft.planeState', plane.state);
    setContext('updraft.jobsFiltered', jobs.isFiltered);
    setContext('updraft.modelsFiltered', assets.models.search !== '');
  };
  const subscription = plane.onDidChangeState(update);
  update();
  return { update, dispose: () => subscription.dispose() };
}

function describeFilter({ search, status, tag, archived }: JobFilter): string | undefined {
  const parts = [
    search && `name contains "${search}"`,
    tag && `tag ${tag}`,
    status?.length && `status ${status.includes('Running') ? 'running' : status.join(' or ').toLowerCase()}`,
    archived && 'archived',
  ].filter(Boolean);
  return parts.length ? parts.join(', ') : undefined;
}
