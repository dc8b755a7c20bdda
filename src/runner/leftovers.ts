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
      await CommandProcess.adopt(at)?.kill();
      trash.discard(at);
    } catch (error) {
      logger.error(`what is left of the job ${name}`, error);
    }
  }
}
