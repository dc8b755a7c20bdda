import { Hono, type MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { TrieRouter } from 'hono/router/trie-router';
import { UserError } from '../base/userError.ts';
import { type JobStatus, runningStatuses, waitingStatuses } from '../protocol/job.ts';
import { mlflowVersion } from '../protocol/mlflow.ts';
import type { Health, PlaneStatus } from '../protocol/plane.ts';
import { memberOf } from '../protocol/principal.ts';
import { audited } from './audit/audited.ts';
import { auth } from './auth.ts';
import { checkRoutes } from './checkRoutes.ts';
import { errorResponse } from './errors.ts';
import { agentCallRoutes } from './routes/agentCalls.ts';
import { armRoutes } from './routes/arm/arm.ts';
import { auditRoutes } from './routes/audit.ts';
import { blobRoutes } from './routes/blobs.ts';
import { changeRoutes } from './routes/changes.ts';
import { claimRoutes } from './routes/claims.ts';
import { clientCredentialsRoutes } from './routes/clientCredentials.ts';
import { commentRoutes } from './routes/comments.ts';
import { copyRoutes } from './routes/copies.ts';
import { dataPlaneRoutes } from './routes/dataplane/dataPlane.ts';
import { deletedWorkspaceRoutes } from './routes/deletedWorkspaces.ts';
import { endpointRequestRoutes } from './routes/endpointRequests.ts';
import { endpointRoutes } from './routes/endpoints.ts';
import { engineRoutes } from './routes/engines.ts';
import { finetuningRoutes } from './routes/finetuning.ts';
import { graphRoutes } from './routes/graph.ts';
import { identityRoutes } from './routes/identity.ts';
import { importedModelRoutes } from './routes/importedModels.ts';
import { jobFileRoutes } from './routes/jobFiles.ts';
import { localModelRoutes } from './routes/localModels.ts';
import { loggedRoutes } from './routes/logged.ts';
import { mlflowRoutes } from './routes/mlflow/mlflow.ts';
import { noticeRoutes } from './routes/notices.ts';
import { openAiRoutes } from './routes/openai/openai.ts';
import { type Preview, previewRoutes } from './routes/preview.ts';
import { promptCaseRoutes } from './routes/promptCases.ts';
import { runTableRoutes } from './routes/runTables.ts';
import { seriesRoutes } from './routes/series.ts';
import { sharedFieldRoutes } from './routes/sharedFields.ts';
import { signInRoutes } from './routes/signIn.ts';
import { storageRoutes } from './routes/storage/storage.ts';
import { studioRoutes } from './routes/studio.ts';
import { teamRoutes } from './routes/team.ts';
import { transferRoutes } from './routes/transfer/transfer.ts';
import { tunedModelRoutes } from './routes/tunedModels.ts';
import { webhookRoutes } from './routes/webhooks.ts';
import type { PlaneServices } from './services.ts';

export interface AppOptions {
  services: PlaneServices;
  token: string | undefined;
  version: string;
  /** Tells data folders apart. */
  id: string;
  studioFolder: string;
  status: () => Pick<PlaneStatus, 'dataFolder' | 'startedAt' | 'clients'>;
  onStop: () => void;
  /** Called for every request and, for a change feed, once more when it closes. */
  onRequest: () => void;
  onFeed: () => () => void;
  /** Why requests should go to another server, in a sentence; undefined: they may come. */
  whyNotReady: () => Promise<string | undefined>;
  /** Tells of this server's work; begins to count with the first call. */
  monitor: () => Promise<{ text(): Promise<string> }>;
  /** Aborts when the plane ends, before its store is closed. */
  ending: AbortSignal;
  /** Makes a span of each request; undefined: of none. */
  spans?: MiddlewareHandler | undefined;
  /** What would become of a pipeline's steps. */
  preview: Preview;
}

/** Most jobs that are counted for a member of a team. */
const mostCounted = 1000;

/** All routes of a control plane behind one door. */
export function createApp(options: AppOptions): Hono {
  const { services, token, version, id } = options;
  // Hono's own choice makes regular expressions of all routes at the first request. That takes three times as long, and saves three microseconds of each request.
  const app = new Hono({ router: new TrieRouter() });
  app.onError((error, c) => errorResponse(c, error, services.logger));
  app.notFound((c) =>
    errorResponse(c, new UserError('NotFound', `The control plane has no ${c.req.method} ${c.req.path.slice(0, 200)}.`), services.logger),
  );
  app.use(async (_c, next) => {
    options.onRequest();
    await next();
  });
  if (options.spans) app.use(options.spans);
  const { publicUrl } = services;
  if (publicUrl?.startsWith('https:'))
    app.use(async (c, next) => {
      await next();
      // Browsers then take https from the first request on. Who comes by 127.0.0.1 has no https.
      if (c.get('origin') === publicUrl) c.header('strict-transport-security', `max-age=${365 * 86_400}`);
    });
  app.use(audited(services));
  app.use(auth(token, services));
  const provider = services.signIn?.settings.name;
  app.get('/health', (c) =>
    c.json({
      status: 'ok',
      product: 'updraft',
      version,
      id,
      pid: process.pid,
      ...(provider === undefined ? {} : { signIn: provider }),
    } satisfies Health),
  );
  app.get('/ready', async (c) => {
    const why = await options.whyNotReady();
    return why === undefined ? c.json({ status: 'ready' }) : c.json({ status: 'not ready', why }, 503);
  });
  app.get('/metrics', async (c) =>
    c.text(await (await options.monitor()).text(), 200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }),
  );
  // MLflow's clients ask it, and send traces only to a server they know to be new enough.
  app.get('/version', (c) => c.text(mlflowVersion));
  app.get('/status', async (c) => {
    const { principal, store } = c.get('asked');
    const isMembers = memberOf(principal) !== undefined;
    const { dataFolder, ...status } = options.status();
    // A member is told of the jobs of the own workspace, and nothing of the machine.
    const count = async (statuses: readonly JobStatus[]) =>
      isMembers ? (await store.jobs({ status: [...statuses], parent: null }, 0, mostCounted)).length : services.store.countJobs(statuses);
    return c.json({
      ...status,
      dataFolder: isMembers ? '' : dataFolder,
      version,
      id,
      pid: process.pid,
      seq: await services.store.seq(),
      epoch: await services.store.epoch(),
      runningJobs: await count(runningStatuses),
      queuedJobs: await count(waitingStatuses),
      residentBytes: process.memoryUsage.rss(),
      isTeam: services.team !== undefined,
      ...(publicUrl === undefined ? {} : { publicUrl }),
    } satisfies PlaneStatus);
  });
  app.post('/stop', bodyLimit({ maxSize: 1024 }), (c) => {
    options.onStop();
    return c.json({});
  });
  for (const routes of [
    changeRoutes(services, { plane: id, onOpen: options.onFeed, ending: options.ending }),
    identityRoutes(services),
    graphRoutes(services),
    teamRoutes(services, id),
    deletedWorkspaceRoutes(services),
    signInRoutes(services),
    clientCredentialsRoutes(services, id),
    auditRoutes(services),
    commentRoutes(services),
    copyRoutes(services),
    sharedFieldRoutes(services),
    importedModelRoutes(),
    webhookRoutes(),
    noticeRoutes(services),
    endpointRoutes(services),
    endpointRequestRoutes(services),
    armRoutes(services),
    dataPlaneRoutes(services),
    storageRoutes(services),
    mlflowRoutes(services),
    openAiRoutes(services),
    engineRoutes(services),
    localModelRoutes(services),
    finetuningRoutes(services, () => options.status().dataFolder),
    tunedModelRoutes(services),
    blobRoutes(services),
    transferRoutes(services),
    jobFileRoutes(services),
    runTableRoutes(),
    loggedRoutes(),
    seriesRoutes(services),
    claimRoutes(services),
    agentCallRoutes(),
    promptCaseRoutes(),
    previewRoutes(services, options.preview),
    studioRoutes(options.studioFolder, token),
  ]) {
    app.route('/', routes);
  }
  checkRoutes(app);
  return app;
}
