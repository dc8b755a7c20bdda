import { type Context, Hono } from 'hono';
import { messageOf, UserError } from '../../base/userError.ts';
import { artifactContainer } from '../../protocol/asset.ts';
import { originOf } from '../../protocol/copiedJob.ts';
import { artifactFolder } from '../../protocol/jobPlaces.ts';
import type { SeriesRange } from '../../store/metrics/metricStore.ts';
import type { StoredJob } from '../../store/store.ts';
import { pathAfter, safeName, safePath } from '../paths.ts';
import type { PlaneServices } from '../services.ts';
import { mustBeInHand, mustBeOfRunner } from '../team/admitRunner.ts';
import { bodyOf, sendContent } from './blobs.ts';
import { sendRange } from './sendRange.ts';

/** Largest single append of a log, in bytes; a runner sends long output in pieces. */
const appendLimit = 8 * 1024 * 1024;

/** Logs (append and follow), artifacts and metric series of a job. */
export function jobFileRoutes({ metrics, blobs, logs, logger }: PlaneServices): Hono {
  const app = new Hono();

  app.post('/updraft/logs/:job/*', async (c) => {
    const job = await jobNamed(c);
    mustBeInHand(c.get('asked').principal, job);
    return appendLog(c, job, '/updraft/logs/:job/');
  });

  // Who may send a copy of a job may send its log; that of any other job is its runner's.
  app.post('/updraft/copies/:job/logs/*', async (c) => {
    const job = await jobNamed(c);
    if (originOf(job.properties) === undefined)
      throw new UserError('Conflict', `${job.name} is no copy of a job: it ran here.`, 'Nothing was changed.');
    return appendLog(c, job, '/updraft/copies/:job/logs/');
  });

  /** Writes the body at the offset that the query says; answers the size after it. */
  async function appendLog(c: Context, job: StoredJob, root: string): Promise<Response> {
    const file = pathAfter(new URL(c.req.url).pathname, root.replace(':job', job.name));
    const offset = Number(c.req.query('offset') ?? 0);
    if (!Number.isSafeInteger(offset) || offset < 0) throw new UserError('InvalidRequest', 'offset must be a whole number of bytes.');
    const chunks: Uint8Array[] = [];
    let length = 0;
    for await (const chunk of bodyOf(c)) {
      length += chunk.byteLength;
      if (length > appendLimit) throw new UserError('InvalidRequest', `One append may have at most ${appendLimit} bytes.`);
      chunks.push(chunk);
    }
    const size = await logs.append(job.name, file, offset, Buffer.concat(chunks));
    // The text is on disk now, and that is the promise. The news of it joins whatever is committed next.
    c.get('asked')
      .store.write((writer) => writer.announce('log', job.name, 'put', { parent: job.parent }))
      .catch((error) => logger.warn(`the news of the log of ${job.name} was lost: ${messageOf(error)}`));
    return c.json({ size });
  }

  app.get('/updraft/logs/:job/*', async (c) => {
    const job = await jobNamed(c);
    mustBeOfRunner(c.get('asked').principal, job);
    const file = pathAfter(new URL(c.req.url).pathname, `/updraft/logs/${job.name}/`);
    const offset = Math.max(0, Math.floor(Number(c.req.query('offset') ?? 0)) || 0);
    // A log that has no line yet is empty, not missing: readers follow from the start.
    return sendLog(c, job.name, file, (await logs.size(job.name, file)) ?? 0, offset);
  });

  app.get('/updraft/artifacts/:job', async (c) => {
    const job = await jobNamed(c);
    return c.json({ entries: await listArtifacts(c, job.name, safePath(c.req.query('path') ?? '')) });
  });

  app.get('/updraft/artifacts/:job/*', async (c) => {
    const job = await jobNamed(c);
    const path = pathAfter(new URL(c.req.url).pathname, `/updraft/artifacts/${job.name}/`);
    const found = await c.get('asked').store.blob(artifactContainer, `${artifactFolder(job.name)}/${path}`);
    if (found) return sendContent(c, blobs, found, path);
    const size = await logs.size(job.name, path);
    if (size === undefined) throw new UserError('NotFound', `The job ${job.name} has no artifact "${path}".`);
    return sendLog(c, job.name, path, size);
  });

  app.get('/updraft/metrics/:job', async (c) => {
    const job = await jobNamed(c);
    const points = Math.min(100_000, Math.max(4, Number(c.req.query('points') ?? 2000) || 2000));
    const keys = c.req.queries('key') ?? (await metrics.keys(job.name));
    const axis = c.req.query('axis') ?? 'step';
    if (axis !== 'step' && axis !== 'time') throw new UserError('InvalidRequest', `axis is "step" or "time", not "${axis.slice(0, 50)}".`);
    const range: SeriesRange = { axis };
    for (const end of ['from', 'to'] as const) {
      const text = c.req.query(end);
      if (text === undefined) continue;
      if (text.trim() === '' || !Number.isFinite(Number(text))) throw new UserError('InvalidRequest', `${end} must be a number.`);
      range[end] = Number(text);
    }
    return c.json({ series: await Promise.all(keys.map((key) => metrics.series(job.name, key, points, range))) });
  });

  return app;

  /** Streams a log as it is now, from `offset` on: a range counts from there. */
  function sendLog(c: Context, job: string, file: string, size: number, offset = 0): Promise<Response> {
    const from = Math.min(offset, size);
    return sendRange(c, {
      size: size - from,
      headers: { 'content-type': 'text/plain; charset=utf-8' },
      open: ({ start, end }) => logs.read(job, file, { start: from + start, end: from + end }),
    });
  }

  async function jobNamed(c: Context) {
    const name = c.req.param('job') ?? '';
    const job = await c.get('asked').store.job(safeName(name, 'job'));
    if (!job) throw new UserError('NotFound', `There is no job "${name}".`);
    return job;
  }

  async function listArtifacts(c: Context, job: string, path: string) {
    const entries = new Map(
      (await c.get('asked').store.blobs(artifactContainer, path ? `${artifactFolder(job)}/${path}` : artifactFolder(job), false)).map(
        (entry) => [entry.path, entry],
      ),
    );
    const root = path ? `${path}/` : '';
    for (const log of await logs.list(job)) {
      if (!log.path.startsWith(root)) continue;
      const [first, ...rest] = log.path.slice(root.length).split('/');
      entries.set(first!, rest.length ? { path: first!, isFolder: true } : { path: first!, isFolder: false, size: log.size });
    }
    return [...entries.values()].sort((a, b) => Number(b.isFolder) - Number(a.isFolder) || a.path.localeCompare(b.path));
  }
}
