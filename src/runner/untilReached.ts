import { setTimeout as delay } from 'node:timers/promises';
import { UserError } from '../base/userError.ts';

/** Milliseconds until the first repetition, and the most between two. */
const first = 100;
const longest = 5000;

/**
 * Repeats a request that may be repeated, less and less often, for as long as the plane, or the compute, can't be reached. Every other error is thrown. Rejects with the signal's reason
 * when it aborts. `onTrouble` hears of each failure.
 */
export async function untilReached<T>(
  signal: AbortSignal,
  request: () => Promise<T>,
  onTrouble: (error: unknown) => void = () => {},
): Promise<T> {
  for (let wait = first; ; wait = Math.min(longest, 2 * wait)) {
    try {
      return await request();
    } catch (error) {
      if (!isCutOff(error)) throw error;
      signal.throwIfAborted();
      onTrouble(error);
    }
    // Many runners come back from one blip: not all at the same moment.
    await delay(wait * (0.5 + Math.random()), undefined, { signal });
  }
}

/** Whether a request found nobody, or its answer broke off. */
export function isCutOff(error: unknown): boolean {
  if (error instanceof UserError) return error.code === 'PlaneUnreachable' || error.code === 'ComputeUnreachable';
  // What `fetch` throws while the body of an answer is read. Other TypeErrors are defects of ours.
  const { code } = (error as { cause?: { code?: unknown } } | undefined)?.cause ?? {};
  return (
    error instanceof TypeError && (/^(?:terminated|fetch failed)$/.test(error.message) || /^(?:UND_ERR|E[A-Z]+$)/.test(String(code ?? '')))
  );
}
