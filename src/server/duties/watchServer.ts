import { setTimeout as pause } from 'node:timers/promises';
import { aside } from '../../base/aside.ts';
import { type Disposable, toDisposable } from '../../base/disposable.ts';
import type { Logger } from '../../base/logger.ts';
import { UserError } from '../../base/userError.ts';
import type { SharedRows } from '../rows.ts';

/** Milliseconds between two looks at whether the token is still the plane's. */
const every = 2000;
/** Milliseconds that the clock of a server may differ from the database's: claims of jobs are written by the one and end by the other. */
const mostApart = 10_000;
/** Milliseconds that a balancer waits for an answer, at least. */
const patienceMs = 2000;

/** Why requests should not come to this server now. */
export async function whyNotReady(shared: Pick<SharedRows, 'look'> | undefined, ending: AbortSignal): Promise<string | undefined> {
  if (ending.aborted) return 'The server is ending.';
  if (!shared) return undefined;
  const answered = shared.look().then(
    () => undefined,
    (error) =>
      error instanceof UserError && error.code === 'DataFolderNewer'
        ? 'The database was written by a newer Updraft.'
        : 'The database does not answer.',
  );
  return Promise.race([answered, pause(patienceMs, 'The database does not answer.', { ref: false })]);
}

/** Watches over what servers of a plane must have in common: the token, without which one refuses what others sign, and the time. */
export function watchServer(
  { leases, hasToken }: Pick<SharedRows, 'leases' | 'hasToken'>,
  { logger, onNewToken }: { logger: Logger; onNewToken: () => void },
): Disposable {
  let timer: NodeJS.Timeout | undefined;
  let isOver = false;
  const look = async () => {
    // A database that is away is no other token.
    const isOurs = await hasToken().catch(() => true);
    if (isOver) return;
    if (isOurs) {
      plan();
      return;
    }
    logger.error('the control plane has a new token, which this server does not: it ends, and has it when it is started again');
    onNewToken();
  };
  function plan(): void {
    timer = setTimeout(() => aside('token of the plane', look(), logger), every).unref();
  }
  plan();
  const before = Date.now();
  aside(
    'clock',
    leases.now().then((now) => {
      const apart = now < before ? before - now : Math.max(0, now - Date.now());
      if (apart > mostApart)
        logger.warn(
          `the clock of this machine is ${Math.round(apart / 1000)} s away from the database's: jobs may be taken from runners that are there. Set it, for example by NTP`,
        );
    }),
    logger,
  );
  return toDisposable(() => {
    isOver = true;
    clearTimeout(timer);
  });
}
