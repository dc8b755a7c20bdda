import { setTimeout as delay } from 'node:timers/promises';
import type { PlaneClient } from '../client/planeClient.ts';
import type { Executor, Handle } from './executors/executor.ts';
import { untilReached } from './untilReached.ts';

/** Milliseconds after which the preface is sent although the command has written nothing. */
const patience = 150;
/** Milliseconds until an append is repeated that the plane refused, as when its disk is full. */
const retryAfter = 1000;
/** Bytes of output that are looked at to say why a command failed. */
const lastBytes = 64 * 1024;

/** Where a log goes on. */
export interface LogStart {
  /** Bytes of the log before the preface. */
  offset: number;
  /** What stands in the log before the command's own output. */
  preface: Uint8Array;
  /** Bytes of the log that the plane has. */
  size: number;
}

/**
 * Copies the output of one process of a command to a log of its job. The log is the preface followed by the output, byte for byte. After a cut, the size of the log on the plane says where
 * to continue, so nothing is lost or doubled.
 */
export class LogTail {
  private readonly client: PlaneClient;
  private readonly job: string;
  private readonly file: string;
  private readonly executor: Executor;
  private readonly handle: Handle;
  private readonly rank: number;
  private readonly start: number;
  private preface: Uint8Array;
  private size: number;
  private readonly ended = new AbortController();
  private readonly signal: AbortSignal;
  private appending: Promise<void> = Promise.resolve();
  private readonly carried: Promise<void>;

  /** `signal` ends it at once; what was not carried by then is the next runner's. */
  constructor(
    client: PlaneClient,
    job: string,
    file: string,
    executor: Executor,
    handle: Handle,
    rank: number,
    { offset, preface, size }: LogStart,
    signal: AbortSignal,
  ) {
    this.client = client;
    this.job = job;
    this.file = file;
    this.executor = executor;
    this.handle = handle;
    this.rank = rank;
    this.signal = signal;
    this.start = offset + preface.byteLength;
    this.preface = preface.subarray(Math.max(0, size - offset));
    this.size = size;
    this.carried = this.carry();
    this.carried.catch(() => {});
  }

  /** Call after the command ended. Settles when the rest is on the plane; answers the size of the log. */
  async finish(): Promise<number> {
    this.ended.abort();
    await this.carried;
    return this.size;
  }

  /** The last lines of what was carried, at most `count`. */
  async lastLines(count: number): Promise<string[]> {
    const pieces: Uint8Array[] = [];
    const from = Math.max(0, this.size - this.start - lastBytes);
    for await (const piece of this.executor.logs(this.handle, this.rank, from, this.signal)) pieces.push(piece);
    const text = Buffer.concat(pieces).toString('utf8').trimEnd();
    const lines = text ? text.split(/\r?\n/) : [];
    // The cut falls somewhere inside a line.
    return (from > 0 && lines.length > 1 ? lines.slice(1) : lines).slice(-count);
  }

  private async carry(): Promise<void> {
    const timer = setTimeout(() => {
      this.append(new Uint8Array()).catch(() => {});
    }, patience);
    try {
      const from = Math.max(0, this.size - this.start);
      for await (const piece of this.executor.logs(this.handle, this.rank, from, this.signal)) await this.append(piece);
      await this.append(new Uint8Array());
    } finally {
      clearTimeout(timer);
    }
  }

  /** One after the other; what is left of the preface goes first. */
  private append(piece: Uint8Array): Promise<void> {
    const appended = this.appending.then(async () => {
      const bytes = this.preface.byteLength ? Buffer.concat([this.preface, piece]) : piece;
      this.preface = new Uint8Array();
      if (bytes.byteLength) await this.send(bytes);
    });
    this.appending = appended.catch(() => {});
    return appended;
  }

  /** While the command runs, a plane that refuses to take more is asked again. After its end that counts. */
  private async send(bytes: Uint8Array): Promise<void> {
    for (;;) {
      try {
        this.size = (await untilReached(this.signal, () => this.client.appendLog(this.job, this.file, this.size, bytes))).size;
        return;
      } catch (error) {
        if (this.ended.signal.aborted || this.signal.aborted) throw error;
        await delay(retryAfter, undefined, { signal: this.ended.signal }).catch(() => {});
      }
    }
  }
}
