import { commands, type TreeView } from 'vscode';
import type { Disposable } from '../../base/disposable.ts';
import { systemTimers, type Timers } from '../../base/timers.ts';
import { messageOf } from '../../base/userError.ts';
import type { AssetsState, NamedKind } from '../state/assets.ts';
import type { JobFilter, JobsState } from '../state/jobs.ts';
import type { PlaneConnection } from '../state/planeConnection.ts';
import { seenText } from './seenText.ts';

/** Milliseconds between two times at which it is told anew how long ago a plane was seen. */
const tellMs = 30_000;

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
  place: () => { label: string; isHere: boolean },
  onError: (error: unknown) => void,
  timers: Timers = systemTimers,
) {
  const setContext = (key: string, value: unknown) => commands.executeCommand('setContext', key, value).then(undefined, onError);
  const update = () => {
    const { label, isHere } = place();
    const away = isHere ? awayText(plane) : sharedText(plane, label);
    const filters: Partial<Record<keyof Views, string | undefined>> = {
      jobs: describeFilter(jobs.filter),
      models: assets.models.search && `name contains "${assets.models.search}"`,
      assets: assets.data.search && `name contains "${assets.data.search}"`,
    };
    for (const [name, view] of Object.entries(views)) {
      const failed = plane.state === 'failed' ? messageOf(plane.error).split('\n')[0] : undefined;
      // The Workspaces view is about all planes, and says it of each.
      view.message = name === 'workspaces' && !isHere ? undefined : away;
      view.description = [isHere || name === 'workspaces' ? '' : label, failed ?? filters[name as keyof Views]].filter(Boolean).join(' · ');
    }
    setContext('updraft.planeState', plane.state);
    setContext('updraft.isShared', !isHere);
    setContext('updraft.jobsFiltered', jobs.isFiltered);
    setContext('updraft.modelsFiltered', assets.models.search !== '');
  };
  let telling: Disposable | undefined;
  // While a shared plane is away, time passes that is shown.
  const tell = () => {
    telling?.dispose();
    telling = plane.isShared && plane.state === 'disconnected' ? timers.after(tellMs, tell) : undefined;
    update();
  };
  const subscription = plane.onDidChangeState(tell);
  update();
  return {
    update,
    dispose() {
      telling?.dispose();
      subscription.dispose();
    },
  };
}

const awayText = ({ state }: PlaneConnection) =>
  state === 'disconnected' ? 'The control plane does not answer. Trying again…' : undefined;

/** What is wrong with a shared plane, and of when what is shown is. */
function sharedText({ state, error, lastSeen }: PlaneConnection, label: string): string | undefined {
  if (state === 'disconnected') return `${label} does not answer, ${seenText(lastSeen)}. Trying again…`;
  if (state === 'signedOut') return messageOf(error).replaceAll('\n', ' ');
  return undefined;
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
