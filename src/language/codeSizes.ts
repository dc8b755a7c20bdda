import { aside } from '../base/aside.ts';
import { Emitter } from '../base/event.ts';
import type { Logger } from '../base/logger.ts';
import type { SnapshotSize } from '../spec/snapshotSize.ts';
import { snapshotFiles, snapshotSizeInSlices } from '../submit/snapshotFiles.ts';

/** Milliseconds after which a folder is measured again, and how many times as long as it took that is at least. */
const freshMs = 5000;
const pause = 50;

interface Measured {
  folder: string;
  value: SnapshotSize | undefined;
  /** When it is measured again, if asked for. */
  until: number;
  isRunning: boolean;
}

/** What code folders come to, measured beside everything else: the answer is there at once or with `onDidChange`. */
export class CodeSizes {
  private readonly known = new Map<string, Measured>();
  private readonly logger: Pick<Logger, 'error'>;
  private readonly changes = new Emitter<void>();
  /** A folder has another size than was said before. */
  readonly onDidChange = this.changes.event;

  constructor(logger: Pick<Logger, 'error'>) {
    this.logger = logger;
  }

  of = (folder: string, includes: readonly string[]): SnapshotSize | undefined => {
    const key = JSON.stringify([folder, ...includes]);
    let measured = this.known.get(key);
    if (!measured) {
      measured = { folder, value: undefined, until: 0, isRunning: false };
      this.known.set(key, measured);
    }
    if (!measured.isRunning && performance.now() >= measured.until)
      aside(`size of ${folder}`, this.measure(measured, includes), this.logger);
    return measured.value;
  };

  /** A file changed: the folders that have it are measured again when next asked for. */
  outdate(file: string): void {
    for (const measured of this.known.values()) if (file.startsWith(`${measured.folder}/`)) measured.until = 0;
  }

  private async measure(measured: Measured, includes: readonly string[]): Promise<void> {
    measured.isRunning = true;
    // What asked for it goes on first.
    await new Promise((resolve) => setImmediate(resolve));
    const started = performance.now();
    const before = measured.value;
    // A folder that can't be read has no size.
    measured.value = await snapshotSizeInSlices(snapshotFiles(measured.folder, includes)).catch(() => undefined);
    measured.isRunning = false;
    measured.until = performance.now() + Math.max(freshMs, pause * (performance.now() - started));
    if (before?.size !== measured.value?.size) this.changes.fire();
  }
}
