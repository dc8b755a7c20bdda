import { window } from 'vscode';
import { type JobStatus, runningStatuses, waitingStatuses } from '../../protocol/job.ts';
import { jobIcon } from '../views/jobIcon.ts';
import { cancelled } from './arguments.ts';
import type { Command } from './command.ts';

const groups: { label: string; status: readonly JobStatus[] }[] = [
  { label: 'Running', status: runningStatuses },
  { label: 'Queued', status: waitingStatuses },
  { label: 'Completed', status: ['Completed'] },
  { label: 'Failed', status: ['Failed'] },
  { label: 'Canceled', status: ['Canceled'] },
];

export const jobsFilterByStatus: Command = {
  id: 'updraft.jobs.filterByStatus',
  async run(app) {
    const { status: now = [], archived, ...rest } = app.jobs.filter;
    const items = [
      ...groups.map((group) => ({
        ...group,
        iconPath: jobIcon(group.status.at(-1)),
        picked: group.status.every((each) => now.includes(each)),
      })),
      { label: 'Archived', description: 'instead of the others', status: [], picked: archived ?? false },
    ];
    const chosen = await window.showQuickPick(items, { title: 'Show jobs by status', canPickMany: true, placeHolder: 'None shows all' });
    if (!chosen) cancelled();
    const status = chosen.flatMap((each) => each.status);
    app.jobs.setFilter({
      ...rest,
      ...(status.length ? { status } : {}),
      ...(chosen.some((each) => each.label === 'Archived') ? { archived: true } : {}),
    });
    app.showFilters();
  },
};
