import { commands } from 'vscode';
import { UserError } from '../../base/userError.ts';
import { titleOf } from '../../protocol/job.ts';
import { jobArgument } from './arguments.ts';
import type { Command } from './command.ts';

/** Shows what differs between two jobs as YAML: what they ran, with references, defaults and environments resolved. */
export const jobCompareYaml: Command = {
  id: 'updraft.job.compareYaml',
  async run(app, first, second) {
    const before = await jobArgument(app, first, 'Compare the YAML of a job');
    const after = await jobArgument(app, second, `Compare the YAML of ${titleOf(before)} with`);
    const [old, now] = [
      await app.previews.make({ of: 'run', file: `/${before.name}.yml`, job: before.name }),
      await app.previews.make({ of: 'run', file: `/${after.name}.yml`, job: after.name }),
    ];
    if (old.text === now.text) throw new UserError('NotFound', `${titleOf(before)} and ${titleOf(after)} have the same YAML.`);
    await commands.executeCommand('vscode.diff', old.uri, now.uri, `YAML: ${titleOf(before)} ↔ ${titleOf(after)}`);
  },
};
