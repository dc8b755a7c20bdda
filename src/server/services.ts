import type { Context } from 'hono';
import type { Logger } from '../base/logger.ts';
import type { Principal } from '../protocol/principal.ts';
import type { Blobs } from '../store/blobs.ts';
import type { Logs } from '../store/logs.ts';
import type { MetricStore } from '../store/metrics/metricStore.ts';
import type { Store } from '../store/store.ts';
import type { Asked } from './asked.ts';
import type { AuditLog } from './audit/auditLog.ts';
import type { AzureTokens } from './azureTokens.ts';
import type { Deliveries } from './deliveries/deliveries.ts';
import type { JobTokens } from './jobTokens.ts';
import type { Reaper } from './leases/reaper.ts';
import type { LocalModels } from './localModels/localModels.ts';
import type { LanguageModels } from './planeModels.ts';
import type { QueueNews } from './queue/queueNews.ts';
import type { SasSigner } from './routes/storage/sas.ts';
import type { Clock } from './schedules/clock.ts';
import type { Schedules } from './schedules/schedules.ts';
import type { Secrets } from './secrets/secrets.ts';
import type { Served } from './served.ts';
import type { Attempts } from './signIn/attempts.ts';
import type { SignIn } from './signIn/signIn.ts';
import type { Team } from './team/team.ts';
import type { SecureListener } from './tls/secureListener.ts';
import type { Tracer } from './tracing/tracer.ts';
import type { TunedModels } from './tunedModels/tunedModels.ts';

/** What the whole plane works with. */
export interface PlaneServices {
  /** What tells it from all other planes. */
  planeId: string;
  /** The rows of all workspaces. */
  store: Store;
  metrics: MetricStore;
  blobs: Blobs;
  logs: Logs;
  logger: Logger;
  /** Where people and clients reach this plane, without a final slash: `publicUrl`, or else where it listens, known once it does. */
  url: () => string;
  /** Where the plane is published behind a proxy; undefined: nowhere but on this machine. */
  publicUrl: string | undefined;
  /** Who owns this plane. */
  owner: Principal;
  /** Who shares this plane; undefined where it is one person's. */
  team: Team | undefined;
  /** How its members sign in with an identity provider; undefined where they have personal tokens alone. */
  signIn: SignIn | undefined;
  /** Who did what; undefined where the plane is one person's. */
  audit: AuditLog | undefined;
  /** What Azure's clients need: the https side, their tokens, signed URLs. */
  secure: SecureListener;
  azure: AzureTokens;
  sas: SasSigner;
  jobTokens: JobTokens;
  /** Encrypts what opens things elsewhere, before it is kept. */
  secrets: Secrets;
  /** Makes spans of what this server does; undefined: nobody wants them. */
  tracer: Tracer | undefined;
  /** What webhooks and notices are sent with. */
  deliveries: Deliveries;
  /** The language models of this machine; their code is loaded when they are first asked for. */
  models: () => Promise<LanguageModels>;
  /** Models in files of this machine, for those who look at them; loaded when they are first asked for. */
  localModels: () => Promise<LocalModels>;
  /** Registered adapters as language models; loaded when they are first asked for. */
  tunedModels: () => Promise<TunedModels>;
  clock: Clock;
  /** Who has come with wrong tokens lately. */
  attempts: Attempts;
  /** Whether this very process runs jobs. */
  hasRunner: boolean;
  /** Tells of jobs that wait when it changes what for. */
  queueNews: QueueNews;
  /** Takes jobs from runners that are gone; undefined where another server of the plane does. */
  reaper: () => Reaper | undefined;
  /** Known once the plane listens. */
  schedules: (workspace: string) => Schedules;
  /** Whether the plane serves online deployments: it runs nothing otherwise. */
  servesDeployments: boolean;
  /** What serves them on this server; undefined where another server of the plane does, and before it listens. */
  serving: () => Served | undefined;
  /** The answer of the server that serves deployments, to a request whose body was not read; undefined where that is this server, or there is none. */
  passOn: (c: Context) => Promise<Response | undefined>;
}

/** What one request works with: `store` has the rows of its workspace alone, as who asks reads and writes them. */
export type Services = Omit<PlaneServices, 'store'> & Asked;

export const servicesOf = (plane: PlaneServices, asked: Asked): Services => ({ ...plane, ...asked });
