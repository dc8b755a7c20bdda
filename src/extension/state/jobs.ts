import { type Disposable, DisposableStore } from '../../base/disposable.ts';
import { Emitter } from '../../base/event.ts';
import type { JobQuery } from '../../client/planeClient.ts';
import { isPipeline, isSweep, type Job, type JobStatus } from '../../protocol/job.ts';
import type { JobFeed, JobNews } from './jobFeed.ts';
import { type Figures, JobFigures, type JobWithFigures } from './jobFigures.ts';
import { type ListPage, PagedList } from './pagedList.ts';
import type { PlaneConnection } from './planeConnection.ts';

export interface ExperimentNode {
  readonly kind: 'experiment';
  readonly name: string;
}
/** A job or a pipeline's step. The node stays the same while `job` is replaced by news. */
export interface JobNode {
  readonly kind: 'job';
  readonly name: string;
  job: Job;
}
/** A step of a pipeline whose turn has not come, or never came: there is no job of it. */
export interface WaitingNode {
  readonly kind: 'waiting';
  readonly name: string;
  readonly pipeline: JobNode;
}
export interface MoreNode {
  readonly kind: 'more';
  readonly of: ExperimentNode | JobNode | undefined;
}
export type JobsNode = ExperimentNode | JobNode | WaitingNode | MoreNode;

/** What the Jobs view shows. Any of the first three turns the tree of experiments into one list of matching jobs. */
export interface JobFilter {
  search?: string;
  status?: JobStatus[];
  tag?: string;
  archived?: boolean;
}

const pageSize = 100;

/** Experiments, their jobs and the steps of pipelines, as far as they were asked for; kept up to date by the feed. */
export class JobsState implements Disposable {
  private readonly changes = new Emitter<JobsNode | undefined>();
  /** The node to show anew, with its children; undefined for everything. */
  readonly onDidChange = this.changes.event;
  filter: JobFilter = {};

  private root: PagedList<ExperimentNode | JobNode>;
  /** When the newest job was made that is known. */
  private newest = '';
  private readonly experiments = new Map<string, ExperimentNode>();
  private readonly jobs = new Map<string, JobNode>();
  private readonly children = new Map<ExperimentNode | JobNode, PagedList<JobNode>>();
  private readonly mores = new Map<ExperimentNode | JobNode | undefined, MoreNode>();
  private readonly waiting = new Map<string, WaitingNode>();
  private readonly subscriptions = new DisposableStore();
  private readonly plane: PlaneConnection;
  private readonly feed: JobFeed;
  /** What the jobs have logged. */
  readonly figures: JobFigures;

  constructor(plane: PlaneConnection, feed: JobFeed, onError: (error: unknown) => void = () => {}) {
    this.plane = plane;
    this.feed = feed;
    this.root = this.newRoot();
    this.figures = this.subscriptions.add(new JobFigures(plane, onError));
    this.subscriptions.add(
      this.figures.onDidChange((name) => {
        const node = this.jobs.get(name);
        if (node) this.changes.fire(node);
      }),
    );
    this.subscriptions.add(feed.interested((name, parent) => this.jobs.has(name) || this.stepsAreShown(parent)));
    this.subscriptions.add(feed.onDidChangeJob((news) => this.onNews(news)));
    this.subscriptions.add(plane.onDidReset(() => this.reload()));
  }

  get isFiltered(): boolean {
    return Boolean(this.filter.search || this.filter.status?.length || this.filter.tag || this.filter.archived);
  }

  setFilter(filter: JobFilter): void {
    this.filter = filter;
    this.reload();
  }

  /** Forgets everything; whoever shows it asks again. */
  reload(): void {
    this.figures.forget();
    for (const map of [this.experiments, this.jobs, this.children, this.mores, this.waiting]) map.clear();
    this.root = this.newRoot();
    this.changes.fire(undefined);
  }

  async roots(): Promise<readonly JobsNode[]> {
    return this.withMore(undefined, await this.root.load(), this.root);
  }

  async childrenOf(node: JobsNode): Promise<readonly JobsNode[]> {
    if (node.kind !== 'experiment' && node.kind !== 'job') return [];
    const list = this.listOf(node);
    const jobs = await list.load();
    if (node.kind === 'experiment') return this.withMore(node, jobs, list);
    return [...this.withMore(node, jobs, list), ...this.stepsToCome(node, jobs)];
  }

  async loadMore({ of }: MoreNode): Promise<void> {
    await (of ? this.listOf(of) : this.root).more();
    this.changes.fire(of);
  }

