import type { Logger } from '../base/logger.ts';
import type { BlobFolder } from '../store/blobFolder.ts';
import type { LogFolder } from '../store/logFolder.ts';
import type { Store } from '../store/store.ts';
import type { AzureTokens } from './azureTokens.ts';
import type { RunnerComputes } from './leases/computes.ts';
import type { Reaper } from './leases/reaper.ts';
import type { SasSigner } from './routes/storage/sas.ts';
import type { Clock } from './schedules/clock.ts';
import type { Scheduler } from './schedules/scheduler.ts';
import type { SecureListener } from './tls/secureListener.ts';

/** What the routes work with. */
export interface Services {
  store: Store;
  blobs: BlobFolder;
  logs: LogFolder;
  logger: Logger;
  /** Origin of this plane, known once it listens. */
  url: () => string;
  /** Content and hardware of `this-machine`, as a compute's `properties.properties`. */
  machine: Record<string, unknown>;
  user: string;
  /** What Azure's clients need: the https side, their tokens, signed URLs. */
  secure: SecureListener;
  azure: AzureTokens;
  sas: SasSigner;
  clock: Clock;
  /** Which computes have runners of their own. */
  computes: RunnerComputes;
  /** Takes jobs from runners that are gone; known once the plane listens. */
  reaper: () => Reaper;
  /** Starts the jobs of schedules; known once the plane listens. */
  scheduler: () => Scheduler;
}
