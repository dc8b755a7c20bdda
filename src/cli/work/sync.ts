import path from 'node:path';
import { formatBytes, plural } from '../../base/text.ts';
import { UserError } from '../../base/userError.ts';
import { allPages, type PlaneClient } from '../../client/planeClient.ts';
import { isTerminal } from '../../protocol/job.ts';
import type { Sent } from '../../sync/copyJob.ts';
import { type Intent, Journal, type Place } from '../../sync/journal.ts';
import { type Pushed, push } from '../../sync/push.ts';
import { connect, dataFolder } from '../connect.ts';
import type { Outcome } from '../output/outcome.ts';
import { type Parsed, text } from '../parsed.ts';
import { serverOf } from '../serverOf.ts';

/** Where this machine keeps what it has sent. */
const journalOf = (parsed: Parsed): Journal => new Journal(path.join(dataFolder(parsed), 'sync', 'journal.jsonl'));

export async function pushThem(parsed: Parsed): Promise<Outcome> {
  const target = text(parsed, 'to');
  if (target === undefined) throw new UserError('InvalidArgument', '--to is missing.', 'Say where to: --to URL, or --to local.');
  const toCall = elsewhere(parsed, target, text(parsed, 'to-workspace'));
  const [from, to] = [placeOf(parsed), placeOf(toCall)];
  if (isSamePlace(from, to))
    throw new UserError(
      'InvalidArgument',
      'The jobs are there: --to names the place that they are in.',
      'Name another control plane, or another workspace.',
    );
  const journal = journalOf(parsed);
  try {
    const waiting = journal.entries.filter(
      (entry) => entry.state === 'waiting' && isSamePlace(entry.from, from) && isSamePlace(entry.to, to),
    );
    const { client } = await connect(parsed);
    const intents = (await namesOf(parsed, client, waiting)).map((job): Intent => ({ job, from, to }));
    journal.want(intents);
    const pushed = await push({ from: client, to: (await connect(toCall)).client }, journal, intents, (each) =>
      process.stderr.write(`${lineOf(each)}\n`),
    );
    const failures = pushed.flatMap(({ failure }) => failure ?? []);
    if (failures.length > 0) {
      const left = intents.length - pushed.length + failures.filter(({ waits }) => waits).length;
      const { error } = failures.at(-1)!;
      throw new UserError(
        error.code,
        failures.length === 1 ? error.message : `${plural(failures.length, 'job')} were not sent. The last: ${error.message}`,
        left > 0 ? `${plural(left, 'job')} left: run "updraft sync push --to ${target}" to go on.` : error.hint,
      );
    }
    return { value: pushed, text: () => (pushed.length === 0 ? 'Nothing waits to be sent.' : `${plural(pushed.length, 'job')} in step.`) };
  } finally {
    journal.close();
  }
}

/** The jobs that are named, or those of an experiment, or what waits. */
async function namesOf(parsed: Parsed, client: PlaneClient, waiting: readonly Intent[]): Promise<string[]> {
  const experiment = text(parsed, 'experiment');
  if (experiment !== undefined) return endedJobs(client, experiment);
  return [...new Set(parsed.positionals.length > 0 ? parsed.positionals : waiting.map(({ job }) => job))];
}

const placeOf = (parsed: Parsed): Place => ({ plane: serverOf(parsed)?.url ?? 'local', workspace: text(parsed, 'workspace-name') ?? '' });
const isSamePlace = (a: Place, b: Place): boolean => a.plane === b.plane && a.workspace === b.workspace;

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

/** The same call, to another control plane. */
const elsewhere = ({ values, ...rest }: Parsed, server: string, workspace: string | undefined): Parsed => ({
  ...rest,
  values: { ...values, server, token: undefined, 'workspace-name': workspace },
});

async function endedJobs(client: PlaneClient, experiment: string): Promise<string[]> {
  const jobs = await Array.fromAsync(allPages((next) => client.listJobs({ experiment, top: 500 }, next)));
  return jobs.filter(({ properties: { status } }) => status && isTerminal(status)).map(({ name }) => name);
}

function lineOf({ job, sent, failure }: Pushed): string {
  if (failure) return `${job}: ${failure.error.message}`;
  return `${job}: ${isNothing(sent!) ? 'in step already' : `${plural(sent!.jobs, 'job')}, ${plural(sent!.files, 'file')}, ${formatBytes(sent!.bytes)}, ${plural(sent!.points, 'point')} of metrics`}`;
}

const isNothing = (sent: Sent): boolean => Object.values(sent).every((count) => count === 0);
