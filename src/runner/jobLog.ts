import type { PlaneClient } from '../client/planeClient.ts';
import { logFile } from '../protocol/jobPlaces.ts';
import { untilReached } from './untilReached.ts';

const pieceSize = 1024 * 1024;
/** Milliseconds in which lines come together before they are sent. */
const gather = 100;
const never = new AbortController().signal;

/** Bytes of a log that the plane has. */
export const sizeOfLog = (client: PlaneClient, job: string, file: string, signal: AbortSignal): Promise<number> =>
  untilReached(signal, () => client.logSize(job, file));

/** Appends lines to a job's log on the plane, in order, one request at a time; what comes meanwhile goes together in the next. */
export class JobLog {
  private readonly client: PlaneClient;
  private readonly job: string;
  private readonly signal: AbortSignal;
  private offset: number;
  /** Lines that were written here; undefined where an earlier runner has written some as well. */
  private lines: number | undefined;
  private waiting: Uint8Array[] = [];
  private timer: NodeJS.Timeout | undefined;
  private sending: Promise<void> | undefined;

  /** `offset`: bytes that the plane has already. Nothing is sent after `signal` has aborted. */
  constructor(client: PlaneClient, job: string, offset: number, signal = never) {
    this.client = client;
    this.job = job;
    this.offset = offset;
    this.lines = offset === 0 ? 0 : undefined;
    this.signal = signal;
  }

  /** Continues after what the plane has already. */
  static async open(client: PlaneClient, job: string, signal = never): Promise<JobLog> {
    return new JobLog(client, job, await sizeOfLog(client, job, logFile, signal), signal);
  }

  line(text: string): void {
    if (this.lines !== undefined) this.lines += text.split('\n').length;
    this.waiting.push(Buffer.from(`${text}\n`));
    this.timer ??= setTimeout(() => {
      // `flush` meets the same trouble, and tells.
      this.send().catch(() => {});
    }, gather);
  }

  /** Settles when everything written so far is on the plane. */
  async flush(): Promise<void> {
    while (this.waiting.length || this.sending) await this.send();
  }

  /** Hands over to who writes the log from now on: what was not sent yet, the size of the log before it, and how many lines all of it has where that is known. */
  async handOver(): Promise<{ offset: number; rest: Uint8Array; lines: number | undefined }> {
    clearTimeout(this.timer);
    await this.sending;
    return { offset: this.offset, rest: Buffer.concat(this.waiting.splice(0)), lines: this.lines };
  }

  private send(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.sending ??= this.sendAll().finally(() => {
      this.sending = undefined;
    });
    return this.sending;
  }

  private async sendAll(): Promise<void> {
    while (this.waiting.length) {
      const all = Buffer.concat(this.waiting.splice(0));
      for (let at = 0; at < all.byteLength; at += pieceSize) {
        const piece = all.subarray(at, at + pieceSize);
        this.offset = (await untilReached(this.signal, () => this.client.appendLog(this.job, logFile, this.offset, piece))).size;
      }
    }
  }
}
