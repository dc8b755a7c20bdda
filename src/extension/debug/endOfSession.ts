import { type DebugSession, type Disposable, debug } from 'vscode';
import { aside } from '../../base/aside.ts';
import type { Logger } from '../../base/logger.ts';
import type { PlaneClient } from '../../client/planeClient.ts';
import { debugTag } from '../../protocol/debugLaunch.ts';
import { debugType } from './debugType.ts';

/** A step whose debug session is stopped has no time to end its MLflow run, which would be shown as running for ever. So it is ended here. */
export const endOfSession = (connect: () => Promise<PlaneClient>, logger: Pick<Logger, 'error'>): Disposable =>
  debug.onDidTerminateDebugSession(({ type, configuration }: DebugSession) => {
    if (type === debugType && typeof configuration.job === 'string')
      aside('the run of a debugged step', endRunsOf(configuration.job, connect), logger);
  });

async function endRunsOf(job: string, connect: () => Promise<PlaneClient>): Promise<void> {
  const client = await connect();
  const { value } = await client.listJobs({ status: ['Running'], top: 1000 });
  for (const { name, properties } of value) if (properties.tags?.[debugTag] === job) await client.endRun(name, 'KILLED');
}
