import { existsSync, mkdirSync } from 'node:fs';
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { aside } from '../base/aside.ts';
import { parseDuration } from '../base/duration.ts';
import { formatDuration } from '../base/text.ts';
import { messageOf, UserError } from '../base/userError.ts';
import { isPassing } from '../client/isPassing.ts';
import { registerOutputs } from '../client/registerOutputs.ts';
import { parseAssetId } from '../protocol/arm.ts';
import { type CommandJob, type Job, type JobError, type JobOutput, type JobReport, jobProperty, waitingStatuses } from '../protocol/job.ts';
import { defaultOutputUri, logFile } from '../protocol/jobPlaces.ts';
import { render } from '../spec/expression.ts';
import { type EnvironmentPlan, planOf, prepareEnvironment } from './environments/prepareEnvironment.ts';
import { CommandProcess } from './executors/process.ts';
import { materialise } from './inputs.ts';
import { jobEnvironment } from './jobEnvironment.ts';
import { JobLog } from './jobLog.ts';
import { LogTail, stderrTail } from './logTail.ts';
import type { RunnerContext } from './runnerContext.ts';
import type { Slots } from './slots.ts';
import { lastFrame } from './traceback.ts';
import { download, upload } from './transfer.ts';

/** Milliseconds in which a command ends at once. */
const atOnce = 50;

/**
 * Runs one claimed command job to its end, reports on it, and answers it as it then is. `canceled` aborts when someone asked to cancel. When the runner itself
 * ends (`context.signal`), the command goes on and the next runner takes it up where the job's folder says. The command waits for one of the `slots`.
 */
export async function runCommandJob(
  context: RunnerContext,
  job: CommandJob,
  canceled: AbortSignal,
  slots: Pick<Slots, 'take' | 'occupy'>,
): Promise<Job | undefined> {
  const folder = path.join(context.folder, 'jobs', job.name);
  const always: Omit<JobReport, 'status'> = { runnerId: context.runnerId, computeId: `${context.workspaceId}/computes/${context.compute}` };
  const stopped = AbortSignal.any([canceled, context.signal]);
  const report = (change: Omit<JobReport, 'runnerId'>) => context.client.reportJob(job.name, { ...always, ...change });
  mkdirSync(folder, { recursive: true });
  let log: JobLog | undefined;
  let ended: Job;
  try {
    let running = CommandProcess.adopt(folder);
    let leave: () => void;
    let said: Promise<unknown> = Promise.resolve();
    if (running) leave = slots.occupy();
    else {
      const plan = await planOf(context, job.properties.environmentId);
      if (plan.requirements) await report({ status: 'Preparing' });
      const isFresh = waitingStatuses.includes(job.properties.status!);
      log = isFresh ? new JobLog(context.client, job.name, 0) : await JobLog.open(context.client, job.name);
      const launch = await prepare(context, job, plan, folder, log, stopped, (progress) => {
        // The next report says it anew.
        report({ progress }).catch(() => {});
      });
      leave = await slots.take(stopped);
      running = await log
        .handOver()
        .then(({ offset: logOffset, rest: preface }) => CommandProcess.start(folder, { ...launch, logOffset, preface }, context.launcher))
        .catch((error) => {
          leave();
          throw error;
        });
      // It runs whether the plane knows it yet or not; what the report meets with is looked at when the command has ended.
      said = isBrief(running).then((brief) => (brief ? undefined : report({ status: 'Running', progress: null })));
      said.catch(() => {});
    }
    always.startedAt = running.startedAt;
    running.ended.then(leave, leave);
    const measured = isMeasured(job) ? context.systemMetrics.watch(job.name, running.startedAt) : () => {};
    try {
      await follow(context, job, folder, running, canceled);
    } finally {
      measured();
    }
    await said;
    const { uris, hashes } = await collect(context, job, folder, stopped);
    if (Object.values(uris).some((output) => output.assetName)) {
      await report({ status: 'Finalizing', outputs: uris, properties: hashes });
      await registerOutputs(context.client, job, uris, hashes);
    }
    ended = await report({ status: 'Completed', outputs: uris, properties: hashes });
  } catch (error) {
    if (context.signal.aborted) return undefined;
    // No verdict about the job: the command goes on, and so does this runner when the plane is back.
    if (isPassing(error) && !isDiskFull(error)) throw error;
    const failure = errorOf(error, job, folder, canceled.aborted);
    // Its report may not fit either before what the job wrote is gone.
    if (failure.code === 'DiskFull') await rm(path.join(folder, 'outputs'), { recursive: true, force: true });
    await log?.flush().catch(() => {});
    if (failure.code !== 'Canceled') await sayWhy(context, job.name, failure.message).catch(() => {});
    if (!(error instanceof UserError) && failure.code !== 'Canceled') context.logger.error(`job ${job.name}`, error);
    ended = await report(failure.code === 'Canceled' ? { status: 'Canceled' } : { status: 'Failed', error: failure });
  }
  context.trash.discard(folder);
  return ended;
}

