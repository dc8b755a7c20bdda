import type { MetricStore } from '../../store/metrics/metricStore.ts';
import type { Store, WorkspaceStore } from '../../store/store.ts';
import type { Tracer } from './tracer.ts';

/** A database as OpenTelemetry names it. */
export type DatabaseSystem = 'postgresql' | 'sqlite';

const inWrite = <T>(tracer: Tracer, system: DatabaseSystem, what: string, work: () => Promise<T>): Promise<T> =>
  tracer.run(`${what} ${system}`, 'client', (span) => {
    span.attributes['db.system.name'] = system;
    span.attributes['db.operation.name'] = what;
    return work();
  });

/** The same store, of which each write has a span: until it is committed, with the wait for its turn. */
export function tracedStore(store: Store, tracer: Tracer, system: DatabaseSystem): Store {
  const traced = (rows: WorkspaceStore): WorkspaceStore => {
    const write: WorkspaceStore['write'] = (work) => inWrite(tracer, system, 'write', () => rows.write(work));
    const writeAsOf: WorkspaceStore['writeAsOf'] = (work) => inWrite(tracer, system, 'write', () => rows.writeAsOf(work));
    return Object.create(rows, { write: { value: write }, writeAsOf: { value: writeAsOf } }) as WorkspaceStore;
  };
  return Object.create(store, { in: { value: (...asked: Parameters<Store['in']>) => traced(store.in(...asked)) } }) as Store;
}

/** The same metrics, of which what is appended has a span. */
export function tracedMetrics(metrics: MetricStore, tracer: Tracer, system: DatabaseSystem): MetricStore {
  const append: MetricStore['append'] = (...asked) => inWrite(tracer, system, 'append metrics', () => metrics.append(...asked));
  return Object.create(metrics, { append: { value: append } }) as MetricStore;
}
