import type { PlaneClient } from '../../src/client/planeClient.ts';
import { blobContainer } from '../../src/protocol/asset.ts';
import { logFile } from '../../src/protocol/jobPlaces.ts';

/** The job that all is written to. */
export const written = 'written';

/** One sort of write: `write` is done when the plane answered; `present` lists what is there, twice what is there twice. */
export interface Sort {
  write(client: PlaneClient, id: number): Promise<unknown>;
  present(client: PlaneClient): Promise<number[]>;
}

export const metric: Sort = {
  write: (client, id) => client.logBatch(written, { metrics: [{ key: 'm', value: id, timestamp: id, step: id }] }),
  present: async (client) => (await client.metricSeries(written, ['m'], 100_000)).series[0]?.steps ?? [],
};
const numbered = (names: string[], prefix: string) =>
  names.filter((name) => name.startsWith(prefix)).map((name) => Number(name.slice(prefix.length)));
export const param: Sort = {
  write: (client, id) => client.logBatch(written, { params: [{ key: `p${id}`, value: String(id) }] }),
  present: async (client) =>
    numbered(
      ((await client.getRun(written)).run.data.params ?? []).map(({ key }) => key),
      'p',
    ),
};
export const tag: Sort = {
  write: (client, id) => client.patchJob(written, { tags: { [`t${id}`]: 'x' } }),
  present: async (client) => numbered(Object.keys((await client.getJob(written)).properties.tags ?? {}), 't'),
};
export const artifact: Sort = {
  write: (client, id) => client.writeBlob(blobContainer, `written/a${id}`, `content ${id}`),
  present: async (client) =>
    numbered(
      (await client.listBlobs(blobContainer, 'written', { recursive: true })).entries.map(({ path }) => path),
      'a',
    ),
};
/** Appends at the place that the last answer named, as runners do: what had arrived before a kill is sent again, and must not stand there twice. */
export function log(file: string = logFile): Sort {
  let offset = 0;
  return {
    async write(client, id) {
      const line = Buffer.from(`${String(id).padStart(8, '0')}\n`);
      const { size } = await client.appendLog(written, file, offset, line);
      if (size < offset + line.byteLength) throw new Error('The log is shorter than was acknowledged.');
      offset += line.byteLength;
    },
    present: async (client) =>
      Buffer.from(await client.readLog(written, file))
        .toString('utf8')
        .trim()
        .split('\n')
        .map(Number),
  };
}
