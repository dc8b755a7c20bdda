import { type QuickPickItem, window } from 'vscode';
import type { PageAddress } from '../../protocol/webview.ts';
import type { ExperimentNode } from '../state/jobs.ts';
import { cancelled } from './arguments.ts';
import type { App, Command } from './command.ts';

/** Shows the runs of an experiment, '' for all: as a table, as charts, or beside each other. */
export function openRuns(app: App, experiment: string, { tab, state }: Pick<PageAddress, 'tab' | 'state'> = {}): void {
  const title = experiment.length > 40 ? `${experiment.slice(0, 39)}…` : experiment;
  app.panels.open(
    { page: 'runs', name: experiment, ...(tab ? { tab } : {}), ...(state ? { state } : {}) },
    experiment ? `Runs: ${title}` : 'All Runs',
  );
}

/** For an experiment of the Jobs view, one by name, else one that the user chooses. */
export const runsOpen: Command = {
  id: 'updraft.runs.open',
  async run(app, argument, tab) {
    const experiment =
      typeof argument === 'string'
        ? argument
        : (argument as ExperimentNode | undefined)?.kind === 'experiment'
          ? (argument as ExperimentNode).name
          : await choose(app);
    openRuns(app, experiment, typeof tab === 'string' ? { tab } : {});
  },
};

async function choose(app: App): Promise<string> {
  const client = await app.plane.client();
  const { experiments = [] } = await client.searchExperiments(undefined, 1000);
  const items: (QuickPickItem & { name: string })[] = [
    ...experiments
      .sort((a, b) => (b.last_update_time ?? 0) - (a.last_update_time ?? 0))
      .map(({ name }) => ({ label: `$(beaker) ${name}`, name })),
    { label: '$(list-unordered) All runs', description: 'of every experiment', name: '' },
  ];
  const chosen = await window.showQuickPick(items, { title: 'Open the runs of an experiment', placeHolder: 'Choose an experiment' });
  return chosen?.name ?? cancelled();
}
