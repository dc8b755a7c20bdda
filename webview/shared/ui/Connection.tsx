import { useEffect, useState } from 'react';
import type { UserError } from '../../../src/base/userError.ts';
import { useHost } from '../host/host.ts';
import { asUserError } from '../live/useLive.ts';
import { Icon } from './Icon.tsx';

/** Milliseconds from one look at a plane that answers though its feed has ended to the next. */
const lookAgainMs = 1000;

/** Says that the control plane does not answer, and why, until it does again; the page goes on by itself then. */
export function Connection() {
  const { client, feed, kind, member } = useHost();
  const [error, setError] = useState<UserError>();
  useEffect(() => {
    let isCurrent = true;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const look = () => {
      clearTimeout(timer);
      if (feed.state !== 'disconnected') return setError(undefined);
      client.status().then(
        () => {
          if (!isCurrent) return;
          setError(undefined);
          // A plane that is ending may have answered for the last time.
          if (feed.state === 'disconnected') timer = setTimeout(look, lookAgainMs);
        },
        (reason) => isCurrent && feed.state === 'disconnected' && setError(asUserError(reason)),
      );
    };
    look();
    const subscription = feed.onDidChangeState(look);
    return () => {
      isCurrent = false;
      clearTimeout(timer);
      subscription.dispose();
    };
  }, [client, feed]);
  if (!error) return null;
  const isRefused = error.code === 'Unauthorized';
  return (
    <div className={`connection${isRefused ? ' is-refused' : ''}`} role="alert">
      <Icon name={isRefused ? 'lock' : 'debug-disconnect'} />
      <div>
        <p>
          {isRefused
            ? member
              ? 'You are signed in no more.'
              : 'This page has no token that the control plane accepts.'
            : 'The control plane does not answer. Trying again…'}
        </p>
        <p className="dim">
          {kind === 'browser' ? (
            isRefused && member ? (
              <a href={`/sign-in?to=${encodeURIComponent(location.pathname + location.search)}`}>Sign in again</a>
            ) : isRefused ? (
              <>
                Open the Studio from VS Code (command <em>Updraft: Open the Studio in the Browser</em>), or with the address that{' '}
                <code>updraft status</code> prints.
              </>
            ) : (
              <>
                It ends when it has nothing to do. Start it with <code>updraft serve</code>, or submit something from VS Code.
              </>
            )
          ) : (
            (error.hint ?? 'The editor starts it again; see the log with “Updraft: Show Log”.')
          )}
        </p>
      </div>
    </div>
  );
}
