import { window } from 'vscode';
import { UserError } from '../../base/userError.ts';
import { titleOf } from '../../protocol/job.ts';
import type { JobNode } from '../state/jobs.ts';
import { cancelled } from './arguments.ts';
import type { App, Command } from './command.ts';
import { openRuns } from './runsOpen.ts';

/** Runs that can stand beside each other. */
const most = 20;

/** Shows jobs beside each other: those that are selected in the Jobs view, else those that the user chooses. */
export const runsCompare: Command = {
  id: 'updraft.runs.compare',
  async run(app, argument, selection) {
    const nodes = (Array.isArray(selection) && selection.length > 1 ? selection : [argument]) as (JobNode | undefined)[];
    const given = nodes.flatMap((node) => (node?.kind === 'job' ? [node.job] : []));
    const jobs = given.length > 1 ? given : await choose(app, given[0]?.name);
    if (jobs.length < 2 || jobs.length > most)
      throw new UserError('InvalidArgument', `${jobs.length} runs can't be compared.`, `Select 2 to ${most} of them.`);
    const experiments = new Set(jobs.map(({ properties }) => properties.experimentName ?? 'Default'));
    openRuns(app, experiments.size === 1 ? [...experiments][0]! : '', {
      tab: 'compare',
      state: { selected: jobs.map(({ name }) => name) },
    });
  },
};

async function choose(app: App, first: string | undefined) {
  const client = await app.plane.client();
  const { value } = await client.listJobs({ top: 200 });
  const items = value.map((job) => ({
    label: titleOf(job),
    description: job.properties.experimentName ?? '',
    detail: job.name,
    picked: job.name === first,
    job,
  }));
  const chosen = await window.showQuickPick(items, {
    title: 'Compare runs',
    placeHolder: `Choose 2 to ${most}`,
    canPickMany: true,
    matchOnDescription: true,
    matchOnDetail: true,
  });
  return chosen ? chosen.map(({ job }) => job) : cancelled();
}
