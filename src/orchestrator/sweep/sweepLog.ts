import type { PlaneClient } from '../../client/planeClient.ts';
import { logFile } from '../../protocol/jobPlaces.ts';

/** Appends to a sweep's log on the plane. What could not be sent is sent again, to the same place. */
export class SweepLog {
  private readonly client: PlaneClient;
  private readonly job: string;
  private offset: number | undefined;
  private waiting: string[] = [];
  private sending: Uint8Array | undefined;

  constructor(client: PlaneClient, job: string) {
    this.client = client;
    this.job = job;
  }

  line(text: string): void {
    this.waiting.push(`${text}\n`);
  }

  /** Settles when every line so far is on the plane. */
  async flush(): Promise<void> {
    while (this.sending || this.waiting.length) {
      this.offset ??= await this.client.logSize(this.job, logFile);
      this.sending ??= new TextEncoder().encode(this.waiting.splice(0).join(''));
      this.offset = (await this.client.appendLog(this.job, logFile, this.offset, this.sending)).size;
      this.sending = undefined;
    }
  }
}
