import { type Disposable, MarkdownString, StatusBarAlignment, ThemeColor, window } from 'vscode';
import { plural } from '../../base/text.ts';
import type { ActiveJobs } from '../state/activeJobs.ts';
import type { PlaneConnection } from '../state/planeConnection.ts';

/** Which workspace, and how many jobs run. A click leads to the jobs. */
export function statusBar(
  plane: PlaneConnection,
  active: ActiveJobs,
  place: () => { workspace: string; plane: string | undefined },
): Disposable & { update(): void } {
  const item = window.createStatusBarItem('updraft.status', StatusBarAlignment.Left, 20);
  item.name = 'Updraft';
  const update = () => {
    const { workspace, plane: shared } = place();
    const shown = shared === undefined ? workspace : `${workspace} (${shared})`;
    const away = plane.state === 'disconnected' || plane.state === 'failed' || plane.state === 'signedOut';
    const jobs = active.count ? ` · ${active.count} running` : '';
    item.text = away ? `$(debug-disconnect) ${shown}` : `$(${active.count ? 'loading~spin' : 'beaker'}) ${shown}${jobs}`;
    item.tooltip = tooltip(
      away
        ? `Updraft: ${plane.state === 'signedOut' ? `you are not signed in to ${shared}` : `${shared ?? 'the control plane'} does not answer`}. Click to open the jobs.`
        : `Updraft: workspace "${workspace}" on ${shared ?? 'this machine'}, ${active.count ? plural(active.count, 'job') : 'no job'} running. Click to open the jobs.`,
    );
    item.accessibilityInformation = {
      label: `Updraft workspace ${shown}${away ? ', not connected' : `, ${active.count} running`}`,
      role: 'button',
    };
    item.command = 'updraft.jobs.focus';
    item.backgroundColor = plane.state === 'failed' ? new ThemeColor('statusBarItem.warningBackground') : undefined;
    item.show();
  };
  const subscriptions = [plane.onDidChangeState(update), plane.onDidMove(update), active.onDidChange(update), item];
  update();
  return {
    update,
    dispose() {
      for (const each of subscriptions) each.dispose();
    },
  };
}

/** What the item says, and the way to the table of runs. */
function tooltip(text: string): MarkdownString {
  const markdown = new MarkdownString('', true);
  markdown.isTrusted = { enabledCommands: ['updraft.runs.open', 'updraft.jobs.focus', 'updraft.workspace.choose'] };
  markdown.appendText(text);
  return markdown.appendMarkdown(
    '\n\n[$(list-unordered) Jobs](command:updraft.jobs.focus) · [$(table) Runs…](command:updraft.runs.open) · [$(organization) Workspace…](command:updraft.workspace.choose)',
  );
}
