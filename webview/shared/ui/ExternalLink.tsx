import type { ReactNode } from 'react';
import { useHost } from '../host/host.ts';

/** A link out of the product, whose target comes from a file or a name: only web addresses lead anywhere, and the target is told before it is followed. */
export function ExternalLink({ href, children }: { href: string; children: ReactNode }) {
  const { command } = useHost();
  if (!/^https?:\/\//i.test(href)) return <span title={href}>{children}</span>;
  return (
    <a
      href={href}
      title={href}
      target="_blank"
      rel="noopener noreferrer nofollow"
      onClick={(event) => {
        if (!command) return;
        event.preventDefault();
        command('external.open', { url: href });
      }}
    >
      {children}
    </a>
  );
}
