import { formatBytes, plural } from '../../base/text.ts';
import { UserError } from '../../base/userError.ts';
import { allPages, type PlaneClient } from '../../client/planeClient.ts';
import { type Intent, Journal } from '../../sync/folder/journal.ts';
import { isLeft, isSamePlace } from '../../sync/folder/journalEntry.ts';
import { syncFolderOf } from '../../sync/folder/syncFolder.ts';
import { readState } from '../../sync/folder/syncState.ts';
import { isNothing } from '../../sync/jobs/sent.ts';
import { isRunning } from '../../sync/process/isRunning.ts';
import { type Pushed, type PushOptions, push } from '../../sync/push.ts';
import { connect, dataFolder } from '../connect.ts';
import type { Outcome } from '../output/outcome.ts';
import { flag, type Parsed, text } from '../parsed.ts';
import { serverOf } from '../serverOf.ts';
import { untilInterrupted } from '../untilInterrupted.ts';
import { followProcess } from './followSync.ts';
import { keep } from './keepInStep.ts';
import { ensureProcess, wayOf } from './syncWay.ts';

const folderOf = (parsed: Parsed) => syncFolderOf(dataFolder(parsed));
/** Where this machine keeps what it has sent. */
const journalOf = (parsed: Parsed): Journal => new Journal(folderOf(parsed).journal);

/** `again`: the command that goes on with what is left. */
export async function pushThem(parsed: Parsed, again = `updraft sync push --to ${text(parsed, 'to')}`): Promise<Outcome> {
  const { toCall, from, to } = wayOf(parsed);
  if (flag(parsed, 'keep')) return keep(parsed, { from, to }, () => ensureProcess(parsed, toCall));
  const journal = journalOf(parsed);
  try {
    const waiting = journal.entries.filter((entry) => isLeft(entry) && isSamePlace(entry.from, from) && isSamePlace(entry.to, to));
    const intents = (await namesOf(parsed, waiting)).map((job): Intent => ({ job, from, to }));
    journal.want(intents);
    if (flag(parsed, 'no-wait')) {
      await ensureProcess(parsed, toCall);
      return { value: intents, text: () => `${plural(intents.length, 'job')} to send. "updraft sync status" says how far it is.` };
    }
    if (isRunning(readState(folderOf(parsed)))) return await followProcess(folderOf(parsed), journal, intents);
    const { signal, release } = untilInterrupted();
    const pair = { from: (await connect(parsed)).client, to: (await connect(toCall)).client, signal };
    const pushed = await push(pair, journal, intents, { onJob: (each) => tell(lineOf(each)), onFollowed: teller() }).finally(release);
    const failures = pushed.flatMap(({ failure }) => failure ?? []);
    if (failures.length > 0) {
      const left = intents.length - pushed.length + failures.filter(({ waits }) => waits).length;
      const { error } = failures.at(-1)!;
      throw new UserError(
        error.code,
        failures.length === 1 ? error.message : `${plural(failures.length, 'job')} were not sent. The last: ${error.message}`,
        left > 0 ? `${plural(left, 'job')} left: run "${again}" to go on, or "updraft sync run".` : error.hint,
      );
    }
    if (pushed.length < intents.length) {
      tell(`${plural(intents.length - pushed.length, 'job')} left: run "${again}" to go on.`);
      return { exitCode: interrupted };
    }
    return { value: pushed, text: () => (pushed.length === 0 ? 'Nothing waits to be sent.' : `${plural(pushed.length, 'job')} in step.`) };
  } finally {
    journal.close();
  }
}

/** As `pushThem`, from the control plane that `--from` names, or that was signed in to, to this machine. */
export async function pullThem({ values, ...rest }: Parsed): Promise<Outcome> {
  const { from, 'from-workspace': workspace, 'workspace-name': here, ...others } = values;
  const call: Parsed = {
    ...rest,
    values: { ...others, server: from ?? values.server, 'workspace-name': workspace, to: 'local', 'to-workspace': here },
  };
  const server = serverOf(call);
  if (!server)
    throw new UserError(
      'InvalidArgument',
      'From where, is not said.',
      'Say it with --from NAME or URL, or sign in first: updraft login --server URL.',
    );
  return pushThem(call, `updraft sync pull --from ${server.url}`);
}

/** The jobs that are named, or those of an experiment or with a tag, or what waits. */
async function namesOf(parsed: Parsed, waiting: readonly Intent[]): Promise<string[]> {
  const [experiment, tag] = [text(parsed, 'experiment'), text(parsed, 'tag')];
  if (experiment !== undefined || tag !== undefined) return jobsOf((await connect(parsed)).client, { experiment, tag });
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
            `${state.padEnd(9)} ${job}  ${to.plane}, ${to.workspace}  ${at}${reason ? `  ${reason}` : ''}`,
        )
        .join('\n') || 'Nothing was sent from here yet.',
  };
}

async function jobsOf(
  client: PlaneClient,
  { experiment, tag }: { experiment: string | undefined; tag: string | undefined },
): Promise<string[]> {
  const query = { top: 500, ...(experiment === undefined ? {} : { experiment }), ...(tag === undefined ? {} : { tag }) };
  return (await Array.fromAsync(allPages((next) => client.listJobs(query, next)))).map(({ name }) => name);
}

const tell = (line: string) => process.stderr.write(`${line}\n`);

/** What a shell takes for "ended by Ctrl-C". */
const interrupted = 130;

/** Says of each job that runs when its status changes, and when something is in the way. */
function teller(): NonNullable<PushOptions['onFollowed']> {
  const told = new Map<string, string>();
  return (followed) => {
    const line = 'trouble' in followed ? `${followed.trouble.message} It is tried again.` : `${followed.status}, is sent as it comes.`;
    if (told.get(followed.job) === line) return;
    told.set(followed.job, line);
    tell(`${followed.job}: ${line}`);
  };
}

function lineOf({ job, sent, failure }: Pushed): string {
  if (failure) return `${job}: ${failure.error.message}`;
  return `${job}: ${isNothing(sent!) ? 'in step already' : `${plural(sent!.jobs, 'job')}, ${plural(sent!.files, 'file')}, ${formatBytes(sent!.bytes)}, ${plural(sent!.points, 'point')} of metrics`}`;
}
