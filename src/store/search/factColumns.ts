import type { RunFacts } from './runSearch.ts';

/** What every search looks at, in memory. */
export class FactColumns implements RunFacts {
  experiments = new Int32Array(0);
  deleted = new Uint8Array(0);
  starts = new Float64Array(0);
  count = 0;

  /** There are runs with serials up to `last`. */
  makeRoom(last: number): void {
    this.count = Math.max(this.count, last + 1);
    const { length } = this.experiments;
    if (last < length) return;
    const size = Math.max(1024, last + 1, Math.floor(length * 1.5));
    const experiments = new Int32Array(size).fill(-1);
    experiments.set(this.experiments);
    this.experiments = experiments;
    const deleted = new Uint8Array(size);
    deleted.set(this.deleted);
    this.deleted = deleted;
    const starts = new Float64Array(size);
    starts.set(this.starts);
    this.starts = starts;
  }

  /** There must be room for it. */
  set(run: number, experiment: number, isDeleted: number, start: number): void {
    this.experiments[run] = experiment;
    this.deleted[run] = isDeleted;
    this.starts[run] = start;
  }

  remove(run: number): void {
    if (run < this.count) this.experiments[run] = -1;
  }

  clear(): void {
    this.count = 0;
    this.experiments.fill(-1);
  }
}
