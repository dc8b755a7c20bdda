import { growing, wait } from '../base/backOff.ts';
import { UserError } from '../base/userError.ts';

/** Tries in a row that brought nothing, before it is given up. */
const mostInVain = 6;
const backOff = growing(100, 5000);

/**
 * Tries again what a network that was cut, or a server in trouble, did not let through. It goes on for as long as tries bring something (`progress` grows);
 * after some that brought nothing the last error is thrown. Every other error is thrown at once, and so is the signal's reason.
 */
export async function withRetries<T>(
  attempt: () => Promise<T>,
  { signal, progress = () => 0 }: { signal?: AbortSignal | undefined; progress?: () => number } = {},
): Promise<T> {
  let reached = progress();
  for (let inVain = 0; ; ) {
    signal?.throwIfAborted();
    try {
      return await attempt();
    } catch (error) {
      signal?.throwIfAborted();
      inVain = progress() > reached ? 1 : inVain + 1;
      reached = Math.max(reached, progress());
      if (!mayPass(error) || inVain >= mostInVain) throw error;
      await wait(backOff(inVain - 1), signal);
    }
  }
}

/** What was sent ended before all of it was there. */
export class CutShort extends Error {}

/** Codes of the system and of `fetch` for a connection that was not made or did not last. */
const lost = /^(?:ECONN|EPIPE|ETIMEDOUT|EAI_AGAIN|ENETUNREACH|EHOSTUNREACH|UND_ERR_|ERR_STREAM_PREMATURE_CLOSE)/;

function mayPass(error: unknown): boolean {
  if (error instanceof UserError) return error.code === 'PlaneUnreachable' || error.code === 'RemoteError';
  // `fetch` says by a TypeError that the network failed, also in the middle of a body ("terminated").
  return (
    error instanceof CutShort ||
    (error instanceof TypeError && error.cause !== undefined) ||
    lost.test(String((error as { code?: string }).code ?? ''))
  );
}
