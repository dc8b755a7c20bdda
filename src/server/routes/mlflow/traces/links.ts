import type { StoreReader, StoreWriter } from '../../../../store/store.ts';

/** Notes that a trace belongs to a run, besides the one that it was made in. */
export async function linkTrace(writer: StoreWriter, trace: string, run: string): Promise<void> {
  await writer.entities.put({ kind: 'traceLink', id: `${trace} ${run}`, scope: trace, at: Date.now(), body: { run } });
}

export const linkedRuns = async (reader: StoreReader, trace: string): Promise<string[]> =>
  (await reader.entities.list('traceLink', trace)).map(({ body }) => body.run as string);

export async function unlinkTrace(writer: StoreWriter, trace: string): Promise<void> {
  await writer.entities.deleteAll('traceLink', trace);
}
