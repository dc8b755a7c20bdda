import type { Disposable } from '../../base/disposable.ts';
import type { Logger } from '../../base/logger.ts';
import { OneAtATime } from '../../base/oneAtATime.ts';
import { defaultWorkspace } from '../../protocol/arm.ts';
import type { Store } from '../../store/store.ts';
import { ownWorkspaces } from '../workspaceNames.ts';
import type { Work } from './duties.ts';

export interface WorkspaceDutiesOptions<T> {
  store: Store;
  begin(workspace: string): T;
  /** The workspaces in which it is done; those of the plane when absent. */
  list?: (store: Store) => Promise<string[]>;
  logger: Logger;
}

/** What is done in each workspace of the plane, from the start or from when the workspace is made, until it is deleted. */
export class WorkspaceDuties<T extends Work> implements Work {
  private readonly options: WorkspaceDutiesOptions<T>;
  private readonly works = new Map<string, T>();
  private readonly over = new AbortController();
  private readonly looks: OneAtATime;
  private readonly subscription: Disposable;

  constructor(options: WorkspaceDutiesOptions<T>) {
    const { store, logger } = options;
    this.options = options;
    // It is always there, and nothing of it waits for a list.
    this.begin(defaultWorkspace.workspace);
    this.looks = new OneAtATime({
      work: () => this.look(),
      onError: (error) => logger.error('the list of workspaces', error),
      signal: this.over.signal,
    });
    this.subscription = store.onDidCommit(({ kinds }) => {
      if (kinds?.has('workspace') !== false) this.looks.ask();
    });
    this.looks.ask();
  }

  /** What is done in a workspace; undefined where nothing is yet. */
  in(workspace: string): T | undefined {
    return this.works.get(workspace);
  }

  async end(): Promise<void> {
    this.over.abort();
    this.subscription.dispose();
    await this.looks.settled();
    await Promise.all([...this.works.values()].map((work) => work.end()));
  }

  private async look(): Promise<void> {
    const { store, list = ownWorkspaces } = this.options;
    const workspaces = await list(store);
    for (const workspace of workspaces) if (!this.works.has(workspace) && !this.over.signal.aborted) this.begin(workspace);
    for (const [workspace, work] of this.works) {
      if (workspaces.includes(workspace) || workspace === defaultWorkspace.workspace || this.over.signal.aborted) continue;
      this.works.delete(workspace);
      await work.end();
    }
  }

  private begin(workspace: string): void {
    this.works.set(workspace, this.options.begin(workspace));
  }
}
