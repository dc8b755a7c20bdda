import { UserError } from '../../base/userError.ts';
import { titleOf } from '../../protocol/job.ts';
import { jobOf } from '../views/assetItem.ts';
import { versionArgument } from './arguments.ts';
import type { Command } from './command.ts';

/** Lineage: from a version back to the job that made it. */
export const assetOpenJob: Command = {
  id: 'updraft.asset.openJob',
  async run(app, argument) {
    const version = await versionArgument(app, argument);
    const name = jobOf(version);
    if (!name) throw new UserError('NotFound', `No job made ${version.asset.name}:${version.version}.`, 'It was registered from files.');
    const job = await (await app.plane.client()).getJob(name);
    app.panels.open({ page: 'job', name: job.name, tab: 'lineage' }, titleOf(job));
  },
};