  parentOf(node: JobsNode): JobsNode | undefined {
    if (node.kind === 'more') return node.of;
    if (node.kind === 'waiting') return node.pipeline;
    if (node.kind === 'experiment') return undefined;
    const { parentJobName, experimentName } = node.job.properties;
    if (parentJobName) return this.jobs.get(parentJobName);
    return this.isFiltered ? undefined : this.experimentNode(experimentName ?? 'Default');
  }

  /** What a job has logged, as far as it is known. */
  figuresOf(name: string): Figures | undefined {
    return this.figures.of(name);
  }

  /** The jobs that a job stands among: of the same experiment, pipeline or sweep, as far as they were read. */
  siblingsOf(node: JobNode): readonly Job[] {
    const parent = this.parentOf(node) as ExperimentNode | JobNode | undefined;
    const list = parent ? this.children.get(parent)?.items : this.root.items;
    return (list ?? []).flatMap((each) => (each.kind === 'job' ? [each.job] : []));
  }

  /** The node of a job, with the nodes above it, so that a view can reveal it. Whoever has the job already gives it along. */
  async find(name: string, given?: Job): Promise<JobNode> {
    const known = this.jobs.get(name);
    if (known) return known;
    const job = given ?? (await this.plane.ask((client) => client.getJob(name)));
    if (job.properties.parentJobName) await this.find(job.properties.parentJobName);
    const node = this.jobNode(job);
    if (given) this.feed.lookSince(given);
    if (this.isFiltered) await this.root.load();
    else if (!job.properties.parentJobName) {
      await this.root.load();
      const experiment = this.experimentNode(job.properties.experimentName ?? 'Default');
      if (given) this.root.moveFirst(experiment);
      else this.root.addFirst(experiment);
      await this.listOf(experiment).load();
      this.listOf(experiment).addFirst(node);
      this.changes.fire(undefined);
    }
    return node;
  }

  dispose(): void {
    this.subscriptions.dispose();
    this.changes.dispose();
  }

  private onNews({ name, job }: JobNews): void {
    const node = this.jobs.get(name);
    if (!job || (job.properties.isArchived ?? false) !== (this.filter.archived ?? false)) {
      if (node && !job?.properties.parentJobName) this.forget(node);
      if (job && !node) return;
      if (!job?.properties.parentJobName) return;
    }
    if (node && job) {
      node.job = job;
      this.figures.ask(this.withFigures(job));
      this.changes.fire(node);
    } else if (job) this.arrive(job);
  }

  private arrive(job: Job): void {
    this.figures.ask(this.withFigures(job));
    const { parentJobName, experimentName = 'Default' } = job.properties;
    if (parentJobName) {
      const parent = this.jobs.get(parentJobName);
      const list = parent && this.children.get(parent);
      if (!parent || !list) return;
      list.addLast(this.jobNode(job));
      if (list.loaded) this.changes.fire(parent);
    } else if (this.isFiltered) {
      if (!this.matches(job)) return;
      this.root.addFirst(this.jobNode(job));
      if (this.root.loaded) this.changes.fire(undefined);
    } else {
      const experiment = this.experimentNode(experimentName);
      const before = this.root.items;
      const created = job.systemData?.createdAt ?? '';
      // The one with the newest job leads, as in the list. What is only heard of again stays where it is.
      if (created > this.newest) {
        this.newest = created;
        this.root.moveFirst(experiment);
      } else this.root.addFirst(experiment);
      const isMoved = this.root.loaded && this.root.items !== before;
      const list = this.children.get(experiment);
      list?.addFirst(this.jobNode(job));
      // An experiment that nobody opened stays as it is: menus that are open on rows below a node lose them while it is read anew.
      if (isMoved) this.changes.fire(undefined);
      else if (list?.loaded) this.changes.fire(experiment);
    }
  }

  private forget(node: JobNode): void {
    const parent = this.parentOf(node) as ExperimentNode | JobNode | undefined;
    this.jobs.delete(node.name);
    this.children.delete(node);
    const wasThere = parent ? this.children.get(parent)?.remove(node) : this.root.remove(node);
    if (!wasThere) return;
    if (parent?.kind === 'experiment' && this.children.get(parent)!.items.length === 0 && !this.children.get(parent)!.hasMore) {
      this.children.delete(parent);
      this.root.remove(parent);
      this.changes.fire(undefined);
    } else this.changes.fire(parent);
  }

