import type { StoreReader, StoreWriter } from '../../../../store/store.ts';

/** Notes that a trace belongs to a run, besides the one that it was made in. */
export function linkTrace(writer: StoreWriter, trace: string, run: string): void {
  writer.entities.put({ kind: 'traceLink', id: `${trace} ${run}`, scope: trace, at: Date.now(), body: { run } });
}

export const linkedRuns = (reader: StoreReader, trace: string): string[] =>
  reader.entities.list('traceLink', trace).map(({ body }) => body.run as string);

export function unlinkTrace(writer: StoreWriter, trace: string): void {
  writer.entities.deleteAll('traceLink', trace);
}
