import { Readable } from 'node:stream';
import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { check } from '../../protocol/check.ts';
import { SeriesRequest } from '../../protocol/runTable.ts';
import { encodeSeriesPart } from '../../protocol/seriesParts.ts';
import type { PlaneServices } from '../services.ts';

/** Largest request in bytes. */
const sizeLimit = 1_000_000;

/** The metric series of many runs, as a stream: the first can be drawn while the others are read. */
export function seriesRoutes({ metrics }: PlaneServices): Hono {
  return new Hono().post('/updraft/series', bodyLimit({ maxSize: sizeLimit }), async (c) => {
    const { store } = c.get('asked');
    const { jobs, keys, points, axis, from, to } = check(SeriesRequest, await c.req.json(), 'The request for series');
    const ours = await store.jobsNamed(jobs);
    const range = { ...(axis ? { axis } : {}), ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
    async function* parts(): AsyncGenerator<Uint8Array> {
      for (const key of keys)
        for (const { name } of ours) {
          const { total, steps, times, values } = await metrics.series(name, key, points, range);
          if (total > 0)
            yield encodeSeriesPart({
              job: name,
              key,
              total,
              steps: Float64Array.from(steps),
              times: Float64Array.from(times),
              values: Float64Array.from(values, (value) => value ?? Number.NaN),
            });
        }
    }
    return c.body(Readable.toWeb(Readable.from(parts())) as ReadableStream, 200, { 'content-type': 'application/octet-stream' });
  });
}
