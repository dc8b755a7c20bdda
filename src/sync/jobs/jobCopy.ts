import { UserError } from '../../base/userError.ts';
import { artifactContainer, blobContainer } from '../../protocol/asset.ts';
import type { CopiedJob } from '../../protocol/copiedJob.ts';
import type { Job } from '../../protocol/job.ts';
import { artifactFolder, logFile } from '../../protocol/jobPlaces.ts';
import type { MetricPoint, Run } from '../../protocol/mlflow.ts';
import { conflictKey, type SharedNews } from '../../protocol/sharedFields.ts';
import { withRetries } from '../../transfer/withRetries.ts';
import { copyAssets } from '../assets/copyAssets.ts';
import { inWorkspace, uploadsIn } from '../assets/references.ts';
import { copyFiles } from '../files/copyFiles.ts';
import type { Pair } from '../pair.ts';
import { copyLog, logsOf } from './copyLogs.ts';
import { copyMetrics, copyNewPoints, type Reached, reachedBy } from './copyMetrics.ts';
import { addTo, nothing, type Sent } from './sent.ts';

/** What of a job is sent by itself: what it is and how it stands, its metrics, its logs, its artifacts, its outputs. */
export const parts = ['job', 'metrics', 'logs', 'artifacts', 'outputs'] as const;
export type Part = (typeof parts)[number];

/** One job and its copy there. It keeps what it has learned of both, so that what is sent again and again, while a job runs, costs little. */
export class JobCopy {
  private readonly pair: Pair;
  readonly name: string;
  /** Assets that need not be looked at any more. */
  private readonly assets: Set<string>;
  /** Of each metric, up to where its points were sent. */
  private readonly reached = new Map<string, Reached>();
  /** Logs that it is known to have. */
  private logs: string[] = [logFile];
  /** Whether what was written there may be taken over here. */
  private isWritable = true;
  /** The job as it was sent last. */
  job: Job | undefined;
  /** Shared fields that one of the planes did not take over, as they claim to be from the future. */
  ahead: readonly string[] = [];

  constructor(pair: Pair, name: string, assets: Set<string>) {
    this.pair = pair;
    this.name = name;
    this.assets = assets;
  }

  /** Compares all of it with the copy, and sends what is missing there. */
  async sendAll(): Promise<Sent> {
    const sent = nothing();
    const run = await this.sendJob(sent);
    addTo(sent, await copyFiles(this.pair, artifactContainer, artifactFolder(this.name)));
    addTo(sent, await copyFiles(this.pair, blobContainer, `azureml/${this.name}`));
    this.logs = [...new Set([...(await logsOf(this.pair, this.name)), logFile])];
    await this.sendLogs(sent);
    for (const point of run.data.metrics ?? []) {
      const { points, reached } = await copyMetrics(this.pair, this.name, point.key);
      this.reached.set(point.key, reached);
      sent.points += points;
    }
    return sent;
  }

  /** Sends these parts as they are now. Points that come out of the order of their steps may be left for `sendAll`. */
  async send(what: ReadonlySet<Part>): Promise<Sent> {
    const sent = nothing();
    if (what.has('job')) await this.sendJob(sent);
    if (what.has('metrics')) await this.sendNewPoints(sent);
    if (what.has('logs')) await this.sendLogs(sent);
    if (what.has('artifacts')) addTo(sent, await copyFiles(this.pair, artifactContainer, artifactFolder(this.name)));
    if (what.has('outputs')) addTo(sent, await copyFiles(this.pair, blobContainer, `azureml/${this.name}`));
    return sent;
  }

  private async sendJob(sent: Sent): Promise<Run> {
    const { from, to, signal } = this.pair;
    // The place in the change log comes first: what is read afterwards is at least as new.
    const { id: plane, epoch, seq } = await withRetries(() => from.status(), { signal });
    const job = await withRetries(() => from.getJob(this.name, signal), { signal });
    const { run } = await withRetries(() => from.getRun(this.name), { signal });
    await copyAssets(this.pair, job.properties, this.assets);
    await this.sendUploads(job, sent);
    const { params = [] } = run.data;
    const shared = await this.sharedHere();
    const copy: CopiedJob = {
      origin: { plane, workspace: from.workspace.workspace },
      asOf: { epoch, seq },
      createdAt: job.systemData?.createdAt ?? new Date(Number(run.info.start_time)).toISOString(),
      properties: inWorkspace(job.properties, from.workspace, to.workspace),
      params,
      shared: { fields: shared.fields, conflicts: shared.conflicts },
    };
    const { changed, shared: there, ahead } = await withRetries(() => to.putCopy(this.name, copy, signal), { signal });
    if (changed) sent.jobs++;
    this.ahead = [...ahead, ...(await this.takeBack(shared, there))];
    this.job = job;
    return run;
  }

  /** What people wrote of the job here. Who may only read is told it all the same, though not when each was written. */
  /** Each once: what was uploaded with a job does not change. */
  private async sendUploads({ properties }: Job, sent: Sent): Promise<void> {
    for (const { container, path } of uploadsIn(properties, this.name)) {
      const key = `${container}/${path}`;
      if (this.assets.has(key)) continue;
      addTo(sent, await copyFiles(this.pair, container, path));
      this.assets.add(key);
    }
  }

  private async sharedHere(): Promise<SharedNews> {
    const { from, signal } = this.pair;
    if (this.isWritable)
      try {
        return await withRetries(() => from.share(this.name, { fields: {}, conflicts: [] }, signal), { signal });
      } catch (error) {
        if (!(error instanceof UserError && (error.code === 'AuthorizationFailed' || error.code === 'Forbidden'))) throw error;
        this.isWritable = false;
      }
    return withRetries(() => from.getShared(this.name, signal), { signal });
  }

  /** Takes over what people wrote there later than what was written here, and the conflicts that were found; answers the fields that were not taken over, as they claim to be from the future. */
  private async takeBack(here: SharedNews, there: SharedNews): Promise<string[]> {
    const { from, signal } = this.pair;
    const known = new Set(here.conflicts.map(conflictKey));
    const news = { fields: there.fields, conflicts: there.conflicts.filter((each) => !known.has(conflictKey(each))) };
    if (!this.isWritable || (Object.keys(news.fields).length === 0 && news.conflicts.length === 0)) return [];
    return (await withRetries(() => from.share(this.name, news, signal), { signal })).ahead;
  }

  private async sendLogs(sent: Sent): Promise<void> {
    for (const file of this.logs) sent.bytes += await copyLog(this.pair, this.name, file);
  }

  private async sendNewPoints(sent: Sent): Promise<void> {
    const { from, signal } = this.pair;
    const { run } = await withRetries(() => from.getRun(this.name), { signal });
    for (const newest of run.data.metrics ?? []) {
      const reached = this.reached.get(newest.key);
      if (reached && isAt(reached, newest)) continue;
      const { points, reached: now } = await copyNewPoints(this.pair, this.name, newest, reached);
      this.reached.set(newest.key, now);
      sent.points += points;
    }
  }
}

const isAt = (reached: Reached, newest: MetricPoint): boolean => Number(newest.step) === reached.step && reachedBy(reached, newest);
