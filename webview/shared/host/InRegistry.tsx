import { type ReactNode, useEffect, useState } from 'react';
import { pageFeed } from '../live/pageFeed.ts';
import { type Host, HostProvider, useHost } from './host.ts';

/** What is shown within is read from a registry, and is kept up to date by the registry's own feed. Without a registry all stays about the workspace. */
export function InRegistry({ registry, children }: { registry: string | undefined; children: ReactNode }) {
  return registry === undefined ? children : <OfRegistry registry={registry}>{children}</OfRegistry>;
}

function OfRegistry({ registry, children }: { registry: string; children: ReactNode }) {
  const host = useHost();
  const [within, setWithin] = useState<{ host: Host; registry: string }>();
  useEffect(() => {
    const gone = new AbortController();
    const client = host.client.inRegistry(registry);
    setWithin({ host: { ...host, client, feed: pageFeed(client.http, { signal: gone.signal }) }, registry });
    return () => gone.abort();
  }, [host, registry]);
  return within?.registry === registry && <HostProvider value={within.host}>{children}</HostProvider>;
}
