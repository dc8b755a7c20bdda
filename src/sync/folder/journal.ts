import { closeSync, constants, fstatSync, fsyncSync, ftruncateSync, mkdirSync, openSync, readSync, writeSync } from 'node:fs';
import path from 'node:path';
import { UserError } from '../../base/userError.ts';
import { lockFile } from '../../files/fileLock.ts';
import { asDiskFull } from '../../transfer/web/partFile.ts';
import { type Intent, type IntentState, type JournalEntry, keyOf, readEntries } from './journalEntry.ts';

export type { Intent, IntentState, JournalEntry, Place } from './journalEntry.ts';

/** Milliseconds for which a process waits while others write. */
const patienceMs = 10_000;
const newline = 0x0a;

/**
 * What is to be sent, and what was. A line a step, each on the disk before the next thing is done: whoever is killed at any point finds here what is left to do.
 * A last line that was cut off never counted. Several processes may write, one at a time.
 */
export class Journal {
  private readonly name: string;
  private readonly file: number;
  private readonly newest = new Map<string, JournalEntry>();
  /** Up to where it was read: bytes, and lines. */
  private end = 0;
  private lines = 0;

  constructor(name: string) {
    this.name = name;
    mkdirSync(path.dirname(name), { recursive: true, mode: 0o700 });
    try {
      this.file = openSync(name, constants.O_RDWR | constants.O_CREAT, 0o600);
    } catch (error) {
      throw asDiskFull(error, name, undefined);
    }
    try {
      this.refresh();
    } catch (error) {
      closeSync(this.file);
      throw error;
    }
  }

  /** Everything that was ever asked for, each as it is now, in the order in which it was asked for first. */
  get entries(): JournalEntry[] {
    return [...this.newest.values()];
  }

  /** The entry of an intent, if it was ever asked for. */
  find(intent: Intent): JournalEntry | undefined {
    return this.newest.get(keyOf(intent));
  }

  /** Reads what was written since by others. */
  refresh(): void {
    const { size } = fstatSync(this.file);
    if (size < this.end) {
      // A person has cut it.
      this.newest.clear();
      this.end = this.lines = 0;
    }
    if (size === this.end) return;
    const bytes = Buffer.alloc(size - this.end);
    let filled = 0;
    while (filled < bytes.length) {
      const read = readSync(this.file, bytes, filled, bytes.length - filled, this.end + filled);
      if (read === 0) break;
      filled += read;
    }
    // What follows the last newline is being written, or was cut off.
    const whole = bytes.subarray(0, bytes.subarray(0, filled).lastIndexOf(newline) + 1).toString('utf8');
    readEntries(whole, this.newest, { file: this.name, first: this.lines + 1 });
    this.lines += whole.split('\n').length - 1;
    this.end += Buffer.byteLength(whole);
  }

  /** Notes what is to be sent, before anything of it is tried. */
  want(intents: readonly Intent[]): void {
    if (intents.length > 0) this.append(() => intents.map((intent) => entryOf(intent, 'waiting')));
  }

  /**
   * Notes how far an intent has come. One that is an entry of the journal (it has an `at`) and was asked for again since stays waiting: what was added meanwhile is still to
   * be sent.
   */
  note(intent: Intent & { at?: string }, state: IntentState, reason?: string): void {
    this.append(() => {
      const now = this.newest.get(keyOf(intent));
      const isAskedAgain = intent.at !== undefined && now?.state === 'waiting' && now.at > intent.at;
      return isAskedAgain ? [] : [entryOf(intent, state, reason)];
    });
  }

  close(): void {
    closeSync(this.file);
  }

  /** Adds lines, and has them on the disk before it returns. */
  private append(entries: () => JournalEntry[]): void {
    const lock = lockFile(`${this.name}.lock`, patienceMs);
    if (!lock)
      throw new UserError(
        'Conflict',
        `Another process has written to the journal ${this.name} for ${patienceMs / 1000} s and does not end.`,
        'Try again. "updraft sync status" names the process that sends.',
      );
    try {
      this.refresh();
      // Nobody else writes now: what follows the last newline was left by somebody who was killed, or found the disk full.
      if (fstatSync(this.file).size > this.end) ftruncateSync(this.file, this.end);
      const bytes = Buffer.from(
        entries()
          .map((entry) => `${JSON.stringify(entry)}\n`)
          .join(''),
      );
      for (let done = 0; done < bytes.length; ) done += writeSync(this.file, bytes, done, bytes.length - done, this.end + done);
      if (bytes.length > 0) fsyncSync(this.file);
      this.refresh();
    } catch (error) {
      throw asDiskFull(error, this.name, undefined);
    } finally {
      lock.release();
    }
  }
}

function entryOf({ job, from, to }: Intent, state: IntentState, reason?: string): JournalEntry {
  return { at: new Date().toISOString(), job, from, to, state, ...(reason === undefined ? {} : { reason }) };
}
