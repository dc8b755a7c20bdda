import type { PlaneClient } from '../../src/client/planeClient.ts';
import { blobContainer } from '../../src/protocol/asset.ts';
import { logFile } from '../../src/protocol/jobPlaces.ts';
import { startPlaneProcess } from './planeProcess.ts';

/** What 8 writers were promised, and what of it the plane has in the end. */
export interface Toll {
  acknowledged: number;
  lost: string[];
  doubled: string[];
}

const job = 'written';

/** One sort of write: `write` is done when the plane answered; `present` lists what is there, twice what is there twice. */
interface Sort {
  write(client: PlaneClient, id: number): Promise<unknown>;
  present(client: PlaneClient): Promise<number[]>;
}

const metric: Sort = {
  write: (client, id) => client.logBatch(job, { metrics: [{ key: 'm', value: id, timestamp: id, step: id }] }),
  present: async (client) => (await client.metricSeries(job, ['m'], 100_000)).series[0]?.steps ?? [],
};
const numbered = (names: string[], prefix: string) =>
  names.filter((name) => name.startsWith(prefix)).map((name) => Number(name.slice(prefix.length)));
const param: Sort = {
  write: (client, id) => client.logBatch(job, { params: [{ key: `p${id}`, value: String(id) }] }),
  present: async (client) =>
    numbered(
      ((await client.getRun(job)).run.data.params ?? []).map(({ key }) => key),
      'p',
    ),
};
const tag: Sort = {
  write: (client, id) => client.patchJob(job, { tags: { [`t${id}`]: 'x' } }),
  present: async (client) => numbered(Object.keys((await client.getJob(job)).properties.tags ?? {}), 't'),
};
const artifact: Sort = {
  write: (client, id) => client.writeBlob(blobContainer, `written/a${id}`, `content ${id}`),
  present: async (client) =>
    numbered(
      (await client.listBlobs(blobContainer, 'written', { recursive: true })).entries.map(({ path }) => path),
      'a',
    ),
};
/** Appends at the place that the last answer named, as runners do: what had arrived before a kill is sent again, and must not stand there twice. */
function log(): Sort {
  let offset = 0;
  return {
    async write(client, id) {
      const line = Buffer.from(`${String(id).padStart(8, '0')}\n`);
      const { size } = await client.appendLog(job, logFile, offset, line);
      if (size < offset + line.byteLength) throw new Error('The log is shorter than was acknowledged.');
      offset += line.byteLength;
    },
    present: async (client) =>
      Buffer.from(await client.readLog(job, logFile))
        .toString('utf8')
        .trim()
        .split('\n')
        .map(Number),
  };
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
    if (round === 0) await plane.client.putJob(job, { jobType: 'Command', command: 'true', environmentId: '' });
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
