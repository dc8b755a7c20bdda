import { closeSync, fstatSync, openSync, readFileSync, readSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { PlaneClient } from '../client/planeClient.ts';
import { logFile } from '../protocol/jobPlaces.ts';

/** Milliseconds between looks at the command's output. */
const lookEvery = 150;
const pieceSize = 512 * 1024;
/** Bytes at the end of standard error in which its last lines are looked for. */
const tailSize = 256 * 1024;

interface Cursor {
  /** Size of the job's log before the piece that is being sent. */
  offset: number;
  stdout: [from: number, to: number];
  stderr: [from: number, to: number];
}

/**
 * Carries what a command writes into its files over to the job's log, standard output and error in the order they were seen. The cursor is noted before each
 * piece is sent, so that the next runner sends the same bytes to the same place: nothing is lost or doubled.
 */
export class LogTail {
  private readonly client: PlaneClient;
  private readonly job: string;
  private readonly folder: string;
  private cursor: Cursor;
  private timer: NodeJS.Timeout | undefined;
  private busy: Promise<void> = Promise.resolve();

  constructor(client: PlaneClient, job: string, folder: string, offset: number) {
    this.client = client;
    this.job = job;
    this.folder = folder;
    this.cursor = readCursor(folder) ?? { offset, stdout: [0, 0], stderr: [0, 0] };
  }

  start(): void {
    this.timer = setInterval(() => {
      this.busy = this.busy.then(() => this.carry()).catch(() => {});
    }, lookEvery);
  }

  /** Carries the rest. Call after the command ended. */
  async finish(): Promise<void> {
    clearInterval(this.timer);
    await this.busy;
    await this.carry(true);
  }

  stop(): void {
    clearInterval(this.timer);
  }

  /** Sends what the noted cursor stands for, then all that came since. `isWhole`: nothing more will come. */
  private async carry(isWhole = false): Promise<void> {
    for (;;) {
      const bytes = Buffer.concat([this.read('stdout.log', this.cursor.stdout), this.read('stderr.log', this.cursor.stderr)]);
      const size = bytes.byteLength ? (await this.client.appendLog(this.job, logFile, this.cursor.offset, bytes)).size : this.cursor.offset;
      const stdout = this.grown('stdout.log', this.cursor.stdout[1]);
      const stderr = this.grown('stderr.log', this.cursor.stderr[1]);
      const isFirst = this.cursor.stdout[1] === 0 && this.cursor.stderr[1] === 0;
      this.cursor = { offset: size, stdout: [stdout.from, stdout.to], stderr: [stderr.from, stderr.to] };
      if (stdout.from === stdout.to && stderr.from === stderr.to) return;
      // A piece that is all there ever is needs no note: the next runner would cut the same one.
      if (!(isWhole && isFirst && stdout.isAll && stderr.isAll))
        writeFileSync(path.join(this.folder, 'tail.json'), JSON.stringify(this.cursor));
    }
  }

  private grown(file: string, from: number): { from: number; to: number; isAll: boolean } {
    const { size } = statSync(path.join(this.folder, file));
    const to = Math.min(size, from + pieceSize);
    return { from, to, isAll: to === size };
  }

  private read(file: string, [from, to]: [number, number]): Buffer {
    if (to <= from) return Buffer.alloc(0);
    const handle = openSync(path.join(this.folder, file), 'r');
    try {
      const buffer = Buffer.alloc(to - from);
      return buffer.subarray(0, readSync(handle, buffer, 0, to - from, from));
    } finally {
      closeSync(handle);
    }
  }
}

function readCursor(folder: string): Cursor | undefined {
  try {
    return JSON.parse(readFileSync(path.join(folder, 'tail.json'), 'utf8'));
  } catch {
    return undefined;
  }
}

/** The last lines that a command wrote to standard error. */
export function stderrTail(folder: string, lines = 20): string[] {
  let handle: number | undefined;
  try {
    handle = openSync(path.join(folder, 'stderr.log'), 'r');
    const { size } = fstatSync(handle);
    const start = Math.max(0, size - tailSize);
    const buffer = Buffer.alloc(size - start);
    const text = buffer
      .subarray(0, readSync(handle, buffer, 0, buffer.byteLength, start))
      .toString('utf8')
      .trimEnd();
    const found = text ? text.split(/\r?\n/) : [];
    // The cut falls somewhere inside a line.
    return (start > 0 && found.length > 1 ? found.slice(1) : found).slice(-lines);
  } catch {
    return [];
  } finally {
    if (handle !== undefined) closeSync(handle);
  }
}
