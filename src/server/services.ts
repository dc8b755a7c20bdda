import type { Logger } from '../base/logger.ts';
import type { Blobs } from '../store/blobs.ts';
import type { Logs } from '../store/logs.ts';
import type { MetricStore } from '../store/metrics/metricStore.ts';
import type { Store } from '../store/store.ts';
import type { AzureTokens } from './azureTokens.ts';
import type { SasSigner } from './routes/storage/sas.ts';
import type { Scheduler } from './schedules/scheduler.ts';
import type { SecureListener } from './tls/secureListener.ts';

/** What the routes work with. */
export interface Services {
  store: Store;
  metrics: MetricStore;
  blobs: Blobs;
  logs: Logs;
  logger: Logger;
  /** Origin of this plane, known once it listens. */
  url: () => string;
  user: string;
  /** What Azure's clients need: the https side, their tokens, signed URLs. */
  secure: SecureListener;
  azure: AzureTokens;
  sas: SasSigner;
  /** Starts the jobs of schedules; known once the plane listens. */
  scheduler: () => Scheduler;
}