const isDiskFull = (error: unknown): boolean => error instanceof UserError && error.code === 'DiskFull';

/** Whether a command ends at once. Of one that does, only the end is reported. */
const isBrief = ({ ended }: CommandProcess): Promise<boolean> =>
  Promise.race([
    ended.then(
      () => true,
      () => true,
    ),
    delay(atOnce, false),
  ]);

/** The last words of the log, after all that the command wrote meanwhile. */
async function sayWhy({ client }: RunnerContext, job: string, why: string): Promise<void> {
  const log = await JobLog.open(client, job);
  log.line(`\n${why}`);
  await log.flush();
}

/** A job says so by MLflow's own variable when it does not want the machine's load recorded. */
const isMeasured = (job: CommandJob): boolean =>
  job.properties.environmentVariables?.MLFLOW_ENABLE_SYSTEM_METRICS_LOGGING?.toLowerCase() !== 'false';

/** Everything before the command: environment, code, inputs, places for outputs. */
async function prepare(
  context: RunnerContext,
  job: CommandJob,
  plan: EnvironmentPlan,
  folder: string,
  log: JobLog,
  signal: AbortSignal,
  onProgress: (text: string) => void,
) {
  const { client } = context;
  const { properties } = job;
  const base = await prepareEnvironment(plan, {
    folder: context.folder,
    environment: context.environment,
    signal,
    onLine: (line) => log.line(line),
    onProgress,
  });

  const cwd = path.join(folder, 'code');
  mkdirSync(cwd, { recursive: true });
  const code = properties.codeId ? parseAssetId(properties.codeId) : undefined;
  if (code) {
    const { codeUri } = (await client.getAsset('codes', code.name, code.version, signal)).properties;
    await download(client, codeUri, cwd, context.cache, signal);
  }

  const values = new Map<string, string>();
  for (const [name, input] of Object.entries(properties.inputs ?? {})) {
    if (input.jobInputType === 'literal') {
      if (input.value !== undefined) values.set(`inputs.${name}`, input.value);
    } else values.set(`inputs.${name}`, await materialise(client, name, input, path.join(folder, 'inputs'), context.cache, signal));
  }
  for (const [name, output] of Object.entries(properties.outputs ?? {}))
    values.set(`outputs.${name}`, await placeFor(folder, name, output));
  if (properties.distribution) log.line('The distribution setting is not used here: the command runs as one process.');
  if (properties.resources)
    log.line(`Resources are what this machine has; the job's own wishes (${JSON.stringify(properties.resources)}) are not enforced.`);
  return {
    command: render(properties.command, ([scope, ...name]) => values.get(`${scope}.${name.join('.')}`)),
    cwd,
    environment: jobEnvironment(context, job, { ...base, ...(await context.jobVariables()) }, values),
  };
}

const localOutput = (folder: string, name: string, output: JobOutput) =>
  output.jobOutputType === 'uri_file' ? path.join(folder, 'outputs', name, name) : path.join(folder, 'outputs', name);

async function placeFor(folder: string, name: string, output: JobOutput): Promise<string> {
  await mkdir(path.join(folder, 'outputs', name), { recursive: true });
  return localOutput(folder, name, output);
}

