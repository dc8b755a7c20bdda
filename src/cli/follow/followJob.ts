import { DisposableStore } from '../../base/disposable.ts';
import { UserError } from '../../base/userError.ts';
import { ChangeStream } from '../../client/feed/changeStream.ts';
import { follow } from '../../client/feed/follow.ts';
import { isNotFound } from '../../client/feed/lookUps.ts';
import { allPages, type PlaneClient } from '../../client/planeClient.ts';
import type { ChangeKind } from '../../protocol/change.ts';
import { isPipeline, isTerminal, type Job } from '../../protocol/job.ts';
import { logFile } from '../../protocol/jobPlaces.ts';
import { isSystemMetric } from '../../protocol/systemMetric.ts';
import { detail, elapsed, type FollowState, render } from './render.ts';

/** Where the follower writes. `isTTY` chooses between the live list and one line per event. */
export interface Screen {
  isTTY: boolean;
  columns: number;
  color: boolean;
  write(text: string): void;
}

export const terminal = (stream: NodeJS.WriteStream = process.stdout): Screen => ({
  isTTY: Boolean(stream.isTTY),
  get columns() {
    return stream.columns || 80;
  },
  color: Boolean(stream.isTTY) && !process.env.NO_COLOR,
  write: (text) => {
    stream.write(text);
  },
});

/** Follows a job to its end: a pipeline as a list of its steps, a command by its log. Answers the job as it ended. */
export async function followJob(client: PlaneClient, job: Job, screen: Screen): Promise<Job> {
  return isPipeline(job) ? followPipeline(client, job, screen) : followLog(client, job, screen);
}

async function followPipeline(client: PlaneClient, pipeline: Job, screen: Screen): Promise<Job> {
  const order = isPipeline(pipeline) ? Object.keys(pipeline.properties.jobs) : [];
  const state: FollowState = { job: pipeline, steps: order.map((name) => ({ name, metrics: {} })) };
  const said = new Map<string, string>();
  let drawn = 0;
  const draw = () => {
    const lines = render(state, screen.columns, Date.now(), screen.color);
    screen.write(`${drawn ? `\u001b[${drawn}A` : ''}${lines.map((line) => `\u001b[2K${line}\n`).join('')}\u001b[0J`);
    drawn = lines.length;
  };
  const tell = () => {
    for (const { name, job, metrics } of state.steps) {
      if (!job) continue;
      const { status, progress } = job.properties;
      const text = `${name}: ${status}${isTerminal(status!) ? ` after ${elapsed(job, Date.now())}` : ''}`;
      const more = isTerminal(status!) || progress ? detail(job, metrics) : '';
      const line = more ? `${text}, ${more}` : text;
      if (said.get(name) === line) continue;
      said.set(name, line);
      screen.write(`${line}\n`);
    }
  };
  const show = () => (screen.isTTY ? draw() : tell());
  const timer = screen.isTTY ? setInterval(draw, 200) : undefined;
  try {
    await untilEnd(
      client,
      pipeline.name,
      ['job', 'metric'],
      async (name) => {
        if (name === pipeline.name) state.job = await client.getJob(name);
        else {
          const job = await client.getJob(name);
          const step = state.steps.find((each) => each.name === job.properties.nodeName);
          if (!step || job.properties.parentJobName !== pipeline.name) return false;
          step.job = job;
          step.metrics = await metricsOf(client, name);
        }
        show();
        return isTerminal(state.job.properties.status!);
      },
      async () => {
        state.job = await client.getJob(pipeline.name);
        for await (const child of allPages((next) => client.listJobs({ parent: pipeline.name, listViewType: 'All', top: 1000 }, next))) {
          const step = state.steps.find((each) => each.name === child.properties.nodeName);
          if (!step) continue;
          step.job = child;
          step.metrics = await metricsOf(client, child.name);
        }
        show();
        return isTerminal(state.job.properties.status!);
      },
    );
  } finally {
    clearInterval(timer);
  }
  show();
  return state.job;
}

/** Bytes of a log that are read at a time. */
const pieceBytes = 1_000_000;

async function followLog(client: PlaneClient, job: Job, screen: Screen): Promise<Job> {
  let offset = 0;
  let current = job;
  // A piece may end inside a character.
  const decoder = new TextDecoder();
  const read = async () => {
    for (;;) {
      const bytes = await client.readLog(job.name, logFile, offset, pieceBytes);
      if (bytes.byteLength === 0) return;
      offset += bytes.byteLength;
      screen.write(decoder.decode(bytes, { stream: true }));
    }
  };
  const look = async () => {
    // First whether it ended, then the log: what was written before the end is there by then.
    current = await client.getJob(job.name);
    await read();
    return isTerminal(current.properties.status!);
  };
  await untilEnd(client, job.name, ['job', 'log'], look, look);
  return current;
}

/** Calls `onNews` for each change of these kinds of the job or its steps, one at a time, and `onStart` first and after every gap, until one answers true. */
async function untilEnd(
  client: PlaneClient,
  name: string,
  kinds: readonly ChangeKind[],
  onNews: (name: string) => Promise<boolean>,
  onStart: () => Promise<boolean>,
): Promise<void> {
  const feed = new DisposableStore();
  const changes = feed.add(new ChangeStream(client.http, { kinds }));
  try {
    await new Promise<void>((resolve, reject) => {
      let turn = Promise.resolve();
      const inTurn = (work: () => Promise<boolean>): Promise<void> => {
        turn = turn
          .catch(() => {})
          .then(async () => {
            if (await work()) resolve();
          });
        return turn;
      };
      /** What may pass is tried again. */
      const untilItPasses = async (work: () => Promise<boolean>, isOurs: boolean): Promise<void> => {
        try {
          await inTurn(work);
        } catch (error) {
          if (mayPass(error)) throw error;
          // A step that was deleted is no reason to end; the job itself is.
          if (isOurs || !isNotFound(error)) reject(error);
        }
      };
      feed.add(
        follow(changes, {
          readAll: () => untilItPasses(onStart, true),
          keyOf: ({ id, parent }) => (id === name || parent === name ? id : undefined),
          read: (id) => untilItPasses(() => onNews(id), id === name),
        }),
      );
    });
  } finally {
    feed.dispose();
  }
}

/** Whether the same request may be answered later on: the plane, or the way to it, is in trouble. */
const mayPass = (error: unknown): boolean =>
  !(error instanceof UserError) || error.code === 'PlaneUnreachable' || error.code === 'RemoteError' || error.code === 'DiskFull';

/** The latest value of each metric that a job's script logged; the machine's own load (`system/…`, as MLflow names it) is left to the charts. */
export async function metricsOf(client: PlaneClient, job: string): Promise<Record<string, number | string>> {
  const { run } = await client.getRun(job);
  const own = (run.data.metrics ?? []).filter(({ key }) => !isSystemMetric(key));
  return Object.fromEntries(own.map(({ key, value }) => [key, value]));
}
