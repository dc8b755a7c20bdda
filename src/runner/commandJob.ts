import { existsSync } from 'node:fs';
import { readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { aside } from '../base/aside.ts';
import { parseDuration } from '../base/duration.ts';
import { formatDuration, plural } from '../base/text.ts';
import { messageOf, UserError } from '../base/userError.ts';
import { isPassing } from '../client/isPassing.ts';
import { registerOutputs } from '../client/registerOutputs.ts';
import { type CommandJob, type JobError, type JobOutput, type JobReport, jobProperty, waitingStatuses } from '../protocol/job.ts';
import { defaultOutputUri, logFile } from '../protocol/jobPlaces.ts';
import { planOf } from './environments/prepareEnvironment.ts';
import type { Ended, Executor, Handle, Place } from './executors/executor.ts';
import { gaveWayOf } from './gaveWay.ts';
import { JobLog, sizeOfLog } from './jobLog.ts';
import { KeptFolders } from './keptFolders.ts';
import { lastWords } from './lastWords.ts';
import { LogTail } from './logTail.ts';
import { outputPath, prepareCommand } from './prepareCommand.ts';
import { ProgressReports } from './progressReports.ts';
import { recordPackages } from './recordPackages.ts';
import type { RunnerContext } from './runnerContext.ts';
import type { JobSlots, Turn } from './slots.ts';
import { lastFrame } from './traceback.ts';
import { upload } from './transfer.ts';
import { untilReached } from './untilReached.ts';

/** Milliseconds in which a command ends at once. */
const atOnce = 50;
/** Milliseconds a command has to end itself when it is asked to. */
const grace = 10_000;
/** Milliseconds that a timer can wait. */
const longestTimer = 2 ** 31 - 1;
/** Lines of output that an error keeps, and those among which the frame of a traceback is looked for. */
const keptLines = 20;
const searchedLines = 200;

/** What is kept with a task, so that another runner can go on with its log. */
interface Note {
  /** Bytes of the job's log before the preface. */
  offset: number;
  /** What stands in the log before the command's own output. */
  preface: string;
  /** Lines of the log before the command's own, where they are known. */
  setupLines?: number;
  /** How many processes write logs of their own; 0 when there is only one log. */
  ranks: number;
}

/**
 * Runs one claimed command job to its end, and reports on it. `canceled` aborts when someone asked to cancel. When the runner itself
 * ends (`context.signal`), the command goes on and the next runner takes it up, as the executor finds it. The command waits for one of the `slots`.
 */
export async function runCommandJob(context: RunnerContext, job: CommandJob, canceled: AbortSignal, slots: JobSlots): Promise<void> {
  const { client, executor, signal } = context;
  const ofJob = { ...context, client: context.ofJob };
  const always: Omit<JobReport, 'status'> = { runnerId: context.runnerId, computeId: `${context.workspaceId}/computes/${context.compute}` };
  const stopped = AbortSignal.any([canceled, signal]);
  const report = (change: Omit<JobReport, 'runnerId'>) => untilReached(signal, () => client.reportJob(job.name, { ...always, ...change }));
  // An old one that comes late would say something that is not so any more.
  const reportOnce = (progress: string | null) => {
    client.reportJob(job.name, { ...always, progress }).catch(() => {});
  };
  /** The compute may be away for a while. That is no verdict about the job. */
  const there = <T>(request: () => Promise<T>, until = signal) => untilReached(until, request, (error) => reportOnce(messageOf(error)));
  const progress = new ProgressReports((text) => client.reportJob(job.name, { ...always, progress: text }));
  let facts: Record<string, string> = {};
  let log: JobLog | undefined;
  let place: Place | undefined;
  let started: { handle: Handle; kept: KeptFolders } | undefined;
  let recorded = Promise.resolve();
  try {
    let handle = await there(() => executor.find(job.name));
    place = await there(() => executor.place(job.name));
    let note: Note;
    let leave: () => void;
    const isAdopted = handle !== undefined;
    if (handle) {
      leave = slots.occupy();
      note = noteOf(handle) ?? { offset: await sizeOfLog(client, job.name, logFile, signal), preface: '', ranks: 0 };
    } else {
      const plan = await untilReached(stopped, () => planOf(ofJob, job.properties.environmentId));
      for (const refused of executor.check({ id: job.name, packages: plan.requirements?.packages, note: '' })) throw refused;
      if (plan.requirements) await report({ status: 'Preparing' });
      // One that gave way before goes on with the log that it has.
      const isFresh = waitingStatuses.includes(job.properties.status!) && job.properties.properties?.[jobProperty.gaveWay] === undefined;
      log = isFresh ? new JobLog(client, job.name, 0, signal) : await JobLog.open(client, job.name, signal);
      const launch = await prepareCommand(ofJob, job, plan, place, log, stopped, progress.say, (packages) => {
        recorded = recordPackages(ofJob, job.name, packages);
      });
      leave = await slots.take(stopped, (turn) => progress.say(waitText(turn)));
      try {
        const { offset, rest, lines } = await log.handOver();
        const preface = Buffer.from(rest).toString('utf8');
        note = { offset, preface, ...(lines ? { setupLines: lines } : {}), ranks: launch.spread?.processes.length ?? 0 };
        const task = { id: job.name, packages: plan.requirements?.packages, note: JSON.stringify(note) };
        handle = await there(() => executor.submit(task, launch, stopped), stopped);
      } catch (error) {
        leave();
        throw error;
      }
    }
    always.startedAt = handle.startedAt;
    if (note.setupLines) facts = { [jobProperty.setupLines]: String(note.setupLines) };
    const kept = new KeptFolders(ofJob.client, job.name, path.join(place.here, 'code'));
    const running = { handle, kept };
    started = running;
    const over = context.tasks.ended(handle, (why) => reportOnce(why ?? 'The compute does not answer.'));
    over.then(leave, leave);
    // It runs whether the plane knows it yet or not; what the report meets with is looked at when the command has ended.
    // What was said while it prepared is not so any more, also where it comes late.
    aside(
      `what ${job.name} said while it prepared`,
      progress.end().then((isLate) => isLate && reportOnce(null)),
      context.logger,
    );
    const said = endsWithin(over, atOnce).then((isBrief) => {
      if (isBrief) return;
      // Where commands run elsewhere, their files are here only after the end.
      if (executor.isHere) kept.watch(signal);
      return isAdopted ? undefined : reportStart(report, running.handle, facts);
    });
    said.catch(() => {});
    const measured = executor.isHere && isMeasured(job) ? context.systemMetrics.watch(ofJob.client, job.name, handle.startedAt) : () => {};
    try {
      const size = await follow(context, job, place, handle, note, over, canceled, isAdopted);
      log = new JobLog(client, job.name, size, signal);
    } finally {
      measured();
    }
    await said;
    await recorded;
    if (!executor.isHere) await there(() => executor.collect(running.handle));
    await kept.finish(stopped);
    const { uris, hashes } = await collect(ofJob, job, place, log, stopped);
    await log.flush();
    if (Object.values(uris).some((output) => output.assetName)) {
      await report({ status: 'Finalizing', outputs: uris, properties: hashes });
      await untilReached(signal, () => registerOutputs(ofJob.client, job, uris, hashes));
    }
    await report({ status: 'Completed', outputs: uris, properties: { ...facts, ...hashes } });
  } catch (thrown) {
    if (signal.aborted) return;
    // No verdict about the job: the command goes on, and so does this runner when the plane is back.
    if (isPassing(thrown) && !isDiskFull(thrown)) throw thrown;
    // Nor is it one that a token is good no more: who has the job now says what becomes of it.
    if (thrown instanceof UserError && thrown.code === 'Unauthorized') throw thrown;
    const error = thrown instanceof Failed ? thrown.reason : thrown;
    if (thrown instanceof Failed) log = new JobLog(client, job.name, thrown.logSize, signal);
    const gaveWay = gaveWayOf(canceled);
    const failure = errorOf(error, job, place, canceled.aborted);
    const lost = started && (await keepRest(executor, started, signal));
    // Its report may not fit either before what the job wrote is gone.
    if (failure.code === 'DiskFull' && place)
      for (const each of ['outputs', 'code/outputs']) await rm(path.join(place.here, each), { recursive: true, force: true });
    if (gaveWay) {
      log ??= await JobLog.open(client, job.name, signal).catch(() => undefined);
      log?.line(`\n${gaveWay.message}`);
    } else if (failure.code !== 'Canceled') {
      log ??= await JobLog.open(client, job.name, signal).catch(() => undefined);
      // The lines above have the command's own words.
      log?.line(`\n${error instanceof CommandFailed ? error.message : failure.message}`);
      if (lost) log?.line(`What it wrote to ./outputs and ./logs could not be kept: ${lost}`);
    }
    await log?.flush().catch(() => {});
    if (!(error instanceof UserError) && failure.code !== 'Canceled') context.logger.error(`job ${job.name}`, error);
    const properties = Object.keys(facts).length ? { properties: facts } : {};
    await report(
      gaveWay
        ? { status: 'Queued' }
        : failure.code === 'Canceled'
          ? { status: 'Canceled', ...properties }
          : { status: 'Failed', error: failure, ...properties },
    );
  } finally {
    aside(`what ${job.name} said last`, progress.end(), context.logger);
    started?.kept.stop();
  }
  const removed = there(() => executor.remove(job.name)).catch((error) => {
    if (!signal.aborted) context.logger.warn(`what is left of ${job.name} could not be removed: ${messageOf(error)}`);
  });
  if (executor.isHere) await removed;
}

/** How it stands with a job that is ready and waits for a place. */
const waitText = ({ running, ahead }: Turn): string =>
  ahead > 0
    ? `Waits for a slot behind ${plural(ahead, 'job')}`
    : `Waits for a slot: ${running === 1 ? '1 job runs' : `${running} jobs run`}`;

/** A command that failed, or was canceled, keeps what it wrote so far. Answers why that was not possible; throws what passes. */
async function keepRest(
  executor: Executor,
  { handle, kept }: { handle: Handle; kept: KeptFolders },
  signal: AbortSignal,
): Promise<string | undefined> {
  try {
    if (!executor.isHere) await executor.collect(handle);
    await kept.finish(signal);
    return undefined;
  } catch (error) {
    if (isPassing(error) && !isDiskFull(error)) throw error;
    return messageOf(error);
  }
}

const isDiskFull = (error: unknown): boolean => error instanceof UserError && error.code === 'DiskFull';

function noteOf({ note }: Handle): Note | undefined {
  try {
    return JSON.parse(note);
  } catch {
    return undefined;
  }
}

/** Whether a command ends at once. Of one that does, only the end is reported. */
const endsWithin = (over: Promise<unknown>, ms: number): Promise<boolean> => Promise.race([over.then(() => true), delay(ms, false)]);

/** With the handle, any runner that reaches the compute can go on with the job. What the note keeps is on the compute too. */
const reportStart = (
  report: (change: Omit<JobReport, 'runnerId'>) => Promise<void>,
  { note: _note, ...handle }: Handle,
  facts: Record<string, string>,
): Promise<void> => report({ status: 'Running', progress: null, properties: { ...facts, [jobProperty.handle]: JSON.stringify(handle) } });

/** A job says so by MLflow's own variable when it does not want the machine's load recorded. */
const isMeasured = (job: CommandJob): boolean =>
  job.properties.environmentVariables?.MLFLOW_ENABLE_SYSTEM_METRICS_LOGGING?.toLowerCase() !== 'false';

/** Waits for the command and carries its output; answers the size of the job's log. Throws `Failed` for everything but exit code 0. */
async function follow(
  context: RunnerContext,
  job: CommandJob,
  place: Place,
  handle: Handle,
  note: Note,
  over: Promise<Ended>,
  canceled: AbortSignal,
  isAdopted: boolean,
): Promise<number> {
  const { client, executor, signal } = context;
  const tailOf = async (file: string, rank: number, offset: number, preface: Uint8Array) => {
    const size = isAdopted ? await sizeOfLog(client, job.name, file, signal) : offset;
    return new LogTail(client, job.name, file, executor, handle, rank, { offset, preface, size }, signal);
  };
  const main = await tailOf(logFile, 0, note.offset, Buffer.from(note.preface));
  const tails: LogTail[] = [];
  for (let rank = 0; rank < note.ranks; rank++) tails.push(await tailOf(rankLog(rank, note.ranks), rank, 0, new Uint8Array()));

  const timeoutMs = parseDuration(job.properties.limits?.timeout ?? undefined);
  let why: 'canceled' | 'timed out' | undefined;
  const stop = (reason: typeof why) => {
    why ??= reason;
    const stopped = untilReached(signal, () => executor.stop(handle, grace));
    aside(
      `ending the command of ${job.name}`,
      stopped.catch((error) => {
        if (!signal.aborted) throw error;
      }),
      context.logger,
    );
  };
  const onCancel = () => stop('canceled');
  if (canceled.aborted) onCancel();
  canceled.addEventListener('abort', onCancel);
  let timer: NodeJS.Timeout | undefined;
  const wait = () => {
    const left = handle.startedAt + timeoutMs! - Date.now();
    timer = left > longestTimer ? setTimeout(wait, longestTimer) : setTimeout(() => stop('timed out'), Math.max(0, left));
  };
  if (timeoutMs !== undefined) wait();
  let onLeave = () => {};
  const left = new Promise<'left'>((resolve) => {
    onLeave = () => resolve('left');
  });
  // It may have ended while the command was being started.
  if (signal.aborted) onLeave();
  signal.addEventListener('abort', onLeave);
  const ending = await Promise.race([over, left]);
  signal.removeEventListener('abort', onLeave);
  clearTimeout(timer);
  canceled.removeEventListener('abort', onCancel);
  if (ending === 'left') throw new UserError('Interrupted', 'The runner ends; the command goes on.');
  const size = await main.finish();
  for (const tail of tails) await tail.finish();
  // A trial has its limit from its sweep.
  const limit = job.properties.properties?.hyperparameters === undefined ? 'limits.timeout' : 'limits.trial_timeout';
  const failure = failureOf(ending, why, timeoutMs, limit);
  if (!failure) return size;
  if (failure instanceof CommandFailed) {
    const lines = await (tails[ending.rank ?? 0] ?? main).lastLines(searchedLines);
    failure.lastLines = lines.slice(-keptLines);
    failure.frame = lastFrame(lines, path.join(place.there, 'code'));
    failure.said = lastWords(lines, failure.exitCode);
  }
  throw new Failed(failure, size);
}

/** Azure's name of the log of one of several processes: as many digits as the highest rank has. */
const rankLog = (rank: number, ranks: number): string =>
  `user_logs/std_log_process_${String(rank).padStart(String(ranks - 1).length, '0')}.txt`;

function failureOf(
  { cause, code, rank, why: said }: Ended,
  why: 'canceled' | 'timed out' | undefined,
  timeoutMs: number | undefined,
  limit: 'limits.timeout' | 'limits.trial_timeout',
): UserError | undefined {
  if (why === 'canceled') return new UserError('Canceled', 'The job was canceled.');
  if (why === 'timed out')
    return new UserError(
      'TimedOut',
      `The command ran longer than ${limit} allows (${formatDuration(timeoutMs!)}) and was ended.`,
      `Raise ${limit}, or make the command faster.`,
    );
  if (cause === 'stage') return new UserError('CommandNotStarted', said ?? 'The command could not be started.');
  if (cause === 'memory') return new CommandFailed(code, rank, true);
  if (cause === 'lost' || cause === 'canceled' || code === undefined)
    return new UserError(
      'Interrupted',
      'The command was interrupted: the machine was restarted or the process was killed from outside.',
      'Submit the job again.',
    );
  return code === 0 ? undefined : new CommandFailed(code, rank, false);
}

/** A command that did not end well, and the size of its job's log by then. */
class Failed extends Error {
  readonly reason: UserError;
  readonly logSize: number;
  constructor(reason: UserError, logSize: number) {
    super(reason.message);
    this.reason = reason;
    this.logSize = logSize;
  }
}

class CommandFailed extends UserError {
  readonly exitCode: number | undefined;
  private readonly where: string;
  lastLines: string[] = [];
  frame: { file: string; line: number } | undefined;
  /** The command's own word for why it failed, where it has one. */
  said: string | undefined;

  /** `isMemory`: the system says that it killed a process for its memory. */
  constructor(exitCode: number | undefined, rank: number | undefined, isMemory: boolean) {
    const meaning = isMemory
      ? ': memory ran out, and the system killed a process of it'
      : exitCode === 127
        ? ': the shell did not find a program'
        : exitCode === 137
          ? ': it was killed, as the system does when memory runs out'
          : '';
    const where = rank === undefined ? '' : ` in the process of rank ${rank}, which failed first`;
    super(
      isMemory ? 'OutOfMemory' : 'CommandFailed',
      `The command ended${exitCode === undefined ? '' : ` with exit code ${exitCode}`}${where}${meaning}.`,
      ...(isMemory ? ['Let it need less memory, or run fewer jobs at the same time.'] : []),
    );
    this.exitCode = exitCode;
    this.where = where;
  }

  /** For a list, a notice or the top of a page, which have room for one line: what the command said leads. The log has said that already. */
  get headline(): string {
    return this.said === undefined ? this.message : `${this.said} (exit code ${this.exitCode}${this.where}).`;
  }
}

/** Verifies and uploads the declared outputs. A folder that stayed empty is one, as in Azure, and the log says so. */
async function collect(
  context: RunnerContext,
  job: CommandJob,
  { here }: Place,
  log: JobLog,
  signal: AbortSignal,
): Promise<{ uris: Record<string, JobOutput>; hashes: Record<string, string> }> {
  const uris: Record<string, JobOutput> = {};
  const hashes: Record<string, string> = {};
  for (const [name, output] of Object.entries(job.properties.outputs ?? {})) {
    const local = outputPath(here, name, output);
    const isFile = output.jobOutputType === 'uri_file';
    const isThere = existsSync(local) && (!isFile || (await stat(local)).isFile());
    const isEmpty = isThere && !isFile && (await readdir(local)).length === 0;
    if (!isThere || (isEmpty && output.jobOutputType !== 'uri_folder')) {
      throw new UserError(
        'OutputMissing',
        `The command ended well but did not write its output "${name}" (${output.jobOutputType}).`,
        `Let it write ${isFile ? 'the file' : 'into the folder'} \${{outputs.${name}}}.`,
      );
    }
    if (isEmpty) log.line(`The output "${name}" is an empty folder: nothing was written into it.`);
    const uri = output.uri ?? defaultOutputUri(job.name, name, isFile);
    hashes[`${jobProperty.contentHash}${name}`] = await untilReached(signal, () => upload(context.client, local, uri, signal));
    uris[name] = { ...output, uri };
  }
  return { uris, hashes };
}

function errorOf(error: unknown, job: CommandJob, place: Place | undefined, isCanceled: boolean): JobError {
  // Whatever a canceled preparation stumbled over, the reason is the cancel.
  if (isCanceled) return { code: 'Canceled', message: 'The job was canceled.' };
  if ((error as NodeJS.ErrnoException).code === 'ENOSPC')
    return {
      code: 'DiskFull',
      message: `The disk that holds ${place?.here ?? "the runner's folder"} is full.`,
      hint: 'Free some space and submit the job again.',
    };
  if (!(error instanceof UserError)) return { code: 'RemoteError', message: messageOf(error), hint: "The control plane's log says more." };
  const failed = error instanceof CommandFailed ? error : undefined;
  return {
    code: error.code,
    message: failed?.headline ?? error.message,
    ...(error.hint ? { hint: error.hint } : {}),
    ...(failed ? { stderrTail: failed.lastLines } : {}),
    ...(failed?.exitCode === undefined ? {} : { exitCode: failed.exitCode }),
    ...(failed?.frame ? { frame: failed.frame } : {}),
    ...(job.properties.nodeName ? { step: job.properties.nodeName } : {}),
  };
}
