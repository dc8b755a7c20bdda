import { startPlaneProcess } from './planeProcess.ts';
import { artifact, log, metric, param, tag, written } from './writesOfAllSorts.ts';

/** What 8 writers were promised, and what of it the plane has in the end. */
export interface Toll {
  acknowledged: number;
  lost: string[];
  doubled: string[];
}

/**
 * Starts the plane in `folder` and kills it with SIGKILL `rounds` times at random points, while 8 writers write four sorts of things through it as fast as
 * they can. A write that a kill cut off is tried again by the next round, as a client does.
 */
export async function killUnderWriters(folder: string, rounds: number): Promise<Toll> {
  const sorts = [metric, metric, metric, param, tag, artifact, artifact, log()];
  const acknowledged = sorts.map(() => [] as number[]);
  const interrupted: (number | undefined)[] = sorts.map(() => undefined);
  let next = 0;
  let total = 0;
  for (let round = 0; round < rounds; round++) {
    const plane = await startPlaneProcess(folder, ['--no-runner']);
    if (round === 0) await plane.client.putJob(written, { jobType: 'Command', command: 'true', environmentId: '' });
    // The kill falls upon an answer to one writer, wherever the plane then is in its work for the other seven.
    const enough = total + 20 + Math.floor(Math.random() * 100);
    let killed: Promise<void> | undefined;
    await Promise.all(
      sorts.map(async (sort, writer) => {
        while (!killed) {
          const id = interrupted[writer] ?? next++;
          interrupted[writer] = id;
          try {
            await sort.write(plane.client, id);
          } catch (error) {
            if (killed) return;
            throw error;
          }
          interrupted[writer] = undefined;
          acknowledged[writer]!.push(id);
          if (++total >= enough) killed ??= plane.kill();
        }
      }),
    );
    await killed;
  }

  const plane = await startPlaneProcess(folder, ['--no-runner']);
  const lost: string[] = [];
  const doubled: string[] = [];
  for (const [writer, sort] of sorts.entries()) {
    const present = await sort.present(plane.client);
    const once = new Set(present);
    lost.push(...acknowledged[writer]!.filter((id) => !once.has(id)).map((id) => `writer ${writer}: ${id}`));
    if (once.size !== present.length) doubled.push(`writer ${writer}: ${present.length - once.size}`);
  }
  await plane.kill();
  return { acknowledged: total, lost, doubled };
}
