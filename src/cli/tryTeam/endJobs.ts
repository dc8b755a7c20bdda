import { ChangeStream } from '../../client/feed/changeStream.ts';
import { allPages, type PlaneClient } from '../../client/planeClient.ts';
import { activeStatuses } from '../../protocol/job.ts';

/** Milliseconds that commands have to end. */
const patience = 15_000;

/** Cancels what runs or waits, and waits until it has ended, for so long at most. */
export async function endJobs(client: PlaneClient): Promise<void> {
  const active = async () =>
    (await Array.fromAsync(allPages((next) => client.listJobs({ status: [...activeStatuses], listViewType: 'All' }, next)))).filter(
      ({ properties }) => activeStatuses.includes(properties.status!),
    );
  for (const { name } of await active()) await client.cancelJob(name).catch(() => {});
  const changes = new ChangeStream(client.http, { kinds: ['job'] });
  const late = Promise.withResolvers<void>();
  const timer = setTimeout(late.resolve, patience);
  try {
    const ended = new Promise<void>((resolve, reject) => {
      const look = () => {
        active().then((left) => left.length === 0 && resolve(), reject);
      };
      changes.onDidChangeState((state) => state === 'live' && look());
      changes.onDidChange(look);
    });
    await Promise.race([ended, late.promise]);
  } finally {
    clearTimeout(timer);
    changes.dispose();
  }
}
