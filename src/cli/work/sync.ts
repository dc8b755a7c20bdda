import { formatBytes, plural } from '../../base/text.ts';
import { UserError } from '../../base/userError.ts';
import { allPages, type PlaneClient } from '../../client/planeClient.ts';
import { isTerminal } from '../../protocol/job.ts';
import type { Sent } from '../../sync/copyJob.ts';
import { type Intent, Journal } from '../../sync/journal.ts';
import { isSamePlace } from '../../sync/journalEntry.ts';
import { isRunning } from '../../sync/process/isRunning.ts';
import { type Pushed, push } from '../../sync/push.ts';
import { syncFolderOf } from '../../sync/syncFolder.ts';
import { readState } from '../../sync/syncState.ts';
import { connect, dataFolder } from '../connect.ts';
import type { Outcome } from '../output/outcome.ts';
import { flag, type Parsed, text } from '../parsed.ts';
import { followProcess } from './followSync.ts';
import { keep } from './keepInStep.ts';
import { ensureProcess, wayOf } from './syncWay.ts';

const folderOf = (parsed: Parsed) => syncFolderOf(dataFolder(parsed));
/** Where this machine keeps what it has sent. */
const journalOf = (parsed: Parsed): Journal => new Journal(folderOf(parsed).journal);

export async function pushThem(parsed: Parsed): Promise<Outcome> {
  const { target, toCall, from, to } = wayOf(parsed);
  if (flag(parsed, 'keep')) return keep(parsed, { from, to }, () => ensureProcess(parsed, toCall));
  const journal = journalOf(parsed);
  try {
    const waiting = journal.entries.filter(
      (entry) => entry.state === 'waiting' && isSamePlace(entry.from, from) && isSamePlace(entry.to, to),
    );
    const intents = (await namesOf(parsed, waiting)).map((job): Intent => ({ job, from, to }));
    journal.want(intents);
    if (flag(parsed, 'no-wait')) {
      await ensureProcess(parsed, toCall);
      return { value: intents, text: () => `${plural(intents.length, 'job')} to send. "updraft sync status" says how far it is.` };
    }
    if (isRunning(readState(folderOf(parsed)))) return await followProcess(folderOf(parsed), journal, intents);
    const clients = { from: (await connect(parsed)).client, to: (await connect(toCall)).client };
    const pushed = await push(clients, journal, intents, (each) => process.stderr.write(`${lineOf(each)}\n`));
    const failures = pushed.flatMap(({ failure }) => failure ?? []);
    if (failures.length > 0) {
      const left = intents.length - pushed.length + failures.filter(({ waits }) => waits).length;
      const { error } = failures.at(-1)!;
      throw new UserError(
        error.code,
        failures.length === 1 ? error.message : `${plural(failures.length, 'job')} were not sent. The last: ${error.message}`,
        left > 0 ? `${plural(left, 'job')} left: run "updraft sync push --to ${target}" to go on, or "updraft sync run".` : error.hint,
      );
    }
    return { value: pushed, text: () => (pushed.length === 0 ? 'Nothing waits to be sent.' : `${plural(pushed.length, 'job')} in step.`) };
  } finally {
    journal.close();
  }
}

/** The jobs that are named, or those of an experiment or with a tag, or what waits. */
async function namesOf(parsed: Parsed, waiting: readonly Intent[]): Promise<string[]> {
  const [experiment, tag] = [text(parsed, 'experiment'), text(parsed, 'tag')];
  if (experiment !== undefined || tag !== undefined) return endedJobs((await connect(parsed)).client, { experiment, tag });
  return [...new Set(parsed.positionals.length > 0 ? parsed.positionals : waiting.map(({ job }) => job))];
}

export async function listThem(parsed: Parsed): Promise<Outcome> {
  const journal = journalOf(parsed);
  journal.close();
  const { entries } = journal;
  return {
    value: entries,
    text: () =>
      entries
        .map(
          ({ job, state, at, to, reason }) =>
            `${state.padEnd(8)} ${job}  ${to.plane}, ${to.workspace}  ${at}${reason ? `  ${reason}` : ''}`,
        )
        .join('\n') || 'Nothing was sent from here yet.',
  };
}

async function endedJobs(
  client: PlaneClient,
  { experiment, tag }: { experiment: string | undefined; tag: string | undefined },
): Promise<string[]> {
  const query = { top: 500, ...(experiment === undefined ? {} : { experiment }), ...(tag === undefined ? {} : { tag }) };
  const jobs = await Array.fromAsync(allPages((next) => client.listJobs(query, next)));
  return jobs.filter(({ properties: { status } }) => status && isTerminal(status)).map(({ name }) => name);
}

function lineOf({ job, sent, failure }: Pushed): string {
  if (failure) return `${job}: ${failure.error.message}`;
  return `${job}: ${isNothing(sent!) ? 'in step already' : `${plural(sent!.jobs, 'job')}, ${plural(sent!.files, 'file')}, ${formatBytes(sent!.bytes)}, ${plural(sent!.points, 'point')} of metrics`}`;
}

const isNothing = (sent: Sent): boolean => Object.values(sent).every((count) => count === 0);
