import { setImmediate } from 'node:timers/promises';
import { aside } from '../../base/aside.ts';
import type { Disposable } from '../../base/disposable.ts';
import type { Logger } from '../../base/logger.ts';
import { formatBytes, plural } from '../../base/text.ts';
import type { Timers } from '../../base/timers.ts';
import { type Collected, collectedLine } from './collectedLine.ts';

/** Milliseconds after which what was collected is written. */
const everyMs = 60_000;
/** Bytes of one file, after which it is written at once, and of all that waits; what comes beyond is not kept. */
const fileBytes = 4_000_000;
const mostBytes = 32_000_000;

export interface CollectedFilesOptions {
  /** Keeps a file of a deployment. Throws where it can't. */
  write(deployment: string, path: string, text: string): Promise<void>;
  logger: Pick<Logger, 'warn' | 'error'>;
  timers: Timers;
}

interface Waiting {
  deployment: string;
  folder: string;
  collected: Collected[];
  bytes: number;
}

/**
 * Gathers what is collected in memory, and writes it every minute as files of lines: a content on the plane is whole once it is there, so that each file is a new one. A request waits for
 * none of it. What can't be written is lost, and the log says how much.
 */
export class CollectedFiles {
  private readonly options: CollectedFilesOptions;
  private readonly waiting = new Map<string, Waiting>();
  private bytes = 0;
  private dropped = 0;
  private files = 0;
  private timer: Disposable | undefined;
  private writing: Promise<void> = Promise.resolve();

  constructor(options: CollectedFilesOptions) {
    this.options = options;
  }

  /** `folder` is where its collection lies, without a final slash. */
  add(deployment: string, folder: string, collected: Collected): void {
    // A line has some fields beside the body.
    const size = collected.body.byteLength + 600;
    if (this.bytes + size > mostBytes) {
      this.dropped++;
      return;
    }
    const waiting = this.waiting.get(folder) ?? { deployment, folder, collected: [], bytes: 0 };
    this.waiting.set(folder, waiting);
    waiting.collected.push(collected);
    waiting.bytes += size;
    this.bytes += size;
    if (waiting.bytes >= fileBytes) this.begin();
    this.timer ??= this.options.timers.after(everyMs, () => this.begin());
  }

  /** Writes what waits. Never throws. */
  flush(): Promise<void> {
    this.timer?.dispose();
    this.timer = undefined;
    const all = [...this.waiting.values()];
    this.waiting.clear();
    this.writing = this.writing.then(async () => {
      for (const each of all) {
        await this.write(each);
        this.bytes -= each.bytes;
      }
      if (this.dropped > 0)
        this.options.logger.warn(
          `${plural(this.dropped, 'request')} of deployments were not collected: more than ${formatBytes(mostBytes)} waited to be written.`,
        );
      this.dropped = 0;
    });
    return this.writing;
  }

  private begin(): void {
    aside('collected data', this.flush(), this.options.logger);
  }

  private async write({ deployment, folder, collected }: Waiting): Promise<void> {
    try {
      const byHour = new Map<string, string[]>();
      let worked = 0;
      for (const each of collected) {
        const line = collectedLine(each);
        if (line === undefined) continue;
        const hour = new Date(each.at).toISOString().slice(0, 13).replaceAll(/[-T]/g, '/');
        byHour.set(hour, [...(byHour.get(hour) ?? []), line]);
        worked += line.length;
        // Other requests have their turn.
        if (worked > 500_000) {
          worked = 0;
          await setImmediate();
        }
      }
      for (const [hour, lines] of byHour) {
        const first = new Date(collected[0]!.at).toISOString().slice(11, 23).replaceAll(/[:.]/g, '');
        await this.options.write(deployment, `${folder}/${hour}/${first}-${process.pid}-${this.files++}.jsonl`, `${lines.join('\n')}\n`);
      }
    } catch (error) {
      this.options.logger.error(`${plural(collected.length, 'request')} of ${deployment} were not collected`, error);
    }
  }
}
