import { UserError } from '../../base/userError.ts';
import { check } from '../../protocol/check.ts';
import { SyncPlace } from '../../protocol/sync.ts';
import { mustBeKnown } from './readJson.ts';

/** A workspace of a control plane. */
export type Place = SyncPlace;

/** A job that is to be in another place, too. */
export interface Intent {
  job: string;
  from: Place;
  to: Place;
}

/** How far an intent has come. `following`: the job still ran, and what comes of it is to be sent, too. `refused`: by what the planes hold; it is not tried again by itself. */
export const intentStates = ['waiting', 'following', 'sent', 'refused'] as const;
export type IntentState = (typeof intentStates)[number];

/** Whether something is left to do. */
export const isLeft = ({ state }: { state: IntentState }): boolean => state === 'waiting' || state === 'following';

export interface JournalEntry extends Intent {
  /** ISO-8601: since when it is in this state. */
  at: string;
  state: IntentState;
  /** Of `refused`: why. */
  reason?: string;
}

/** One text for one intent. */
export const keyOf = ({ job, from, to }: Intent): string => JSON.stringify([job, from.plane, from.workspace, to.plane, to.workspace]);

export const isSamePlace = (a: Place, b: Place): boolean => a.plane === b.plane && a.workspace === b.workspace;

/** Reads the lines of a journal into `newest`, the later over the earlier. `first` is the number of the first line, `file` its name; both for what is said of a line that is none. */
export function readEntries(text: string, newest: Map<string, JournalEntry>, { file, first = 1 }: { file: string; first?: number }): void {
  for (const [index, line] of text.split('\n').entries()) {
    if (line === '') continue;
    const entry = entryOf(line, file, first + index);
    newest.set(keyOf(entry), entry);
  }
}

function entryOf(line: string, file: string, number: number): JournalEntry {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw damaged(file, number);
  }
  mustBeKnown(value, file);
  const { job, from, to, at, state, reason } = (value ?? {}) as Partial<JournalEntry>;
  try {
    check(SyncPlace, from, 'It');
    check(SyncPlace, to, 'It');
  } catch {
    throw damaged(file, number);
  }
  if (typeof job !== 'string' || typeof at !== 'string' || Number.isNaN(Date.parse(at)) || !intentStates.includes(state!))
    throw damaged(file, number);
  return { job, from: from!, to: to!, at, state: state!, ...(typeof reason === 'string' ? { reason } : {}) };
}

const damaged = (file: string, number: number): UserError =>
  new UserError(
    'InvalidValue',
    `Line ${number} of the journal ${file} is damaged.`,
    'Delete that line, or move the file away and send the jobs again: only what is missing travels.',
  );
