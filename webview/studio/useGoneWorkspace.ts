import { useEffect } from 'react';
import { allPages } from '../../src/client/planeClient.ts';
import { useHost } from '../shared/host/host.ts';

/** A page whose workspace goes away begins anew, and then says so. */
export function useGoneWorkspace(): void {
  const { client, feed, access, reload } = useHost();
  const isShown = access?.seesWorkspace === true;
  useEffect(() => {
    if (!isShown) return;
    const subscription = feed.onDidChangeState(async (state) => {
      if (state !== 'disconnected') return;
      const plane = client.onPlane();
      // A plane that does not answer is told of elsewhere.
      const seen = await Array.fromAsync(allPages((next) => plane.listWorkspaces(next))).catch(() => undefined);
      if (seen && !seen.some(({ name }) => name === client.workspace.workspace)) reload();
    });
    return () => subscription.dispose();
  }, [client, feed, isShown, reload]);
}
