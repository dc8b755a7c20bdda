import type { ReactNode } from 'react';
import { messageOf } from '../../../src/base/userError.ts';
import { Boundary } from './Boundary.tsx';
import { Button } from './fields.tsx';

/** Says of a page that can't be drawn that it has failed and why, where nothing at all would be left otherwise. */
export function PageBoundary({ reload, children }: { reload(): void; children: ReactNode }) {
  return (
    <Boundary
      instead={(error) => (
        <main className="page">
          <h1 className="visually-hidden">This page has failed</h1>
          <div className="state" role="alert">
            <p className="state-title">This page could not be shown.</p>
            <p className="state-text">{messageOf(error)}</p>
            <Button onClick={reload}>Reload the page</Button>
          </div>
        </main>
      )}
    >
      {children}
    </Boundary>
  );
}