  /** The part of the filter that a new job can be checked for here; the plane applies the same one to what it lists. */
  private matches(job: Job): boolean {
    const { search, status, tag } = this.filter;
    const text = `${job.name}\n${job.properties.displayName ?? ''}`.toLowerCase();
    const [key, value] = tag?.split('=') ?? [];
    return (
      (!search || text.includes(search.toLowerCase())) &&
      (!status?.length || status.includes(job.properties.status ?? 'Unknown')) &&
      (!key || (value === undefined ? key in (job.properties.tags ?? {}) : job.properties.tags?.[key] === value))
    );
  }

  private stepsAreShown(parent: string): boolean {
    const node = this.jobs.get(parent);
    return node !== undefined && this.children.has(node);
  }

  private stepsToCome(node: JobNode, steps: readonly JobNode[]): WaitingNode[] {
    if (!isPipeline(node.job)) return [];
    const begun = new Set(steps.map((step) => step.job.properties.nodeName));
    return Object.keys(node.job.properties.jobs)
      .filter((name) => !begun.has(name))
      .map((name) => {
        const key = `${node.name}\n${name}`;
        const known = this.waiting.get(key) ?? { kind: 'waiting' as const, name, pipeline: node };
        this.waiting.set(key, known);
        return known;
      });
  }

  private withMore(of: ExperimentNode | JobNode | undefined, items: readonly JobsNode[], list: { hasMore: boolean }): readonly JobsNode[] {
    if (!list.hasMore) return items;
    const more = this.mores.get(of) ?? { kind: 'more' as const, of };
    this.mores.set(of, more);
    return [...items, more];
  }

  private newRoot(): PagedList<ExperimentNode | JobNode> {
    if (this.isFiltered) {
      const { search, status, tag, archived } = this.filter;
      return new PagedList((next) =>
        this.readJobs(
          {
            ...(search ? { search } : {}),
            ...(status?.length ? { status } : {}),
            ...(tag ? { tag } : {}),
            listViewType: archived ? 'ArchivedOnly' : 'ActiveOnly',
          },
          next,
        ),
      );
    }
    return new PagedList(async (next) => {
      const { newest, page } = await this.plane.ask(async (client) => ({
        newest: next ? undefined : ((await client.listJobs({ top: 1 })).value[0]?.systemData?.createdAt ?? ''),
        // An experiment without jobs is nothing to look at: a fresh plane has one, and others keep theirs when all jobs are archived.
        page: await client.searchExperiments(next, pageSize, true),
      }));
      if (newest !== undefined) this.newest = newest;
      return { items: (page.experiments ?? []).map(({ name }) => this.experimentNode(name)), next: page.next_page_token };
    });
  }

  private listOf(node: ExperimentNode | JobNode): PagedList<JobNode> {
    let list = this.children.get(node);
    if (!list) {
      list = new PagedList((next) =>
        node.kind === 'experiment'
          ? this.readJobs({ experiment: node.name }, next)
          : this.readJobs({ parent: node.name }, next).then((page) => ({ ...page, items: page.items.reverse() })),
      );
      this.children.set(node, list);
    }
    return list;
  }

  private async readJobs(query: JobQuery, next?: string): Promise<ListPage<JobNode>> {
    // Steps come newest first as well, and are shown in the order of the run: all at once, then.
    const top = query.parent === undefined ? pageSize : 1000;
    const page = await this.feed.readList(async () => {
      const { value, nextLink } = await this.plane.ask((client) => client.listJobs({ ...query, top }, next));
      return { items: value.map((job) => this.jobNode(job)), next: nextLink };
    });
    // Before they are shown, so that the rows are not painted twice.
    await this.figures.read(page.items.map(({ job }) => this.withFigures(job)));
    return page;
  }

  private withFigures({ name, properties }: Job): JobWithFigures {
    const parent = properties.parentJobName === undefined ? undefined : this.jobs.get(properties.parentJobName)?.job;
    return {
      name,
      experiment: properties.experimentName ?? 'Default',
      ...(parent && isSweep(parent) ? { primary: parent.properties.objective.primaryMetric } : {}),
    };
  }

  private jobNode(job: Job): JobNode {
    const node = this.jobs.get(job.name) ?? { kind: 'job' as const, name: job.name, job };
    node.job = job;
    this.jobs.set(job.name, node);
    return node;
  }

  private experimentNode(name: string): ExperimentNode {
    const node = this.experiments.get(name) ?? { kind: 'experiment' as const, name };
    this.experiments.set(name, node);
    return node;
  }
}
