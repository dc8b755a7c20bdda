import { type ReactNode, Suspense, useEffect, useState } from 'react';
import { messageOf, UserError } from '../../../src/base/userError.ts';
import { useHost } from '../host/host.ts';
import { usePageState } from '../host/pageState.ts';
import { Boundary } from './Boundary.tsx';
import { Button } from './fields.tsx';
import { Failure, Loading } from './states.tsx';

/** Milliseconds after which a part of a page is taken for one that never comes. */
const overdueMs = 15_000;
/** Least milliseconds from one reload that nobody asked for to the next. */
const restMs = 600_000;

/**
 * Shows what is loaded when it is first shown, and that it is on its way. VS Code's way to a file of a page can stop in the middle of the file without an
 * error: the page then starts anew by itself, once, with what it has kept. After that, and in a browser, it offers to. What can't be loaded says so in its own place.
 */
export function Later({ what, instead, children }: { what: string; instead?: ReactNode; children: ReactNode }) {
  const { reload } = useHost();
  return (
    <Boundary
      instead={(error) => (
        <Failure error={new UserError('RemoteError', `Loading ${what} has failed.`, messageOf(error))}>
          <p>
            <Button secondary onClick={reload}>
              Reload the page
            </Button>
          </p>
        </Failure>
      )}
    >
      <Suspense
        fallback={
          <>
            {instead === undefined ? <Loading what={what} /> : instead}
            <Overdue what={what} />
          </>
        }
      >
        {children}
      </Suspense>
    </Boundary>
  );
}

function Overdue({ what }: { what: string }) {
  const host = useHost();
  const [reloadedAt, setReloadedAt] = usePageState('private.reloadedAt', 0);
  const [isOverdue, setOverdue] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setOverdue(true), overdueMs);
    return () => clearTimeout(timer);
  }, []);
  useEffect(() => {
    if (!isOverdue || host.kind !== 'editor' || Date.now() - reloadedAt < restMs) return;
    setReloadedAt(Date.now());
    host.reload();
  }, [isOverdue, host, reloadedAt, setReloadedAt]);
  if (!isOverdue) return null;
  return (
    <div className="state" role="alert">
      <p className="state-text">Loading {what} takes longer than it should.</p>
      <Button secondary onClick={host.reload}>
        Reload the page
      </Button>
    </div>
  );
}
