import { mkdirSync, readdirSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { mapParallel } from '../base/parallel.ts';
import type { PlaneClient } from '../client/planeClient.ts';
import { filesBelow } from '../files/filesBelow.ts';
import { artifactContainer } from '../protocol/asset.ts';
import { artifactFolder } from '../protocol/jobPlaces.ts';
import { uploadFile } from '../transfer/uploadFile.ts';

/**
 * Folders in which a command finds itself, and whose files become artifacts of its run: Azure ML's convention, without any declaration.
 * https://learn.microsoft.com/azure/machine-learning/how-to-save-write-experiment-files
 */
const names = ['outputs', 'logs'];
/** Milliseconds between two looks while the command runs; a look at many files is followed by a longer pause. */
const lookEvery = 2000;
/** A larger file, in bytes, is sent while the command runs only when it was the same at two looks: something may still write to it. */
const small = 10_000_000;
/** Files that are sent at the same time. */
const parallel = 4;

/** The folders `outputs` and `logs` of a command's working directory. */
export class KeptFolders {
  private readonly client: PlaneClient;
  private readonly job: string;
  private readonly cwd: string;
  /** What a file was like at the last look, and when it was sent. */
  private readonly seen = new Map<string, string>();
  private readonly sent = new Map<string, string>();
  private timer: NodeJS.Timeout | undefined;
  private looking: Promise<void> = Promise.resolve();
  private isOver = false;

  /** `cwd`: the command's working directory, as this machine sees it. */
  constructor(client: PlaneClient, job: string, cwd: string) {
    this.client = client;
    this.job = job;
    this.cwd = cwd;
  }

  /** Makes the folders, unless the job's own code has something else under their names. */
  static make(cwd: string): void {
    for (const name of names)
      try {
        mkdirSync(path.join(cwd, name));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      }
  }

  /** Sends what is new, again and again, until `finish` or until the signal aborts. What fails is tried again at the next look. */
  watch(signal: AbortSignal): void {
    const next = (ms: number) => {
      if (this.isOver || signal.aborted) return;
      this.timer = setTimeout(() => {
        const began = performance.now();
        this.looking = this.send(false, signal).catch(() => {});
        this.looking.then(
          () => next(Math.max(lookEvery, 10 * (performance.now() - began))),
          () => {},
        );
      }, ms).unref();
    };
    next(lookEvery);
  }

  /** Call when the command has ended. Settles when all that it left is sent; throws what the plane or the disk says. */
  async finish(signal: AbortSignal): Promise<void> {
    this.stop();
    await this.looking;
    await this.send(true, signal);
  }

  /** Looks no more. */
  stop(): void {
    this.isOver = true;
    clearTimeout(this.timer);
  }

  private async send(isLast: boolean, signal: AbortSignal): Promise<void> {
    const files: string[] = [];
    for (const name of names) files.push(...(await filesIn(path.join(this.cwd, name))).map((file) => `${name}/${file}`));
    await mapParallel(files, parallel, async (file) => {
      if ((this.isOver && !isLast) || signal.aborted) return;
      const local = path.join(this.cwd, file);
      const found = await stat(local).catch(() => undefined);
      if (!found) return;
      const state = `${found.mtimeMs} ${found.size}`;
      const isSteady = this.seen.get(file) === state;
      this.seen.set(file, state);
      if (this.sent.get(file) === state || (!isLast && found.size > small && !isSteady)) return;
      try {
        await uploadFile(this.client, artifactContainer, `${artifactFolder(this.job)}/${file}`, local, signal);
        this.sent.set(file, state);
      } catch (error) {
        // Gone meanwhile, as files do that a program replaces.
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      }
    });
  }
}

/** None where the command has removed the folder, or made something else of it. */
async function filesIn(folder: string): Promise<string[]> {
  try {
    // Most commands leave the folders empty, and most are short: that costs them microseconds.
    return readdirSync(folder).length ? await filesBelow(folder) : [];
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code!)) return [];
    throw error;
  }
}
