import { formatBytes, plural } from '../../base/text.ts';
import { UserError } from '../../base/userError.ts';
import type { SyncSettings } from '../../protocol/sync.ts';
import type { Place } from '../../sync/folder/journalEntry.ts';
import { overviewText, type SyncOverview, standingOf } from '../../sync/folder/overview.ts';
import { readOverview } from '../../sync/folder/readOverview.ts';
import { selectionText } from '../../sync/folder/selections.ts';
import { changeSettings } from '../../sync/folder/settings.ts';
import { syncFolderOf } from '../../sync/folder/syncFolder.ts';
import { endSync } from '../../sync/process/ensureSync.ts';
import { dataFolder } from '../connect.ts';
import type { Outcome } from '../output/outcome.ts';
import { type Parsed, text } from '../parsed.ts';
import { timeOf } from '../textParts.ts';
import { ensureProcess } from './syncWay.ts';

const folderOf = (parsed: Parsed) => syncFolderOf(dataFolder(parsed));
const placeText = ({ plane, workspace }: Place): string => [plane, workspace].filter(Boolean).join(', ');

export async function statusOfIt(parsed: Parsed): Promise<Outcome> {
  const overview = readOverview(folderOf(parsed));
  const { waiting, following, refused, sent, ...rest } = overview;
  return {
    value: {
      standing: standingOf(overview),
      ...rest,
      waiting: waiting.length,
      following: following.length,
      refused: refused.length,
      sent: sent.length,
    },
    text: () => statusLines(overview).join('\n'),
  };
}

function statusLines(overview: SyncOverview): string[] {
  const { sending, places, refused, sent, settings } = overview;
  const time = (iso: string) => timeOf(iso) ?? '';
  const line = overviewText(overview, time);
  return [
    `${line.slice(0, 1).toUpperCase()}${line.slice(1)}.`,
    ...(standingOf(overview) === 'stopped' ? ['Start it with "updraft sync resume".'] : []),
    ...sending.map(
      ({ job, to, bytes, bytesPerSecond }) =>
        `on its way   ${job} to ${placeText(to)}: ${formatBytes(bytes)}, ${formatBytes(bytesPerSecond)}/s`,
    ),
    ...places
      .filter(({ state }) => state !== 'live')
      .map(
        (place) =>
          `${{ away: 'away', signedOut: 'signed out', refused: 'refused', live: '' }[place.state].padEnd(12)} ${placeText(place)} since ${time(place.since)}: ${place.message}`,
      ),
    ...(refused.length > 0 ? [`refused      ${plural(refused.length, 'job')}: "updraft sync list" says why`] : []),
    ...(sent.length > 0 ? [`sent         ${plural(sent.length, 'job')}`] : []),
    ...settings.kept.map((each) => `kept in sync ${selectionText(each)}, from ${placeText(each.from)} to ${placeText(each.to)}`),
    ...limitLines(settings),
  ];
}

function limitLines({ bytesPerSecond, hours }: SyncSettings): string[] {
  const limits = [bytesPerSecond && `${formatBytes(bytesPerSecond)}/s`, hours && `from ${hours.from} to ${hours.to} o'clock`].filter(
    Boolean,
  );
  return limits.length > 0 ? [`limit        ${limits.join(', ')}`] : [];
}

export async function pause(parsed: Parsed): Promise<Outcome> {
  const settings = await changeSettings(folderOf(parsed), (before) => ({ ...before, isPaused: true }));
  return { value: settings, text: () => 'Nothing is sent until "updraft sync resume".' };
}

/** Goes on, and tries what waits at once, whatever the hour. */
export async function resume(parsed: Parsed): Promise<Outcome> {
  const folder = folderOf(parsed);
  const settings = await changeSettings(folder, (before) => ({ ...before, isPaused: false, sendNow: new Date().toISOString() }));
  const { waiting, following } = readOverview(folder);
  if (waiting.length > 0 || following.length > 0 || settings.kept.length > 0) await ensureProcess(parsed);
  return {
    value: settings,
    text: () =>
      waiting.length > 0
        ? `${plural(waiting.length, 'job')} to send. "updraft sync status" says how far it is.`
        : 'Nothing waits to be sent.',
  };
}

export async function limit(parsed: Parsed): Promise<Outcome> {
  const [rate, hours] = [text(parsed, 'limit'), text(parsed, 'hours')];
  if (rate === undefined && hours === undefined)
    throw new UserError('InvalidArgument', 'No limit is given.', 'Say --limit 2MB/s, --hours 20-6, or both; "none" takes one away.');
  const bytesPerSecond = rate === undefined ? undefined : rateOf(rate);
  const span = hours === undefined ? undefined : hoursOf(hours);
  const settings = await changeSettings(folderOf(parsed), ({ bytesPerSecond: rateBefore, hours: hoursBefore, ...before }) => ({
    ...before,
    ...optional('bytesPerSecond', rate === undefined ? rateBefore : bytesPerSecond),
    ...optional('hours', hours === undefined ? hoursBefore : span),
  }));
  return {
    value: settings,
    text: () =>
      limitLines(settings)
        .join('\n')
        .replace(/^limit +/, 'Limit: ') || 'There is no limit any more.',
  };
}

const optional = <K extends string, T>(key: K, value: T | undefined): { [k in K]?: T } =>
  (value === undefined ? {} : { [key]: value }) as { [k in K]?: T };

const none = 'none';
const units: Record<string, number> = { '': 1, k: 1e3, m: 1e6, g: 1e9 };

/** Bytes a second of `2MB/s`, `500 kB`; undefined for `none`. */
export function rateOf(given: string): number | undefined {
  if (given === none) return undefined;
  const [, number, unit] = /^(\d+(?:\.\d+)?)\s*([kmg]?)b?(?:\/s)?$/i.exec(given.trim()) ?? [];
  const rate = Math.round(Number(number) * units[(unit ?? '').toLowerCase()]!);
  if (number === undefined || rate < 1000)
    throw new UserError(
      'InvalidArgument',
      `"${given}" is no limit.`,
      'Write it as 2MB/s or 500kB/s, at least 1kB/s; "none" takes it away.',
    );
  return rate;
}

/** The hours of `20-6`; undefined for `none`. */
export function hoursOf(given: string): SyncSettings['hours'] {
  if (given === none) return undefined;
  const [, from, to] = /^(\d{1,2})-(\d{1,2})$/.exec(given.trim()) ?? [];
  const hours = { from: Number(from), to: Number(to) % 24 };
  if (from === undefined || hours.from > 23 || Number(to) > 24 || hours.from === hours.to)
    throw new UserError(
      'InvalidArgument',
      `"${given}" is no span of hours.`,
      'Write it as 20-6: from 20:00 to 6:00 in the morning; "none" takes it away.',
    );
  return hours;
}

export async function stop(parsed: Parsed): Promise<Outcome> {
  const wasRunning = await endSync(dataFolder(parsed));
  return {
    value: { stopped: wasRunning },
    text: () => (wasRunning ? 'The process that sends has ended. What waits stays.' : 'No process sends.'),
  };
}
