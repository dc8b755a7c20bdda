import type { IncomingMessage, ServerResponse } from 'node:http';
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { Counts, Durations, exposition, type Figure } from './exposition.ts';
import { partOf } from './partOf.ts';

/** What the monitor asks for when it is asked itself. */
export interface MonitoredPlane {
  version: string;
  /** Change feeds that are open on this server. */
  feeds(): number;
  hasDuties(): boolean;
  /** Why this server wants no requests; undefined: it does. */
  whyNotReady(): Promise<string | undefined>;
  /** Of the whole plane: jobs that run and that wait, and the number of the newest change. */
  jobs(): Promise<{ running: number; waiting: number }>;
  newestChange(): Promise<number>;
}

/** Seconds. An answer takes a millisecond or some; what takes seconds is what an operator looks for. */
const bounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
/** Milliseconds between two looks at how late timers are. */
const resolution = 20;

/** What a server of a plane can tell of its work, for Prometheus and what reads its format. It begins to count when it is first asked, so that a plane that nobody watches has no work with it. */
export class Monitor {
  private readonly plane: MonitoredPlane;
  private readonly requests = new Counts();
  private readonly durations = new Durations(bounds);
  private readonly delay = monitorEventLoopDelay({ resolution });

  constructor(plane: MonitoredPlane) {
    this.plane = plane;
    this.delay.enable();
  }

  /** Counts a request when it is over. A feed is open for long, so its time tells nothing. */
  begin(request: IncomingMessage, response: ServerResponse): void {
    const since = performance.now();
    response.once('close', () => {
      const part = partOf((request.url ?? '/').split('?', 1)[0]!);
      this.requests.add({
        part,
        method: methodOf(request),
        status: response.headersSent ? `${Math.floor(response.statusCode / 100)}xx` : 'none',
      });
      if (part !== 'feed') this.durations.add({ part }, (performance.now() - since) / 1000);
    });
  }

  async text(): Promise<string> {
    const { plane } = this;
    const [why, jobs, newest] = await Promise.all([
      plane.whyNotReady(),
      // What the database does not answer is left out; `updraft_ready` says that it does not.
      plane.jobs().catch(() => undefined),
      plane.newestChange().catch(() => undefined),
    ]);
    const { user, system } = process.cpuUsage();
    const { rss, heapUsed } = process.memoryUsage();
    const gauge = (name: string, help: string, value: number, type: Figure['type'] = 'gauge'): Figure => ({
      name,
      help,
      type,
      samples: [{ labels: {}, value }],
    });
    const figures: Figure[] = [
      {
        name: 'updraft_info',
        help: 'The version of this server.',
        type: 'gauge',
        samples: [{ labels: { version: plane.version }, value: 1 }],
      },
      gauge('updraft_ready', '1 where this server may get requests.', why === undefined ? 1 : 0),
      gauge('updraft_duties', '1 on the server that does what the plane does once.', plane.hasDuties() ? 1 : 0),
      gauge('updraft_feeds', 'Change feeds that are open on this server.', plane.feeds()),
      {
        name: 'updraft_requests_total',
        help: 'Requests that are over, by the part of the plane. Status "none": the client left before the answer.',
        type: 'counter',
        samples: this.requests.samples(),
      },
      {
        name: 'updraft_request_seconds',
        help: 'How long they took, without change feeds.',
        type: 'histogram',
        samples: this.durations.samples(),
      },
      gauge('process_cpu_seconds_total', 'Processor time of this process.', (user + system) / 1e6, 'counter'),
      gauge('process_resident_memory_bytes', 'Memory of this process.', rss),
      gauge('nodejs_heap_used_bytes', "Memory of JavaScript's objects.", heapUsed),
      gauge('process_start_time_seconds', 'When this process was started, since 1970.', performance.timeOrigin / 1000),
      {
        name: 'nodejs_eventloop_delay_seconds',
        help: 'How late timers are, since the last time that this was asked for: what everything else waits for.',
        type: 'gauge',
        samples: [50, 99].map((part) => ({ labels: { quantile: String(part / 100) }, value: lateness(this.delay.percentile(part)) })),
      },
    ];
    this.delay.reset();
    if (jobs)
      figures.push({
        name: 'updraft_jobs',
        help: 'Jobs of the whole plane that run, and that wait.',
        type: 'gauge',
        samples: [
          { labels: { state: 'running' }, value: jobs.running },
          { labels: { state: 'waiting' }, value: jobs.waiting },
        ],
      });
    if (newest !== undefined)
      figures.push(gauge('updraft_changes_total', 'The number of the newest change of the plane.', newest, 'counter'));
    return exposition(figures);
  }

  dispose(): void {
    this.delay.disable();
  }
}

/** Node measures from one timer to the next one, in nanoseconds; NaN before the first. */
const lateness = (nanoseconds: number): number => Math.max(0, (nanoseconds || 0) / 1e9 - resolution / 1000);

const known = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];
/** A stranger may send any word as the method. */
const methodOf = ({ method = '' }: IncomingMessage): string => (known.includes(method) ? method : 'other');
