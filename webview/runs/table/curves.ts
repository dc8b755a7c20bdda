import { Emitter } from '../../../src/base/event.ts';
import type { SeriesPart } from '../../../src/protocol/seriesParts.ts';
import { curvePath } from '../../shared/chart/curvePath.ts';

export const curveWidth = 92;
export const curveHeight = 16;
/** Points of a curve: about one for three pixels. */
export const curvePoints = 32;
/** Curves that are kept. */
const most = 5000;

/** Curves in miniature, read when they come into view, and again after their run got points. */
export class Curves {
  private readonly read: (jobs: string[], keys: string[]) => AsyncIterable<SeriesPart>;
  private readonly changed = new Emitter<void>();
  readonly onDidChange = this.changed.event;
  /** By run and metric: the path to draw; '' for a run that has no such metric. */
  private readonly paths = new Map<string, string>();
  private readonly stale = new Set<string>();
  private readonly versions = new Map<string, number>();
  private view: { runs: readonly string[]; keys: readonly string[] } = { runs: [], keys: [] };
  private isReading = false;
  version = 0;

  constructor(read: (jobs: string[], keys: string[]) => AsyncIterable<SeriesPart>) {
    this.read = read;
  }

  path(run: string, key: string): string | undefined {
    return this.paths.get(nameOf(run, key));
  }

  /** Another number whenever a curve of the run is another. */
  versionOf(run: string): number {
    return this.versions.get(run) ?? 0;
  }

  /** The runs and metrics whose curves are in view. */
  async show(runs: readonly string[], keys: readonly string[]): Promise<void> {
    this.view = { runs, keys };
    if (this.isReading) return;
    this.isReading = true;
    try {
      for (;;) {
        const lacks = (run: string, key: string) => !this.paths.has(nameOf(run, key)) || this.stale.has(nameOf(run, key));
        const wanted = [...this.view.keys].filter((key) => this.view.runs.some((run) => lacks(run, key)));
        const jobs = this.view.runs.filter((run) => wanted.some((key) => lacks(run, key)));
        if (jobs.length === 0) return;
        for (const job of jobs) for (const key of wanted) this.stale.delete(nameOf(job, key));
        const found = new Map<string, string>();
        for await (const part of this.read(jobs, wanted))
          found.set(nameOf(part.job, part.key), curvePath(part.values, curveWidth, curveHeight));
        for (const job of jobs) {
          this.versions.set(job, this.versionOf(job) + 1);
          for (const key of wanted) this.paths.set(nameOf(job, key), found.get(nameOf(job, key)) ?? '');
        }
        for (const name of this.paths.keys()) {
          if (this.paths.size <= most) break;
          this.paths.delete(name);
        }
        this.version++;
        this.changed.fire();
      }
    } finally {
      this.isReading = false;
    }
  }

  /** A run got points of some metrics; undefined: of any. */
  note(run: string, keys: readonly string[] | undefined): void {
    for (const key of keys ?? this.view.keys) if (this.paths.has(nameOf(run, key))) this.stale.add(nameOf(run, key));
  }

  /** Reads what is in view and may be old. */
  refresh(): Promise<void> {
    return this.show(this.view.runs, this.view.keys);
  }
}

const nameOf = (run: string, key: string) => `${run}\n${key}`;