/** Waits for the command; throws for everything but exit code 0. */
async function follow(
  context: RunnerContext,
  job: CommandJob,
  folder: string,
  running: CommandProcess,
  canceled: AbortSignal,
): Promise<void> {
  const written = running.logOffset ?? (await context.client.logSize(job.name, logFile));
  const tail = new LogTail(context.client, job.name, folder, written);
  tail.start();
  const timeoutMs = parseDuration(job.properties.limits?.timeout ?? undefined);
  let why: 'canceled' | 'timed out' | undefined;
  const stop = (reason: typeof why) => {
    why ??= reason;
    aside(`ending the command of ${job.name}`, running.kill(), context.logger);
  };
  const onCancel = () => stop('canceled');
  if (canceled.aborted) onCancel();
  canceled.addEventListener('abort', onCancel);
  const timer =
    timeoutMs === undefined ? undefined : setTimeout(() => stop('timed out'), Math.max(0, running.startedAt + timeoutMs - Date.now()));
  let onLeave = () => {};
  const left = new Promise<'left'>((resolve) => {
    onLeave = () => resolve('left');
  });
  // It may have ended while the command was being started.
  if (context.signal.aborted) onLeave();
  context.signal.addEventListener('abort', onLeave);
  const ending = await Promise.race([running.ended, left]);
  context.signal.removeEventListener('abort', onLeave);
  clearTimeout(timer);
  canceled.removeEventListener('abort', onCancel);
  if (ending === 'left') {
    tail.stop();
    throw new UserError('Interrupted', 'The runner ends; the command goes on.');
  }
  await tail.finish();
  if (why === 'canceled') throw new UserError('Canceled', 'The job was canceled.');
  if (why === 'timed out')
    throw new UserError(
      'TimedOut',
      `The command ran longer than limits.timeout allows (${formatDuration(timeoutMs!)}) and was ended.`,
      'Raise limits.timeout, or make the command faster.',
    );
  if (ending === 'interrupted')
    throw new UserError(
      'Interrupted',
      'The command was interrupted: the machine was restarted or the process was killed from outside.',
      'Submit the job again.',
    );
  if (ending.code !== 0) throw new CommandFailed(ending.code);
}

class CommandFailed extends UserError {
  readonly exitCode: number;
  constructor(exitCode: number) {
    const meaning =
      exitCode === 127
        ? ': the shell did not find a program'
        : exitCode === 137
          ? ': it was killed, as the system does when memory runs out'
          : '';
    super('CommandFailed', `The command ended with exit code ${exitCode}${meaning}.`);
    this.exitCode = exitCode;
  }
}

/** Verifies and uploads the declared outputs. */
async function collect(
  context: RunnerContext,
  job: CommandJob,
  folder: string,
  signal: AbortSignal,
): Promise<{ uris: Record<string, JobOutput>; hashes: Record<string, string> }> {
  const uris: Record<string, JobOutput> = {};
  const hashes: Record<string, string> = {};
  for (const [name, output] of Object.entries(job.properties.outputs ?? {})) {
    const local = localOutput(folder, name, output);
    const isFile = output.jobOutputType === 'uri_file';
    const written = existsSync(local) && (isFile ? (await stat(local)).isFile() : (await readdir(local)).length > 0);
    if (!written) {
      throw new UserError(
        'OutputMissing',
        `The command ended well but did not write its output "${name}" (${output.jobOutputType}).`,
        `Let it write ${isFile ? 'the file' : 'into the folder'} \${{outputs.${name}}}.`,
      );
    }
    const uri = output.uri ?? defaultOutputUri(job.name, name, isFile);
    hashes[`${jobProperty.contentHash}${name}`] = await upload(context.client, local, uri, signal);
    uris[name] = { ...output, uri };
  }
  return { uris, hashes };
}

function errorOf(error: unknown, job: CommandJob, folder: string, isCanceled: boolean): JobError {
  // Whatever a canceled preparation stumbled over, the reason is the cancel.
  if (isCanceled) return { code: 'Canceled', message: 'The job was canceled.' };
  if ((error as NodeJS.ErrnoException).code === 'ENOSPC')
    return { code: 'DiskFull', message: `The disk that holds ${folder} is full.`, hint: 'Free some space and submit the job again.' };
  if (!(error instanceof UserError)) return { code: 'RemoteError', message: messageOf(error), hint: "The control plane's log says more." };
  const tail = error instanceof CommandFailed ? stderrTail(folder) : [];
  const frame = tail.length ? lastFrame(stderrTail(folder, 200), path.join(folder, 'code')) : undefined;
  return {
    code: error.code,
    message: error.message,
    ...(error.hint ? { hint: error.hint } : {}),
    ...(error instanceof CommandFailed ? { exitCode: error.exitCode, stderrTail: tail } : {}),
    ...(frame ? { frame } : {}),
    ...(job.properties.nodeName ? { step: job.properties.nodeName } : {}),
  };
}
