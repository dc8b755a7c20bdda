import { OneAtATime } from '../base/oneAtATime.ts';
import { messageOf, UserError } from '../base/userError.ts';
import { isPassing } from '../client/isPassing.ts';
import { isTerminal, type JobError } from '../protocol/job.ts';
import type { ChildJob, OrchestrationContext } from './orchestration.ts';

export interface TurnsOptions {
  context: OrchestrationContext;
  /** The job that is orchestrated. */
  name: string;
  /** Does what is to be done next. It may be repeated at any time, and must do nothing twice. */
  act: () => Promise<void>;
  children: () => Iterable<ChildJob>;
}

/** Tries in a row after which an error of the plane's own is no passing trouble; with their pauses they take about a quarter of an hour. */
const patience = 35;

/**
 * Does the turns of one orchestration, one after another. A turn that met with trouble (the network, the plane, a full disk) is done again until it goes well. One that the plane
 * refuses ends the job as failed, unless the job is another orchestrator's by now.
 */
export class Turns {
  private readonly options: TurnsOptions;
  private readonly over = new AbortController();
  private readonly queue: OneAtATime;
  private failure: JobError | undefined;
  private troubles = 0;

  constructor(options: TurnsOptions) {
    this.options = options;
    const { context, name } = options;
    this.queue = new OneAtATime({
      work: () => this.turn(),
      signal: AbortSignal.any([context.signal, this.over.signal]),
      onError: (error, attempt) => {
        if (attempt === 0 || attempt === 10) context.logger.warn(`${name}: will be tried again: ${messageOf(error)}`);
      },
    });
  }

  /** Asks for a turn. */
  wake(): void {
    this.queue.ask();
  }

  /** The job has ended, or is somebody else's. */
  end(): void {
    if (this.over.signal.aborted) return;
    this.over.abort();
    this.options.context.onEnded(this.options.name);
  }

  get signal(): AbortSignal {
    return this.over.signal;
  }

  private async turn(): Promise<void> {
    const { context, name, act } = this.options;
    if (this.failure) return this.fail(this.failure);
    try {
      await act();
      this.troubles = 0;
    } catch (error) {
      if (context.signal.aborted) return;
      if (isPassing(error) && !this.isHopeless(error)) throw error;
      if (!(await context.isOurs(name))) return this.end();
      if (!(error instanceof UserError)) context.logger.error(`job ${name}`, error);
      this.failure = reasonOf(error);
      await this.fail(this.failure);
    }
  }

  /** A request that the plane fails at again and again is a defect of ours, which no patience mends. */
  private isHopeless(error: unknown): boolean {
    return error instanceof UserError && error.code === 'RemoteError' && ++this.troubles >= patience;
  }

  private async fail(error: JobError): Promise<void> {
    const { context, name, children } = this.options;
    for (const child of children()) {
      if (!isTerminal(child.properties.status!)) await unlessRefused(context.client.cancelJob(child.name));
    }
    await unlessRefused(context.client.reportJob(name, { runnerId: context.runnerId, status: 'Failed', error }));
    this.end();
  }
}

function reasonOf(error: unknown): JobError {
  const known = error instanceof UserError ? error : undefined;
  return { code: known?.code ?? 'RemoteError', message: known?.message ?? messageOf(error), ...(known?.hint ? { hint: known.hint } : {}) };
}

/** What is refused now is refused for good: the job is gone, has ended, or is another's. */
async function unlessRefused(request: Promise<unknown>): Promise<void> {
  try {
    await request;
  } catch (error) {
    if (isPassing(error)) throw error;
  }
}
