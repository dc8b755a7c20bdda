import type { ReactNode } from 'react';
import type { UserError } from '../../../src/base/userError.ts';
import { askText } from '../../../src/client/whomToAsk.ts';
import { useHost } from '../host/host.ts';
import { Icon } from './Icon.tsx';

/** Shown while something is read for the first time; a quiet line that only appears when it takes a moment. */
export function Loading({ what }: { what: string }) {
  return (
    <p className="state state-loading" role="status">
      <Icon name="loading" spin /> Loading {what}…
    </p>
  );
}

/** Nothing is there yet: says so, and what to do about it. */
export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className="state">
      <p className="state-title">{title}</p>
      {children && <div className="state-text">{children}</div>}
    </div>
  );
}

/** A search that finds nothing, and the way back. */
export function NoMatch({ title, onClear }: { title: string; onClear(): void }) {
  return (
    <Empty title={title}>
      <button type="button" className="link" onClick={onClear}>
        Clear the search
      </button>
    </Empty>
  );
}

/** A page that has nothing of its own to show yet, or no more. `title` is its heading for screen readers. */
export function BarePage({ title, children }: { title: string; children: ReactNode }) {
  return (
    <main className="page">
      <h1 className="visually-hidden">{title}</h1>
      {children}
    </main>
  );
}

/** Something could not be read or done: what happened and what to do. */
export function Failure({ error, children }: { error: UserError; children?: ReactNode }) {
  return (
    <div className="notice notice-error" role="alert">
      <Icon name="error" />
      <div>
        <p>{error.message}</p>
        {error.hint && <p className="dim">{error.hint}</p>}
        {children}
      </div>
    </div>
  );
}

/**
 * What could not be read, where `Failure` stands for what was asked to be done. That the plane is gone or refuses the token is said once, at the top of the
 * page, by `Connection`.
 */
export function ReadFailure({ error }: { error: UserError }) {
  const { access } = useHost();
  if (error.code === 'PlaneUnreachable' || error.code === 'Unauthorized') return null;
  return (
    <Failure error={error}>{access && error.code === 'AuthorizationFailed' && <p>For a role that does, {askText(access)}.</p>}</Failure>
  );
}
