import { ChangeStream } from '../client/feed/changeStream.ts';
import type { PlaneClient } from '../client/planeClient.ts';
import { isTerminal, type Job } from '../protocol/job.ts';

/** The job when it has ended, or as it is after `seconds`. */
export async function untilEnd(client: PlaneClient, name: string, seconds: number, signal: AbortSignal): Promise<Job> {
  const job = await client.getJob(name, signal);
  if (seconds === 0 || isTerminal(job.properties.status!)) return job;
  const over = AbortSignal.any([signal, AbortSignal.timeout(seconds * 1000)]);
  const changes = new ChangeStream(client.http, { kinds: ['job'] });
  try {
    return await new Promise<Job>((resolve, reject) => {
      const look = () =>
        client.getJob(name, signal).then((now) => {
          if (isTerminal(now.properties.status!) || over.aborted) resolve(now);
        }, reject);
      over.addEventListener('abort', look, { once: true });
      changes.onDidChangeState((state) => {
        if (state === 'live') look().catch(reject);
      });
      changes.onDidChange(({ id }) => {
        if (id === name) look().catch(reject);
      });
    });
  } finally {
    changes.dispose();
  }
}
