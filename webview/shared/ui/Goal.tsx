import type { ReactNode } from 'react';
import type { PageAddress, WebviewCommand } from '../../../src/protocol/webview.ts';
import { useHost } from '../host/host.ts';
import { PageLink } from './PageLink.tsx';

/** What a link leads to: a page of ours, an address of the web, or what only the editor can show, with the page that stands for it in a browser. */
export type Goal = PageAddress | { url: string } | { command: WebviewCommand; args: Record<string, string>; inBrowser?: PageAddress };

/** A link to a goal; plain text where there is none here. */
export function GoalLink({ to, title, children }: { to: Goal | undefined; title?: string | undefined; children: ReactNode }) {
  const { command } = useHost();
  if (!to) return <span title={title}>{children}</span>;
  if ('page' in to)
    return (
      <PageLink to={to} {...(title ? { title } : {})}>
        {children}
      </PageLink>
    );
  if ('url' in to) {
    if (command)
      return (
        <button type="button" className="link" title={title ?? to.url} onClick={() => command('external.open', { url: to.url })}>
          {children}
        </button>
      );
    return (
      <a href={to.url} title={title ?? to.url} target="_blank" rel="noreferrer">
        {children}
      </a>
    );
  }
  if (!command)
    return (
      <GoalLink to={to.inBrowser} title={title}>
        {children}
      </GoalLink>
    );
  return (
    <button type="button" className="link" title={title} onClick={() => command(to.command, to.args)}>
      {children}
    </button>
  );
}
