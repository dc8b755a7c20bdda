/** The series of one metric of one run, in columns of equal length. A value may be NaN or infinite. Times are ms since 1970. */
export interface SeriesPart {
  job: string;
  key: string;
  /** Points that are stored. */
  total: number;
  steps: Float64Array;
  times: Float64Array;
  values: Float64Array;
}

/** Bytes before a part: the length of its head, and the number of its points; 32 bits each, little-endian. */
const prefix = 8;
const padded = (length: number) => (length + 7) & ~7;

/** A part as bytes: the prefix, the head as JSON (filled up with spaces to 8 bytes), then steps, times and values as 64-bit floats, little-endian. */
export function encodeSeriesPart({ job, key, total, steps, times, values }: SeriesPart): Uint8Array {
  const head = new TextEncoder().encode(JSON.stringify({ job, key, total }));
  const start = prefix + padded(head.length);
  const bytes = new Uint8Array(start + 24 * steps.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, padded(head.length), true);
  view.setUint32(4, steps.length, true);
  bytes.fill(0x20, prefix, start);
  bytes.set(head, prefix);
  new Float64Array(bytes.buffer, start, steps.length).set(steps);
  new Float64Array(bytes.buffer, start + 8 * steps.length, steps.length).set(times);
  new Float64Array(bytes.buffer, start + 16 * steps.length, steps.length).set(values);
  return bytes;
}

/** Longest head and most points that are believed of a stream. */
const mostHead = 100_000;
const mostPoints = 1_000_000;

/** The parts of a stream, as soon as each has come whole. Throws when the stream is none of parts, or ends within one. */
export async function* seriesParts(stream: AsyncIterable<Uint8Array>): AsyncGenerator<SeriesPart> {
  let waiting: Uint8Array[] = [];
  let length = 0;
  let need = prefix;
  for await (const chunk of stream) {
    waiting.push(chunk);
    length += chunk.byteLength;
    if (length < need) continue;
    const bytes = new Uint8Array(length);
    let at = 0;
    for (const each of waiting) {
      bytes.set(each, at);
      at += each.byteLength;
    }
    at = 0;
    for (;;) {
      need = prefix;
      if (length - at < need) break;
      const view = new DataView(bytes.buffer, at);
      const [head, points] = [view.getUint32(0, true), view.getUint32(4, true)];
      if (head > mostHead || points > mostPoints) throw new Error('The stream of series can not be read.');
      need = prefix + head + 24 * points;
      if (length - at < need) break;
      const { job, key, total } = JSON.parse(new TextDecoder().decode(bytes.subarray(at + prefix, at + prefix + head)));
      // A copy begins at a place that numbers may be read from.
      const columns = new Float64Array(bytes.slice(at + prefix + head, at + need).buffer);
      yield {
        job,
        key,
        total,
        steps: columns.subarray(0, points),
        times: columns.subarray(points, 2 * points),
        values: columns.subarray(2 * points),
      };
      at += need;
    }
    waiting = at < length ? [bytes.subarray(at)] : [];
    length -= at;
  }
  if (length > 0) throw new Error('The stream of series ended within a part.');
}
