import type { PlaneClient } from '../client/planeClient.ts';

/** The log of every command job, as Azure names it. */
export const logFile = 'user_logs/std_log.txt';
const pieceSize = 1024 * 1024;

/** Appends to a job's log on the plane, in order, one request at a time; what comes meanwhile goes together in the next. */
export class JobLog {
  private readonly client: PlaneClient;
  private readonly job: string;
  private offset: number;
  private waiting: Uint8Array[] = [];
  private sending: Promise<void> | undefined;

  constructor(client: PlaneClient, job: string, offset: number) {
    this.client = client;
    this.job = job;
    this.offset = offset;
  }

  /** Continues after what the plane has already. */
  static async open(client: PlaneClient, job: string): Promise<JobLog> {
    return new JobLog(client, job, (await client.readLog(job, logFile)).byteLength);
  }

  line(text: string): void {
    this.write(Buffer.from(`${text}\n`));
  }

  write(bytes: Uint8Array): void {
    if (bytes.byteLength === 0) return;
    this.waiting.push(bytes);
    this.sending ??= this.send();
  }

  /** Settles when everything written so far is on the plane. */
  async flush(): Promise<void> {
    while (this.sending) await this.sending;
  }

  private async send(): Promise<void> {
    await Promise.resolve();
    while (this.waiting.length) {
      const all = Buffer.concat(this.waiting.splice(0));
      for (let at = 0; at < all.byteLength; at += pieceSize) {
        this.offset = (await this.client.appendLog(this.job, logFile, this.offset, all.subarray(at, at + pieceSize))).size;
      }
    }
    this.sending = undefined;
  }
}
