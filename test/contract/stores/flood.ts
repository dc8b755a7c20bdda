import { asked, type OpenStores } from '../../unit/store/implementations.ts';
import { addJob, rowsOf } from '../../unit/store/stores.ts';

/** Lanes of the flood: each writes 1, 2, 3, …, one after the other; together they write all the time. Those with rows write several in one write. */
export const rowLanes = ['a', 'b', 'c'];
export const metricLanes = ['m', 'n'];
/** The job that all write to. */
export const flooded = 'flooded';

/** Writes as fast as the store takes it, and tells of each write that was answered. */
export function flood(stores: OpenStores, from: Record<string, number>, acknowledged: (lane: string, n: number) => void): void {
  const rows = rowsOf(stores);
  const write = (lane: string, n: number): Promise<void> =>
    metricLanes.includes(lane)
      ? stores.metrics.append(asked, flooded, [{ key: lane, step: n, at: n, value: n }])
      : rows.write(async (writer) => {
          await writer.putResource({ kind: 'models', name: lane, version: String(n), properties: { n } });
          await addJob(writer, `${lane}${n}`);
          await writer.setTag(flooded, lane, String(n));
          await writer.putBlob('c', `${lane}/${n}`, `sha ${lane} ${n}`, n);
          await writer.entities.put({ kind: 'trace', id: `${lane}${n}`, scope: lane, at: n, body: {} });
          // Every seventh is taken back, and what is written next is the same again.
          if (n % 7 === 0 && !undone.has(`${lane}${n}`)) {
            undone.add(`${lane}${n}`);
            throw new Error('undone');
          }
        });
  const undone = new Set<string>();
  for (const lane of [...rowLanes, ...metricLanes])
    void (async () => {
      for (let n = from[lane]! + 1; ; n++) {
        await write(lane, n).catch(async (error: Error) => {
          if (error.message !== 'undone') throw error;
          await write(lane, n);
        });
        acknowledged(lane, n);
      }
    })();
}
