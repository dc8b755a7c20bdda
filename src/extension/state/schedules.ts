import { type Disposable, DisposableStore } from '../../base/disposable.ts';
import { Emitter } from '../../base/event.ts';
import { allPages } from '../../client/planeClient.ts';
import { type Job, jobProperty } from '../../protocol/job.ts';
import type { Schedule } from '../../protocol/schedule.ts';
import type { JobFeed } from './jobFeed.ts';
import type { PlaneConnection } from './planeConnection.ts';

/** The node stays the same while `schedule` is replaced by news. */
export interface ScheduleNode {
  readonly kind: 'schedule';
  readonly name: string;
  schedule: Schedule;
}
/** A job that a schedule started. */
export interface ScheduledJobNode {
  readonly kind: 'scheduledJob';
  readonly name: string;
  readonly of: ScheduleNode;
  job: Job;
}
export type SchedulesNode = ScheduleNode | ScheduledJobNode;

/** Jobs of a schedule that are shown: its last ones. */
const lastRuns = 10;

/** The schedules of the workspace with their last jobs: a short list, read whole when the feed tells of a change. */
export class SchedulesState implements Disposable {
  private readonly changes = new Emitter<SchedulesNode | undefined>();
  /** The node to show anew, with its children; undefined for everything. */
  readonly onDidChange = this.changes.event;
  private readonly nodes = new Map<string, ScheduleNode>();
  private readonly runs = new Map<string, ScheduledJobNode[]>();
  private readonly subscriptions = new DisposableStore();
  private readonly plane: PlaneConnection;
  private readonly feed: JobFeed;

  constructor(plane: PlaneConnection, feed: JobFeed) {
    this.plane = plane;
    this.feed = feed;
    this.subscriptions.add(plane.onDidChange(({ kind }) => kind === 'schedule' && this.changes.fire(undefined)));
    this.subscriptions.add(plane.onDidReset(() => this.reload()));
    this.subscriptions.add(feed.onDidChangeJob(({ name, job }) => this.onJob(name, job)));
  }

  /** By their names. */
  async roots(): Promise<readonly ScheduleNode[]> {
    const found = await this.plane.ask((client) => Array.fromAsync(allPages((next) => client.listSchedules('All', next))));
    const names = new Set(found.map(({ name }) => name));
    for (const name of [...this.nodes.keys()].filter((each) => !names.has(each))) {
      this.nodes.delete(name);
      this.runs.delete(name);
    }
    return found.sort((a, b) => a.name.localeCompare(b.name)).map((schedule) => this.nodeOf(schedule));
  }

  /** The last jobs of a schedule, the newest first. */
  async childrenOf(node: SchedulesNode): Promise<readonly ScheduledJobNode[]> {
    if (node.kind !== 'schedule') return [];
    return this.feed.readList(async () => {
      const { value } = await this.plane.ask((client) => client.listJobs({ schedule: node.name, listViewType: 'All', top: lastRuns }));
      const known = new Map(this.runs.get(node.name)?.map((each) => [each.name, each]));
      const found = value.slice(0, lastRuns).map((job) => {
        const run = known.get(job.name) ?? { kind: 'scheduledJob', name: job.name, of: node, job };
        run.job = job;
        return run;
      });
      this.runs.set(node.name, found);
      return found;
    });
  }

  parentOf(node: SchedulesNode): SchedulesNode | undefined {
    return node.kind === 'scheduledJob' ? node.of : undefined;
  }

  dispose(): void {
    this.subscriptions.dispose();
    this.changes.dispose();
  }

  private reload(): void {
    this.nodes.clear();
    this.runs.clear();
    this.changes.fire(undefined);
  }

  private nodeOf(schedule: Schedule): ScheduleNode {
    const node = this.nodes.get(schedule.name) ?? { kind: 'schedule', name: schedule.name, schedule };
    node.schedule = schedule;
    this.nodes.set(schedule.name, node);
    return node;
  }

  /** News matter where somebody looked at the jobs of the schedule. */
  private onJob(name: string, job: Job | undefined): void {
    for (const [schedule, runs] of this.runs) {
      const run = runs.find((each) => each.name === name);
      if (run && job) {
        run.job = job;
        this.changes.fire(run);
      } else if (run || job?.properties.properties?.[jobProperty.schedule] === schedule) this.changes.fire(this.nodes.get(schedule));
    }
  }
}
