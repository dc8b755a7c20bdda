import { closeSync, existsSync, fsyncSync, ftruncateSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs';
import path from 'node:path';

/** A workspace of a control plane. `plane` is its address, or `local` for the one of this machine, whose address changes; `workspace` is '' for the usual one. */
export interface Place {
  plane: string;
  workspace: string;
}

/** A job that is to be in another place, too. */
export interface Intent {
  job: string;
  from: Place;
  to: Place;
}

/** How far an intent has come. `following`: the job still ran, and what comes of it is to be sent, too. `refused`: by what the planes hold; it is not tried again by itself. */
export type IntentState = 'waiting' | 'following' | 'sent' | 'refused';

/** Whether something is left to do. */
export const isLeft = ({ state }: { state: IntentState }): boolean => state === 'waiting' || state === 'following';

export interface JournalEntry extends Intent {
  /** ISO-8601: since when it is in this state. */
  at: string;
  state: IntentState;
  /** Of `refused`: why. */
  reason?: string;
}

const keyOf = ({ job, from, to }: Intent): string => JSON.stringify([job, from.plane, from.workspace, to.plane, to.workspace]);

/**
 * What is to be sent, and what was. A line a step, each on the disk before the next thing is done: whoever is killed at any point finds here what is left to do.
 * A last line that was cut off never counted.
 */
export class Journal {
  private readonly file: number;
  private readonly newest = new Map<string, JournalEntry>();

  constructor(name: string) {
    mkdirSync(path.dirname(name), { recursive: true });
    const text = existsSync(name) ? readFileSync(name) : Buffer.alloc(0);
    const end = text.lastIndexOf('\n') + 1;
    for (const line of text.subarray(0, end).toString('utf8').split('\n')) {
      if (line === '') continue;
      const entry = JSON.parse(line) as JournalEntry;
      this.newest.set(keyOf(entry), entry);
    }
    this.file = openSync(name, 'a');
    if (end < text.length) ftruncateSync(this.file, end);
  }

  /** Everything that was ever asked for, each as it is now, in the order in which it was asked for first. */
  get entries(): JournalEntry[] {
    return [...this.newest.values()];
  }

  /** Notes what is to be sent, before anything of it is tried. */
  want(intents: readonly Intent[]): void {
    for (const intent of intents) this.note(intent, 'waiting');
  }

  note(intent: Intent, state: IntentState, reason?: string): void {
    const { job, from, to } = intent;
    const entry: JournalEntry = { at: new Date().toISOString(), job, from, to, state, ...(reason === undefined ? {} : { reason }) };
    const line = Buffer.from(`${JSON.stringify(entry)}\n`);
    for (let done = 0; done < line.length; ) done += writeSync(this.file, line, done);
    fsyncSync(this.file);
    this.newest.set(keyOf(entry), entry);
  }

  close(): void {
    closeSync(this.file);
  }
}
