import { plural } from '../../base/text.ts';
import type { SyncPlaceState, SyncSettings, SyncState } from '../../protocol/sync.ts';
import { isLeft, isSamePlace, type JournalEntry, keyOf } from './journalEntry.ts';

/** How sending is doing, as a person wants to know it. */
export interface SyncOverview {
  /** Whether a process sends, or would as soon as there is something to send. */
  isRunning: boolean;
  waiting: JournalEntry[];
  /** They run, and are sent as they go on. */
  following: JournalEntry[];
  refused: JournalEntry[];
  sent: JournalEntry[];
  sending: SyncState['sending'];
  /** Those from and to which something is left to send, or kept in sync. */
  places: SyncPlaceState[];
  rests: SyncState['rests'];
  trouble: string | undefined;
  settings: SyncSettings;
}

/** `isRunning`: whether the process that wrote the state lives. What it said of places and jobs on their way is of no use when it does not. */
export function overviewOf(
  entries: readonly JournalEntry[],
  settings: SyncSettings,
  state: SyncState | undefined,
  isRunning: boolean,
): SyncOverview {
  const of = (wanted: JournalEntry['state']) => entries.filter((entry) => entry.state === wanted);
  const live = isRunning ? state : undefined;
  const ways = [...entries.filter(isLeft), ...settings.kept];
  return {
    isRunning,
    waiting: of('waiting'),
    following: of('following'),
    refused: of('refused'),
    sent: of('sent'),
    // Noted as sent a moment ago, it may still stand in the state.
    sending: (live?.sending ?? []).filter((job) => entries.some((entry) => isLeft(entry) && keyOf(entry) === keyOf(job))),
    places: (live?.places ?? []).filter((place) => ways.some(({ from, to }) => isSamePlace(from, place) || isSamePlace(to, place))),
    rests: settings.isPaused ? 'paused' : live?.rests,
    trouble: live?.trouble,
    settings,
  };
}

/** Where it stands, the most urgent first. `stopped`: something waits, and nobody sends it. */
export type SyncStanding =
  | 'trouble'
  | 'signedOut'
  | 'paused'
  | 'hours'
  | 'offline'
  | 'sending'
  | 'stopped'
  | 'refused'
  | 'inStep'
  | 'nothing';

export function standingOf(overview: SyncOverview): SyncStanding {
  const { isRunning, waiting, following, refused, sent, places, rests, trouble, settings } = overview;
  const isIn = (...states: SyncPlaceState['state'][]) => places.some(({ state }) => states.includes(state));
  if (trouble !== undefined) return 'trouble';
  const hasWork = waiting.length > 0 || following.length > 0 || settings.kept.length > 0;
  if (hasWork && isIn('signedOut', 'refused')) return 'signedOut';
  if (hasWork && rests) return overview.sending.length > 0 ? 'sending' : rests;
  if (hasWork && isIn('away')) return 'offline';
  if (hasWork && !isRunning) return 'stopped';
  if (waiting.length > 0) return 'sending';
  if (refused.length > 0) return 'refused';
  return sent.length > 0 || hasWork ? 'inStep' : 'nothing';
}

/** The first place that is in such a state. */
export const placeIn = ({ places }: SyncOverview, ...states: SyncPlaceState['state'][]): SyncPlaceState | undefined =>
  places.find(({ state }) => states.includes(state));

/** One line for a person: `12 jobs to send, offline since 14:02`. `time` writes a time of this day. */
export function overviewText(overview: SyncOverview, time: (iso: string) => string): string {
  const { waiting, following, refused, trouble, settings } = overview;
  const toSend = waiting.length > 0 ? `${plural(waiting.length, 'job')} to send` : '';
  const runs = following.length > 0 ? `${plural(following.length, 'job')} sent as ${following.length === 1 ? 'it runs' : 'they run'}` : '';
  const { hours } = settings;
  const parts: Record<SyncStanding, string[]> = {
    trouble: [trouble ?? ''],
    signedOut: [toSend, placeIn(overview, 'signedOut') ? 'sign in again' : 'no access'],
    paused: [toSend, 'paused'],
    hours: [toSend, hours ? `goes on at ${String(hours.from).padStart(2, '0')}:00` : ''],
    offline: [toSend, `offline since ${time(placeIn(overview, 'away')?.since ?? '')}`],
    sending: [toSend, runs],
    stopped: [toSend, 'nothing is sent now'],
    refused: [`${plural(refused.length, 'job')} refused`],
    inStep: ['in step', runs],
    nothing: ['nothing to send'],
  };
  return parts[standingOf(overview)].filter(Boolean).join(', ');
}
