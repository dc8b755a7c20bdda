/** Where in a trace something happens, as `traceparent` and `tracestate` carry it from program to program (W3C Trace Context). */
export interface TraceContext {
  /** 32 hexadecimal digits. */
  traceId: string;
  /** 16 hexadecimal digits. */
  spanId: string;
  isSampled: boolean;
  /** Of others, passed on as it is. */
  state: string | undefined;
}

/** Longer than what a program must pass on. */
const mostState = 512;

/** undefined for what no program may send, which is treated as if nothing was sent. */
export function readTraceContext(parent: string | undefined, state: string | undefined): TraceContext | undefined {
  const [, version, traceId, spanId, flags, more] =
    /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/.exec(parent ?? '') ?? [];
  if (!traceId || !spanId || !flags || version === 'ff' || (version === '00' && more !== undefined)) return undefined;
  if (/^0+$/.test(traceId) || /^0+$/.test(spanId)) return undefined;
  const isPassedOn = state !== undefined && state.length <= mostState && /^[\x20-\x7e]+$/.test(state);
  return { traceId, spanId, isSampled: (Number.parseInt(flags, 16) & 1) === 1, state: isPassedOn ? state : undefined };
}

/** The headers of a request that belongs to it. */
export const traceHeaders = ({ traceId, spanId, isSampled, state }: TraceContext): Record<string, string> => ({
  traceparent: `00-${traceId}-${spanId}-${isSampled ? '01' : '00'}`,
  ...(state === undefined ? {} : { tracestate: state }),
});
