/**
 * Runs one command by an executor of its own, in a control group that the caller has limited: `FOLDER CGROUP COMMAND`. Prints how the command ended, as JSON.
 * A process of its own, because a shortage of memory may hit whoever is in the group.
 */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { ProcessExecutor } from '../../src/runner/executors/process/processExecutor.ts';

const [folder = '', group = '', command = ''] = process.argv.slice(2);
writeFileSync(path.join(group, 'cgroup.procs'), String(process.pid));
const executor = new ProcessExecutor(path.join(folder, 'jobs'));
const signal = new AbortController().signal;
const variables = { PATH: process.env.PATH ?? '' };
const task = { id: 'hungry', packages: undefined, note: '' };
const handle = await executor.submit(task, { command, cwd: folder, variables, spread: undefined }, signal);
for await (const news of executor.observe(() => [handle], signal)) {
  if (news.phase !== 'ended') continue;
  console.log(JSON.stringify(news));
  break;
}
executor.dispose();
