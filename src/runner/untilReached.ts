import { growing, wait } from '../base/backOff.ts';
import { isUnreachable } from '../client/isPassing.ts';

/** When the network is back, the job goes on soon. */
const backOff = growing(100, 5000);

/**
 * Sends a request again, after growing pauses, for as long as the plane or the compute can't be reached. The request must be safe to repeat. Every other error is thrown. Rejects with the
 * signal's reason when the signal aborts. `onTrouble` is called with each failure.
 */
export async function untilReached<T>(
  signal: AbortSignal,
  request: () => Promise<T>,
  onTrouble: (error: unknown) => void = () => {},
): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await request();
    } catch (error) {
      if (!isUnreachable(error)) throw error;
      signal.throwIfAborted();
      onTrouble(error);
    }
    await wait(backOff(attempt), signal);
    signal.throwIfAborted();
  }
}
