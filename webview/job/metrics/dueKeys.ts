/** Metric keys that got points, or `any` when a change did not name them. */
export type Keys = ReadonlySet<string> | 'any';

/** The metrics that are to be read next, by job. */
export class DueKeys {
  private due = new Map<string, Keys>();

  /** At first, whatever these jobs have. */
  constructor(jobs: Iterable<string>) {
    for (const job of jobs) this.due.set(job, 'any');
  }

  add(job: string, keys: Iterable<string> | 'any'): void {
    const before = this.due.get(job) ?? [];
    this.due.set(job, keys === 'any' || before === 'any' ? 'any' : new Set([...before, ...keys]));
  }

  /** What is due by now, which is not due any more. */
  take(): Map<string, Keys> {
    const due = this.due;
    this.due = new Map();
    return due;
  }
}
