import { randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import path from 'node:path';
import { growing, wait } from '../base/backOff.ts';
import type { Disposable } from '../base/disposable.ts';
import { laterPart } from '../base/laterPart.ts';
import type { Logger } from '../base/logger.ts';
import { OneAtATime } from '../base/oneAtATime.ts';
import { messageOf, UserError } from '../base/userError.ts';
import { ChangeStream } from '../client/feed/changeStream.ts';
import { isPassing, isUnreachable } from '../client/isPassing.ts';
import type { PlaneClient } from '../client/planeClient.ts';
import { workspacePath } from '../protocol/arm.ts';
import type { Change, ChangeKind } from '../protocol/change.ts';
import { thisMachine } from '../protocol/infrastructure.ts';
import { type CommandJob, isCommand, isTerminal, type Job } from '../protocol/job.ts';
import { isSpot, rankOf } from '../protocol/queue.ts';
import { ContentCache } from './contentCache.ts';
import type { Executor } from './executors/executor.ts';
import { ProcessExecutor } from './executors/process/processExecutor.ts';
import { TaskWatch } from './executors/taskWatch.ts';
import { GaveWay, gaveWayOf } from './gaveWay.ts';
import { endCommand, endLeftovers } from './leftovers.ts';
import { Places } from './places.ts';
import type { RunnerContext } from './runnerContext.ts';
import type { JobSlots, Slots } from './slots.ts';
import { gpuProbe, programs } from './system/gpus.ts';
import { MachineLoad } from './system/machineLoad.ts';
import { SystemMetrics } from './system/systemMetrics.ts';
import { Trash } from './trash.ts';

export interface RunnerOptions {
  client: PlaneClient;
  /** A client with the token of a job, by which what the job needs is read and what it puts out is written: the token of a runner opens neither. Absent: `client` does that. */
  clientOfJob?: (token: string) => PlaneClient;
  /** Where the jobs' own processes reach the plane. */
  planeUrl: string;
  /** The runner's own: jobs, environments, tools, cache. */
  folder: string;
  /** Variables that commands start from; the runner never looks at its process's own. */
  environment: Record<string, string>;
  /** What a job's command sees besides, such as the variables for Azure's clients. */
  jobVariables?: () => Promise<Record<string, string>>;
  logger: Logger;
  /** Where commands run; as processes of this machine when absent. */
  executor?: Executor;
  /** Command jobs at the same time; the machine's cores when absent. */
  maxParallelJobs?: number;
  /** In place of `maxParallelJobs`, where runners of several workspaces share the machine. */
  places?: Places;
  /** The computes whose jobs it takes, at least one. Absent: jobs without a compute, and those of every compute that no other runner serves. */
  computes?: string[];
  /** Whether it is in the plane's own process, so that the two lose each other only together. */
  isEmbedded?: boolean;
  /** The feed of `runnerKinds` at least, where it is shared with others; else it has its own. */
  changes?: ChangeStream;
}

const commandJobs = laterPart(() => import('./commandJob.ts'));

/** The changes that a runner acts on. */
export const runnerKinds: readonly ChangeKind[] = ['job', 'compute', 'environment'];

export interface Runner {
  /** Settles when the plane lets this runner in no more, with why. Then it asks for nothing; what runs goes on, as after `dispose`. */
  readonly refused: Promise<UserError>;
  /** Ends the runner, not the commands: the next runner with the same folder goes on with them. */
  dispose(): Promise<void>;
}

/** Milliseconds in which the news of jobs in hand comes together: mostly they are our own reports, at times a wish to cancel. */
const gather = 200;
/** Milliseconds for an answer to the question that keeps the leases alive. */
const patience = 15_000;
/** Milliseconds between two tries to reach the plane, at most: when the network is back, the leases are to be renewed in time. */
const mostWaitMs = 5000;
/** Pauses between two tries of a job, and between two looks at what became of it. */
const [backOff, soon] = [growing(100, 30_000), growing(100, mostWaitMs)];
/** Commands, at the least, that are made ready while others run: the next one is to be there when one of them ends. */
const leastAhead = 6;
/** Places that are free before new jobs are asked for: enough are ready by then, and one question brings several. */
const leastRoom = leastAhead / 2;
/** Tries of one job after which errors of the plane's own are no passing trouble. */
const mostTries = 35;

/** Ends that are remembered until the news of them comes. */
const rememberedEnds = 1000;

/** A job that this runner has in hand. */
interface InHand {
  cancel: AbortController;
  client: PlaneClient;
  done: Promise<void>;
  /** What its command shows the plane. */
  token: string;
  /** The plane says that it is not ours any more. */
  isLost: boolean;
}

/** Claims queued commands of a plane and runs them; takes up what an earlier runner of the same folder left. */
export function startRunner(options: RunnerOptions): Runner {
  return new JobRunner(options);
}

class JobRunner implements Runner {
  private readonly client: PlaneClient;
  private readonly context: RunnerContext;
  private readonly options: RunnerOptions;
  private readonly abort = new AbortController();
  private readonly places: Places;
  private readonly most: number;
  private readonly inHand = new Map<string, InHand>();
  /** Jobs that have just ended: the news of it is none. */
  private readonly ended = new Set<string>();
  private readonly slots: Slots;
  private readonly claims: OneAtATime;
  private readonly subscriptions: Disposable[] = [];
  private gathering: NodeJS.Timeout | undefined;
  private heartbeat: NodeJS.Timeout | undefined;
  /** Whether the jobs of an earlier runner of this folder are in hand, and what else it left is gone. */
  private isSettledIn = false;
  private refuse: (why: UserError) => void = () => {};
  readonly refused = new Promise<UserError>((resolve) => {
    this.refuse = resolve;
  });

  constructor(options: RunnerOptions) {
    const { client, planeUrl, folder, environment, jobVariables, logger, maxParallelJobs, computes } = options;
    mkdirSync(folder, { recursive: true });
    this.options = options;
    const trash = new Trash(path.join(folder, 'trash'), logger);
    const executor = options.executor ?? new ProcessExecutor(path.join(folder, 'jobs'), (each) => trash.discard(each));
    this.client = client;
    this.places = options.places ?? new Places(maxParallelJobs ?? cpus().length);
    this.most = this.places.count;
    this.slots = this.places.slots;
    this.context = {
      client,
      ofJob: client,
      runnerId: runnerIdOf(folder),
      workspaceId: workspacePath(client.workspace),
      compute: computes?.[0] ?? thisMachine,
      planeUrl,
      token: '',
      folder,
      environment,
      jobVariables: jobVariables ?? (async () => ({})),
      logger,
      systemMetrics: new SystemMetrics(new MachineLoad(folder, gpuProbe(programs(environment))), logger),
      plans: new Map(),
      executor,
      tasks: new TaskWatch(executor, logger, this.abort.signal),
      cache: new ContentCache(path.join(folder, 'cache')),
      trash,
      signal: this.abort.signal,
    };
    this.claims = new OneAtATime({
      work: () => this.claim(),
      onError: (error, attempt) => {
        if (isRefusal(error)) {
          this.abort.abort();
          this.refuse(error);
          return;
        }
        if (attempt === 0) logger.warn(`the control plane could not be asked for jobs, which is tried again: ${messageOf(error)}`);
      },
      mostWaitMs,
      signal: this.abort.signal,
    });
    this.subscriptions.push(this.places.join(this));
    this.listen();
  }

  held(): number {
    return this.inHand.size;
  }

  onRoom(): void {
    if (this.room() >= leastRoom) this.claims.ask();
  }

  async dispose(): Promise<void> {
    this.abort.abort();
    clearTimeout(this.gathering);
    clearTimeout(this.heartbeat);
    this.context.trash.dispose();
    this.context.executor.dispose();
    for (const each of this.subscriptions) each.dispose();
    this.context.systemMetrics.dispose();
    await this.claims.settled();
    await Promise.allSettled([...this.inHand.values()].map(({ done }) => done));
  }

  private listen(): void {
    const changes = this.options.changes ?? new ChangeStream(this.client.http, { kinds: runnerKinds });
    if (!this.options.changes) this.subscriptions.push(changes);
    this.subscriptions.push(
      changes.onDidChange((change) => this.hear(change)),
      changes.onDidReset(() => {
        this.context.plans.clear();
        this.claims.ask();
      }),
      changes.onDidChangeState((state) => {
        // First the feed, then the question: whatever comes between is seen twice, never missed.
        // Where the feed has broken off, the answer to the question says whether that is for good.
        if (state !== 'connecting') this.claims.ask();
      }),
    );
    if (changes.state === 'live') this.claims.ask();
  }

  private hear({ kind, id }: Change): void {
    if (kind === 'environment') this.context.plans.clear();
    // A compute that is gone is stood in for, too.
    if (kind !== 'job' && kind !== 'compute') return;
    if (this.ended.delete(id)) return;
    if (!this.inHand.has(id)) {
      if (this.room() > 0) this.claims.ask();
    } else
      this.gathering ??= setTimeout(() => {
        this.gathering = undefined;
        this.claims.ask();
      }, gather);
  }

  /** For those that run, and for others that are made ready meanwhile. */
  private room(): number {
    return Math.max(0, this.most + Math.max(this.most, leastAhead) - this.inHand.size);
  }

  /** The one question to the plane: what is there to do, and what became of what is in hand? Being asked, the plane knows that this runner is there. */
  private async claim(): Promise<void> {
    clearTimeout(this.heartbeat);
    const { computes } = this.options;
    const {
      jobs,
      tokens,
      lost,
      canceled,
      givesWay = {},
      heartbeatMs,
    } = await this.client.claimJobs(
      {
        runnerId: this.context.runnerId,
        computes: computes ?? [thisMachine],
        others: computes === undefined,
        room: this.room(),
        places: this.places.leftTo(this),
        ready: this.slots.ready().filter((name) => this.inHand.has(name)),
        holds: [...this.inHand.keys()],
      },
      AbortSignal.any([this.abort.signal, AbortSignal.timeout(patience)]),
    );
    if (this.abort.signal.aborted) return;
    for (const name of lost) this.lose(name);
    for (const name of canceled) this.inHand.get(name)?.cancel.abort();
    for (const [name, to] of Object.entries(givesWay)) this.inHand.get(name)?.cancel.abort(new GaveWay(to));
    const commands = jobs.filter(isCommand);
    if (!this.isSettledIn) {
      await endLeftovers(this.context, new Set(commands.map(({ name }) => name)));
      this.isSettledIn = true;
    }
    for (const job of commands) this.take(job, tokens[job.name]!);
    if (this.inHand.size) this.heartbeat = setTimeout(() => this.claims.ask(), heartbeatMs).unref();
  }

  /** Ends the command, if there is one: another runner may have the job by now. */
  private lose(name: string): void {
    const job = this.inHand.get(name);
    if (!job || job.isLost) return;
    job.isLost = true;
    job.cancel.abort();
  }

  private take(job: CommandJob, token: string): void {
    if (this.inHand.has(job.name)) return;
    const cancel = new AbortController();
    if (job.properties.status === 'CancelRequested') cancel.abort();
    const client = this.options.clientOfJob?.(token) ?? this.client;
    const entry: InHand = { cancel, client, token, isLost: false, done: Promise.resolve() };
    this.inHand.set(job.name, entry);
    entry.done = this.run(job, entry)
      .catch((error) => this.context.logger.error(`job ${job.name}`, error))
      .then(() => {
        this.inHand.delete(job.name);
        this.places.tellOthers(this);
        // It waits again, and may be ours again.
        if (gaveWayOf(cancel.signal)) return this.claims.ask();
        if (this.ended.size >= rememberedEnds) this.ended.clear();
        this.ended.add(job.name);
        if (this.room() >= leastRoom) this.claims.ask();
      });
  }

  /** Runs a job until its end is on the plane, however often that takes a new try, or until it is not ours any more. */
  private async run(job: CommandJob, entry: InHand): Promise<void> {
    const { signal } = this.abort;
    let present: Job | undefined = job;
    for (let attempt = 0; present && isCommand(present) && !isTerminal(present.properties.status!); attempt++) {
      try {
        if (attempt >= mostTries) await this.giveUp(job.name, attempt);
        else
          await (await commandJobs()).runCommandJob(
            { ...this.context, token: entry.token, ofJob: entry.client },
            present,
            entry.cancel.signal,
            this.slotsFor(job),
          );
        return;
      } catch (error) {
        if (signal.aborted) return;
        // Either the job's token is good no more, or the runner's own.
        if (isRefusal(error)) await this.askAnew();
        if (signal.aborted) return;
        const isRefused = isRefusal(error) || (error instanceof UserError && ['Conflict', 'NotFound'].includes(error.code));
        if (entry.isLost || isRefused) {
          this.context.logger.warn(`job ${job.name} has ended, or is not this runner's any more`);
          await endCommand(this.context, job.name);
          return;
        }
        if (!isPassing(error)) this.context.logger.error(`job ${job.name}`, error);
        // The plane, or the compute, may be away for as long as it wants: only errors of their own are counted.
        if (isUnreachable(error)) attempt = Math.min(attempt, 5);
        await wait(backOff(attempt), signal);
        present = await this.look(job.name, entry);
      }
    }
  }

  /** Settles when the plane has answered another question, or this runner has ended. */
  private async askAnew(): Promise<void> {
    this.claims.ask();
    await this.claims.settled();
  }

  /** The job as it is now; undefined when it is not there or not ours any more, or this runner ends. */
  private async look(name: string, entry: InHand): Promise<Job | undefined> {
    const { signal } = this.abort;
    for (let attempt = 0; !signal.aborted && !entry.isLost; attempt++) {
      try {
        return await entry.client.getJob(name);
      } catch (error) {
        if (error instanceof UserError && (error.code === 'NotFound' || isRefusal(error))) return undefined;
        await wait(soon(attempt), signal);
      }
    }
    return undefined;
  }

  private async giveUp(name: string, tries: number): Promise<void> {
    const message = `The control plane failed ${tries} times at the requests of this job's runner.`;
    const hint = "The control plane's log says more.";
    await this.client.reportJob(name, {
      runnerId: this.context.runnerId,
      status: 'Failed',
      error: { code: 'RemoteError', message, hint },
    });
  }

  /** Where a command waits for its turn. A runner that may be cut off starts it only when the plane has said yes to it: until then the plane may give the job to another one. */
  private slotsFor({ name, properties }: CommandJob): JobSlots {
    const turn = { name, rank: rankOf(properties) };
    const take: JobSlots['take'] = (signal, tell) => {
      const left = this.slots.take(signal, turn, tell);
      // A spot job may have its place, and gives way when the plane hears of it.
      if (!isSpot(turn.rank) && this.slots.ready().includes(name)) this.claims.ask();
      return left;
    };
    if (this.options.isEmbedded) return { occupy: () => this.slots.occupy(), take };
    return {
      occupy: () => this.slots.occupy(),
      take: async (signal, tell) => {
        const leave = await take(signal, tell);
        try {
          const { runnerId, workspaceId, compute } = this.context;
          await this.client.reportJob(name, {
            runnerId,
            status: 'Running',
            computeId: `${workspaceId}/computes/${compute}`,
            progress: null,
          });
          signal.throwIfAborted();
        } catch (error) {
          leave();
          throw error;
        }
        return leave;
      },
    };
  }
}

/** Whether a token is good no more, or not for this: asking again would not help. */
const isRefusal = (error: unknown): error is UserError => error instanceof UserError && ['Unauthorized', 'Forbidden'].includes(error.code);

/** The same over restarts, so that a runner finds its own claims again. */
function runnerIdOf(folder: string): string {
  const file = path.join(folder, 'runnerId');
  try {
    const id = readFileSync(file, 'utf8').trim();
    if (id) return id;
  } catch {
    // Its first start.
  }
  const id = randomUUID();
  writeFileSync(file, id, { flush: true });
  return id;
}
