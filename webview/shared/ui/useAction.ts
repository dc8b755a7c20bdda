import { useState } from 'react';
import type { UserError } from '../../../src/base/userError.ts';
import { asUserError } from '../live/useLive.ts';

/** Runs what a person asked for and keeps the error of the last try. The result itself comes back by the feed. */
export function useAction(): { error: UserError | undefined; isRunning: boolean; run(action: () => Promise<unknown>): void } {
  const [error, setError] = useState<UserError>();
  const [running, setRunning] = useState(0);
  return {
    error,
    isRunning: running > 0,
    run(action) {
      setError(undefined);
      setRunning((count) => count + 1);
      action()
        .catch((reason) => setError(asUserError(reason)))
        .finally(() => setRunning((count) => count - 1));
    },
  };
}
