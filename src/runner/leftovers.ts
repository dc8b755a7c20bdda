import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { CommandProcess } from './executors/process.ts';
import type { RunnerContext } from './runnerContext.ts';

/** Ends the commands, and removes the folders, of jobs that an earlier runner of this folder had and that are not its own any more: they have ended, or others have them. */
export async function endLeftovers({ folder, logger, trash }: RunnerContext, own: ReadonlySet<string>): Promise<void> {
  const jobs = path.join(folder, 'jobs');
  for (const name of await readdir(jobs)) {
    if (own.has(name)) continue;
    const at = path.join(jobs, name);
    try {
      const command = CommandProcess.adopt(at);
      // Of one that has ended, the number may be another process's by now.
      if (command && (await isRunning(command))) await command.kill();
      trash.discard(at);
    } catch (error) {
      logger.error(`what is left of the job ${name}`, error);
    }
  }
}

const isRunning = ({ ended }: CommandProcess): Promise<boolean> =>
  Promise.race([
    ended.then(
      () => false,
      () => false,
    ),
    new Promise<boolean>((resolve) => setImmediate(() => resolve(true))),
  ]);
