import { window } from 'vscode';
import { type JobStatus, runningStatuses, waitingStatuses } from '../../protocol/job.ts';
import { stillJobIcon } from '../views/jobIcon.ts';
import { cancelled } from './arguments.ts';
import type { Command } from './command.ts';

const groups: { label: string; icon: JobStatus; status: readonly JobStatus[] }[] = [
  { label: 'Running', icon: 'Running', status: runningStatuses },
  { label: 'Queued', icon: 'Queued', status: waitingStatuses },
  { label: 'Completed', icon: 'Completed', status: ['Completed'] },
  { label: 'Failed', icon: 'Failed', status: ['Failed'] },
  { label: 'Canceled', icon: 'Canceled', status: ['Canceled'] },
];

export const jobsFilterByStatus: Command = {
  id: 'updraft.jobs.filterByStatus',
  async run(app) {
    const { status: now = [], archived, ...rest } = app.jobs.filter;
    const items = [
      ...groups.map((group) => ({
        ...group,
        iconPath: stillJobIcon(group.icon),
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
