import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { aside } from '../base/aside.ts';
import type { Logger } from '../base/logger.ts';

/** Milliseconds that thrown away folders lie: jobs that run have the disk to themselves first. */
const rest = 1000;

/** Takes folders away at once under their name, and their content from the disk a little later, one after another. */
export class Trash {
  private readonly folder: string;
  private readonly logger: Logger;
  private count = 0;
  private timer: NodeJS.Timeout | undefined;

  /** What an earlier process left there goes too. */
  constructor(folder: string, logger: Logger) {
    this.folder = folder;
    this.logger = logger;
    mkdirSync(folder, { recursive: true });
    this.later();
  }

  /** Afterwards there is nothing at `target`, which lies on the same disk. */
  discard(target: string): void {
    try {
      renameSync(target, path.join(this.folder, `${process.pid}-${Date.now()}-${this.count++}`));
    } catch {
      rmSync(target, { recursive: true, force: true });
    }
    this.later();
  }

  /** Leaves what lies there to the next process. */
  dispose(): void {
    clearTimeout(this.timer);
  }

  private later(): void {
    this.timer ??= setTimeout(() => aside('trash', this.empty(), this.logger), rest).unref();
  }

  private async empty(): Promise<void> {
    try {
      for (const name of await readdir(this.folder)) await rm(path.join(this.folder, name), { recursive: true, force: true });
    } catch (error) {
      this.logger.warn(`${this.folder} could not be emptied: ${error instanceof Error ? error.message : error}`);
    }
    this.timer = undefined;
  }
}
