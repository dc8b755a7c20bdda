import type { RunnerContext } from './runnerContext.ts';

/** Milliseconds that a command gets to end itself when its job is not this runner's any more: who has it now should find the machine free. */
const grace = 2000;

/** Ends the commands, and removes the folders, of jobs that an earlier runner of this folder had and that are not its own any more: they have ended, or others have them. */
export async function endLeftovers(context: RunnerContext, own: ReadonlySet<string>): Promise<void> {
  for (const name of await context.executor.placed()) if (!own.has(name)) await endCommand(context, name);
}

/** Ends what runs of a job, if anything does, and removes its folder. Trouble with it is logged. */
export async function endCommand({ executor, logger }: RunnerContext, job: string): Promise<void> {
  try {
    const handle = await executor.find(job);
    if (handle) await executor.stop(handle, grace);
    await executor.remove(job);
  } catch (error) {
    logger.error(`what is left of the job ${job}`, error);
  }
}
