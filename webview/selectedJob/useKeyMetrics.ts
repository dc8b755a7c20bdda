import { keyMetrics } from '../../src/protocol/keyMetrics.ts';
import { type Live, useLive } from '../shared/live/useLive.ts';

export interface KeyMetric {
  key: string;
  /** The last one. */
  value: number;
  /** Its course, with few points. */
  course: Float64Array;
}

export interface RunAtAGlance {
  metrics: KeyMetric[];
  /** How many metrics there are that are not among `metrics`. */
  others: number;
  params: readonly { key: string; value: string }[];
}

/** Metrics that a narrow view has room for. */
const mostMetrics = 8;
/** Points of a course: about one for three pixels of a narrow view. */
const points = 128;
const none = new Float64Array();

/** What a job's script logged, live: its most telling metrics, and its parameters. `primary` is the metric that a sweep searches by. */
export function useKeyMetrics(job: string, primary: string | undefined): Live<RunAtAGlance> {
  return useLive(
    `metrics ${job} ${primary ?? ''}`,
    async (client) => {
      const { data } = (await client.getRun(job)).run;
      const logged = data.metrics ?? [];
      const telling = keyMetrics(
        logged.map(({ key }) => key),
        primary,
      );
      const keys = telling.slice(0, mostMetrics);
      const last = new Map(logged.map(({ key, value }) => [key, Number(value)]));
      const courses = new Map<string, Float64Array>();
      if (keys.length > 0) for await (const part of client.series({ jobs: [job], keys, points })) courses.set(part.key, part.values);
      return {
        metrics: keys.map((key) => ({ key, value: last.get(key)!, course: courses.get(key) ?? none })),
        others: telling.length - keys.length,
        params: data.params ?? [],
      };
    },
    (change) => change.id === job && (change.kind === 'metric' || change.kind === 'job'),
    1000,
  );
}
