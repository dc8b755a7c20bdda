import { commands } from 'vscode';
import { UserError } from '../../base/userError.ts';
import type { PlaneClient } from '../../client/planeClient.ts';
import { hasWork, type Job, titleOf } from '../../protocol/job.ts';
import { jobArgument } from './arguments.ts';
import type { Command } from './command.ts';

/** Shows what differs between two jobs as YAML: what they ran, with references, defaults and environments resolved. */
export const jobCompareYaml: Command = {
  id: 'updraft.job.compareYaml',
  async run(app, first, second) {
    const before = await jobArgument(app, first, 'Compare the YAML of a job');
    const after = await jobArgument(app, second, `Compare the YAML of ${titleOf(before)} with`);
    const client = await app.plane.client();
    const [older, newer] = [await jobWithWork(client, before), await jobWithWork(client, after)];
    if (older.name === newer.name)
      throw new UserError(
        'NotFound',
        `${titleOf(before)} and ${titleOf(after)} are both of the job ${titleOf(older)}: they have one YAML.`,
      );
    const [old, now] = [
      await app.previews.make({ of: 'run', file: `/${older.name}.yml`, job: older.name }),
      await app.previews.make({ of: 'run', file: `/${newer.name}.yml`, job: newer.name }),
    ];
    if (old.text === now.text) throw new UserError('NotFound', `${titleOf(older)} and ${titleOf(newer)} have the same YAML.`);
    await commands.executeCommand('vscode.diff', old.uri, now.uri, `YAML: ${titleOf(older)} ↔ ${titleOf(newer)}`);
  },
};

/** The job itself; of a run that a script made, the job whose script that was, where it was one's. */
async function jobWithWork(client: PlaneClient, job: Job): Promise<Job> {
  for (let each = job; ; each = await client.getJob(each.properties.parentJobName)) {
    if (hasWork(each)) return each;
    if (!each.properties.parentJobName) return job;
  }
}
