import type { ReactNode } from 'react';
import type { PageAddress } from '../../../src/protocol/webview.ts';
import { useHost } from '../host/host.ts';

/** A link to another page; with a modifier key a browser opens it in a tab of its own. */
export function PageLink({ to, title, children }: { to: PageAddress; title?: string; children: ReactNode }) {
  const host = useHost();
  return (
    <a
      href={host.href(to)}
      title={title}
      onClick={(event) => {
        if (host.kind === 'browser' && (event.metaKey || event.ctrlKey || event.shiftKey)) return;
        event.preventDefault();
        host.open(to);
      }}
    >
      {children}
    </a>
  );
}
