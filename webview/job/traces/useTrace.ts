import type { UserError } from '../../../src/base/userError.ts';
import { isNotFound } from '../../../src/client/feed/lookUps.ts';
import type { PlaneClient } from '../../../src/client/planeClient.ts';
import type { TraceInfo } from '../../../src/protocol/trace.ts';
import { asUserError, type Live, useLive } from '../../shared/live/useLive.ts';
import { readSpans, type Span } from './spans.ts';

export interface ReadTrace {
  info: TraceInfo;
  spans: readonly Span[];
  /** Why there are no spans. */
  fault?: UserError;
}

/** A trace with its spans, live. */
export const useTrace = (id: string): Live<ReadTrace> =>
  useLive(
    `trace ${id}`,
    async (client) => {
      const [info, spans] = await Promise.all([client.getTrace(id), spansOf(client, id)]);
      return { info: info.trace.trace_info, ...spans };
    },
    (change) => change.kind === 'trace' && change.id === id,
    1000,
  );

async function spansOf(client: PlaneClient, id: string): Promise<Omit<ReadTrace, 'info'>> {
  let file: Response;
  try {
    file = await client.streamSpans(id);
  } catch (error) {
    // They may come later than the trace, or never.
    if (isNotFound(error)) return { spans: [] };
    throw error;
  }
  try {
    return { spans: await readSpans(file) };
  } catch (error) {
    const fault = asUserError(error);
    if (fault.code === 'PlaneUnreachable') throw error;
    return { spans: [], fault };
  }
}
