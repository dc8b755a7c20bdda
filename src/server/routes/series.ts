import { setImmediate as nextTurn } from 'node:timers/promises';
import { Hono } from 'hono';
import { check } from '../../protocol/check.ts';
import { SeriesRequest } from '../../protocol/runTable.ts';
import { encodeSeriesPart } from '../../protocol/seriesParts.ts';
import type { PlaneServices } from '../services.ts';
import { jsonBody } from './arm/request.ts';

/** Parts are sent together when they have so many bytes, or took so many milliseconds to read: then others have their turn. */
const bytesAtOnce = 64_000;
const msAtOnce = 10;

/** The metric series of many runs, as a stream: the first can be drawn while the others are read. */
export function seriesRoutes({ metrics, logger }: PlaneServices): Hono {
  return new Hono().post('/updraft/series', async (c) => {
    const { store } = c.get('asked');
    const { jobs, keys, points, axis, from, to } = check(SeriesRequest, await jsonBody(c), 'The request for series');
    const ours = await store.knownJobs(jobs);
    const range = { ...(axis ? { axis } : {}), ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
    const asked = [...new Set(keys)].flatMap((key) => ours.map((job) => ({ job, key })));
    let at = 0;
    let isGone = false;
    /** The next parts: the very first one alone, so that a page can begin to draw. */
    const next = async (): Promise<Uint8Array[]> => {
      const parts: Uint8Array[] = [];
      const isFirst = at === 0;
      let bytes = 0;
      let until = performance.now() + msAtOnce;
      while (at < asked.length && !isGone) {
        const { job, key } = asked[at++]!;
        const { total, points: found } = await metrics.reduced(job, key, points, range);
        if (total > 0) {
          const part = encodeSeriesPart({ job, key, total, steps: found.steps, times: found.ats, values: found.values });
          parts.push(part);
          bytes += part.byteLength;
        }
        const isTime = performance.now() >= until;
        if (parts.length > 0 && (isFirst || isTime || bytes >= bytesAtOnce)) break;
        if (!isTime) continue;
        await nextTurn();
        until = performance.now() + msAtOnce;
      }
      return parts;
    };
    const body = new ReadableStream<Uint8Array>(
      {
        start(controller) {
          const { signal } = c.req.raw;
          signal.addEventListener(
            'abort',
            () => {
              isGone = true;
              controller.error(signal.reason);
            },
            { once: true },
          );
        },
        // Called when the reader has taken what there was: nothing is read for one that is slow or gone.
        async pull(controller) {
          try {
            await nextTurn();
            const parts = await next();
            if (isGone) return;
            if (parts.length > 0) controller.enqueue(Buffer.concat(parts));
            if (at === asked.length) controller.close();
          } catch (error) {
            if (isGone) return;
            logger.error('a stream of series broke', error);
            controller.error(error);
          }
        },
        cancel() {
          isGone = true;
        },
      },
      { highWaterMark: 0 },
    );
    return c.body(body, 200, { 'content-type': 'application/octet-stream' });
  });
}
