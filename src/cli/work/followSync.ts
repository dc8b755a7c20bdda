import { watch } from 'node:fs';
import { formatBytes, plural } from '../../base/text.ts';
import { UserError } from '../../base/userError.ts';
import type { SyncState } from '../../protocol/sync.ts';
import type { Intent, Journal, JournalEntry } from '../../sync/folder/journal.ts';
import { isLeft, isSamePlace } from '../../sync/folder/journalEntry.ts';
import type { SyncFolder } from '../../sync/folder/syncFolder.ts';
import { readState } from '../../sync/folder/syncState.ts';
import { isRunning } from '../../sync/process/isRunning.ts';
import type { Outcome } from '../output/outcome.ts';

/** Milliseconds after which it is looked whether the process lives, when nothing was heard. */
const lookEvery = 2000;

/** Waits until the process that sends is done with jobs, and tells of each. Throws where it can't go on now: they are sent later, by it. */
export async function followProcess(folder: SyncFolder, journal: Journal, intents: readonly Intent[]): Promise<Outcome> {
  const told = new Set<Intent>();
  let shown = '';
  const say = (line: string) => {
    if (line !== shown) process.stderr.write(`${line}\n`);
    shown = line;
  };
  const look = (): JournalEntry[] | undefined => {
    journal.refresh();
    const state = readState(folder);
    for (const intent of intents) {
      const entry = journal.find(intent)!;
      if (isLeft(entry) || told.has(intent)) continue;
      told.add(intent);
      say(entry.state === 'sent' ? `${entry.job}: in step` : `${entry.job}: ${entry.reason}`);
    }
    const left = intents.filter((intent) => isLeft(journal.find(intent)!));
    if (left.length === 0) return intents.map((intent) => journal.find(intent)!);
    const why = whyNot(state, left[0]!);
    if (why)
      throw new UserError(
        why.code,
        `${plural(left.length, 'job')} to send: ${why.message}`,
        why.isPassing
          ? 'They are sent by themselves as soon as that is over. "updraft sync status" says how far it is.'
          : '"updraft sync run" goes on with them.',
      );
    for (const { job, bytes, bytesPerSecond } of state?.sending ?? [])
      if (process.stderr.isTTY && left.some((intent) => intent.job === job))
        say(`${job}: ${formatBytes(bytes)}, ${formatBytes(bytesPerSecond)}/s`);
    return undefined;
  };
  const entries = look() ?? (await whenSomethingChanges(folder, look));
  const refused = entries.filter(({ state }) => state === 'refused');
  if (refused.length > 0)
    throw new UserError(
      'Conflict',
      refused.length === 1 ? refused[0]!.reason! : `${plural(refused.length, 'job')} were refused. The last: ${refused.at(-1)!.reason}`,
      '"updraft sync list" says why for each.',
    );
  return { value: entries, text: () => (entries.length === 0 ? 'Nothing waits to be sent.' : `${plural(entries.length, 'job')} in step.`) };
}

/** Settles with the first answer other than undefined. */
function whenSomethingChanges<T>(folder: SyncFolder, look: () => T | undefined): Promise<T> {
  return new Promise((resolve, reject) => {
    const settle = (act: () => void) => {
      watcher.close();
      clearInterval(timer);
      act();
    };
    const attempt = () => {
      try {
        const found = look();
        if (found !== undefined) settle(() => resolve(found));
      } catch (error) {
        settle(() => reject(error));
      }
    };
    const watcher = watch(folder.path, attempt);
    const timer = setInterval(attempt, lookEvery);
    attempt();
  });
}

/** Why the process does not send an intent now; undefined while it does, or is about to. */
function whyNot(
  state: SyncState | undefined,
  intent: Intent,
): { code: UserError['code']; message: string; isPassing: boolean } | undefined {
  if (!isRunning(state)) return { code: 'Interrupted', message: 'the process that sends has ended.', isPassing: false };
  const { rests, trouble, places, sending } = state!;
  if (sending.length > 0) return undefined;
  if (trouble !== undefined) return { code: 'DiskFull', message: trouble, isPassing: true };
  if (rests === 'paused') return { code: 'Interrupted', message: 'sending is paused. "updraft sync resume" goes on.', isPassing: true };
  if (rests === 'hours')
    return {
      code: 'Interrupted',
      message: 'this is not an hour at which anything is sent. "updraft sync resume" sends now.',
      isPassing: true,
    };
  const bad = places.find((place) => place.state !== 'live' && (isSamePlace(place, intent.from) || isSamePlace(place, intent.to)));
  if (!bad) return undefined;
  return {
    code: bad.state === 'signedOut' ? 'Unauthorized' : 'PlaneUnreachable',
    message: bad.message ?? 'it does not answer.',
    isPassing: true,
  };
}
