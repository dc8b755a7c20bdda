import type { PlaneClient } from '../client/planeClient.ts';

/** Two workspaces, mostly of different control planes: from the one to the other. */
export interface Pair {
  from: PlaneClient;
  to: PlaneClient;
  signal?: AbortSignal | undefined;
}
