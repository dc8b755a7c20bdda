import type { Disposable } from '../../base/disposable.ts';
import type { Logger } from '../../base/logger.ts';
import { OneAtATime } from '../../base/oneAtATime.ts';
import { messageOf } from '../../base/userError.ts';
import type { Deployment, DeploymentRecords, Servers } from './deployment.ts';
import { nextSteps, type Step, type Trouble, troubleAfter } from './nextSteps.ts';

export interface DeploymentLoopOptions<D extends Deployment> {
  records: DeploymentRecords<D>;
  servers: Servers<D>;
  logger: Logger;
  now: () => number;
}

/** Keeps the servers of all deployments as they are wanted. */
export class DeploymentLoop<D extends Deployment> implements Disposable {
  private readonly options: DeploymentLoopOptions<D>;
  private readonly abort = new AbortController();
  private readonly troubles = new Map<string, Trouble>();
  private readonly queue: OneAtATime;
  private readonly subscriptions: Disposable[];
  private timer: NodeJS.Timeout | undefined;
  private isSettledIn = false;

  constructor(options: DeploymentLoopOptions<D>) {
    this.options = options;
    const { records, servers, logger } = options;
    this.queue = new OneAtATime({
      work: () => this.turn(),
      signal: this.abort.signal,
      onError: (error, attempt) => {
        if (attempt === 0) logger.warn(`deployments: will be tried again: ${messageOf(error)}`);
      },
    });
    this.subscriptions = [records.onDidChange(() => this.queue.ask()), servers.onDidChange(() => this.queue.ask())];
    this.queue.ask();
  }

  dispose(): void {
    this.abort.abort();
    clearTimeout(this.timer);
    for (const each of this.subscriptions) each.dispose();
  }

  /** Settles when no turn is under way any more. */
  settled(): Promise<void> {
    return this.queue.settled();
  }

  private async turn(): Promise<void> {
    const { records, servers, now } = this.options;
    clearTimeout(this.timer);
    const deployments = await records.all();
    if (!this.isSettledIn) {
      await servers.settleIn(deployments);
      this.isSettledIn = true;
    }
    for (const end of servers.takeEnded()) this.troubles.set(end.deployment, troubleAfter(end, this.troubles.get(end.deployment), now()));
    let next = Number.POSITIVE_INFINITY;
    for (const step of nextSteps(deployments, servers.present(), this.troubles, now())) {
      if (this.abort.signal.aborted) return;
      if (step.do === 'wait') next = Math.min(next, step.until);
      else await this.take(step);
    }
    if (next !== Number.POSITIVE_INFINITY) this.timer = setTimeout(() => this.queue.ask(), Math.max(0, next - now())).unref();
  }

  private async take(step: Exclude<Step<D>, { do: 'wait' }>): Promise<void> {
    const { records, servers, logger } = this.options;
    if (step.do === 'start') servers.start(step.deployment);
    else if (step.do === 'stop') servers.stop(step.server);
    else if (step.do === 'succeed') await records.report(step.deployment, { state: 'Succeeded' });
    else if (step.do === 'fail') {
      logger.warn(`deployment ${step.deployment.id} has failed: ${step.error.message}`);
      await records.report(step.deployment, { state: 'Failed', error: step.error });
    } else {
      await servers.free(step.deployment.id);
      this.troubles.delete(step.deployment.id);
      await records.remove(step.deployment);
    }
  }
}
