import { Component, type ReactNode } from 'react';
import { messageOf } from '../../../src/base/userError.ts';
import { Button } from './fields.tsx';

/** What a page shows when it can't be drawn: that it has failed and why, where nothing at all would be left otherwise. */
export class PageBoundary extends Component<{ reload(): void; children: ReactNode }, { error: unknown; hasFailed: boolean }> {
  override state = { error: undefined as unknown, hasFailed: false };

  static getDerivedStateFromError(error: unknown) {
    return { error, hasFailed: true };
  }

  override render(): ReactNode {
    if (!this.state.hasFailed) return this.props.children;
    return (
      <main className="page">
        <h1 className="visually-hidden">This page has failed</h1>
        <div className="state" role="alert">
          <p className="state-title">This page could not be shown.</p>
          <p className="state-text">{messageOf(this.state.error)}</p>
          <Button onClick={this.props.reload}>Reload the page</Button>
        </div>
      </main>
    );
  }
}
