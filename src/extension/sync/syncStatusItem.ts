import { type Disposable, StatusBarAlignment, type StatusBarItem, ThemeColor, window } from 'vscode';
import { messageOf } from '../../base/userError.ts';
import { overviewText, type SyncStanding, standingOf } from '../../sync/folder/overview.ts';
import type { OverviewWatch } from '../../sync/folder/overviewWatch.ts';
import { clockTime } from '../views/jobItem.ts';

const icons: Record<SyncStanding, string> = {
  trouble: 'error',
  signedOut: 'account',
  paused: 'debug-pause',
  hours: 'clock',
  offline: 'debug-disconnect',
  sending: 'sync~spin',
  stopped: 'warning',
  refused: 'warning',
  inStep: 'pass',
  nothing: 'sync',
};
/** Those that ask for something from the person. */
const urgent: ReadonlySet<SyncStanding> = new Set(['trouble', 'signedOut', 'stopped']);
/** Characters of it. */
const most = 60;

/** In the status bar: how far sending is, once something is to be sent. A click opens the Sync view. */
export function syncStatusItem(watch: OverviewWatch): Disposable {
  let item: StatusBarItem | undefined;
  const hide = () => {
    item?.dispose();
    item = undefined;
  };
  const update = () => {
    const { overview, error } = watch;
    const standing = overview ? standingOf(overview) : 'trouble';
    if (standing === 'nothing') return hide();
    const text = overview ? overviewText(overview, clockTime) : messageOf(error).split('\n')[0]!;
    item ??= window.createStatusBarItem('updraft.sync', StatusBarAlignment.Left, 18);
    item.name = 'Updraft Sync';
    item.command = 'updraft.sync.focus';
    item.text = `$(${icons[standing]}) ${text.length > most ? `${text.slice(0, most - 1)}…` : text}`;
    item.tooltip = `Updraft Sync: ${text}. Click to open the view.`;
    item.accessibilityInformation = { label: `Updraft Sync: ${text}`, role: 'button' };
    item.backgroundColor = urgent.has(standing) ? new ThemeColor('statusBarItem.warningBackground') : undefined;
    item.show();
  };
  const subscription = watch.onDidChange(update);
  update();
  return {
    dispose() {
      subscription.dispose();
      hide();
    },
  };
}
