import { type TraceInfo, traceKeys } from '../../../src/protocol/trace.ts';
import { plainText } from '../../shared/ui/plainText.ts';

export const traceName = ({ tags, trace_id }: TraceInfo): string => plainText(tags[traceKeys.name] || trace_id, 200);

/** In milliseconds; undefined while it goes on. */
export function traceDuration({ execution_duration }: TraceInfo): number | undefined {
  const seconds = Number.parseFloat(execution_duration ?? '');
  return Number.isFinite(seconds) ? seconds * 1000 : undefined;
}

/** MLflow's JSON of it. */
export const traceTokens = ({ trace_metadata }: TraceInfo): string | undefined => trace_metadata[traceKeys.tokenUsage];
