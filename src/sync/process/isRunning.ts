import { isAlive } from '../../plane/processIdentity.ts';
import type { SyncState } from '../../protocol/sync.ts';

/** Whether the process that wrote a state still sends. */
export const isRunning = (state: SyncState | undefined): boolean => state?.process !== undefined && isAlive(state.process);
