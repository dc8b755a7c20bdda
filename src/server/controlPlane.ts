import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer as createHttpServer, type RequestListener, type Server } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { cpus } from 'node:os';
import path from 'node:path';
import { getRequestListener } from '@hono/node-server';
import { aside } from '../base/aside.ts';
import { laterPart } from '../base/laterPart.ts';
import type { Logger } from '../base/logger.ts';
import { UserError } from '../base/userError.ts';
import { ChangeStream } from '../client/feed/changeStream.ts';
import { PlaneClient } from '../client/planeClient.ts';
import { describeMachine } from '../machine/describeMachine.ts';
import { gpusHere } from '../machine/gpus.ts';
import { orchestratorKinds, startOrchestrator } from '../orchestrator/orchestrator.ts';
import { previewPipeline } from '../orchestrator/pipeline/previewPipeline.ts';
import { azureVariables } from '../plane/azureVariables.ts';
import { writeLock, writePrivately } from '../plane/lock.ts';
import { takeDataFolder } from '../plane/takeDataFolder.ts';
import { defaultWorkspace } from '../protocol/arm.ts';
import { activeStatuses, runningStatuses, waitingStatuses } from '../protocol/job.ts';
import { ownerOf, thePlane } from '../protocol/principal.ts';
import { Places } from '../runner/places.ts';
import { runnerKinds, startRunner } from '../runner/runner.ts';
import { Serving } from '../serving/serving.ts';
import type { Lease } from '../store/leases.ts';
import { contentsPlaceFile, databasePlaceFile } from '../store/maintenance/storeParts.ts';
import type { Store } from '../store/store.ts';
import { memoryWatch } from '../tuning/memoryWatch.ts';
import { quickLog } from '../tuning/quickLog.ts';
import { Answering } from './answering.ts';
import { createApp } from './app.ts';
import { AuditLog } from './audit/auditLog.ts';
import { AzureTokens } from './azureTokens.ts';
import type { Config } from './config.ts';
import { openContents } from './contents.ts';
import { Deliverer } from './deliveries/deliverer.ts';
import { type Deliveries, deliveriesOf } from './deliveries/deliveries.ts';
import { notingOccurrences } from './deliveries/noteOccurrences.ts';
import { DeploymentRecords } from './deploymentRecords.ts';
import { Duties, type Work } from './duties/duties.ts';
import { ownAddress } from './duties/ownAddress.ts';
import { PassOn } from './duties/passOn.ts';
import { watchServer, whyNotReady } from './duties/watchServer.ts';
import { WorkspaceDuties } from './duties/workspaceDuties.ts';
import { headerLimit } from './headerLimit.ts';
import { idleWatch } from './idleWatch.ts';
import { isSameSecret } from './isSameSecret.ts';
import { JobTokens } from './jobTokens.ts';
import { type Reaper, startReaper } from './leases/reaper.ts';
import type { LocalModels } from './localModels/localModels.ts';
import type { Memory } from './memory.ts';
import type { Monitor } from './monitoring/monitor.ts';
import type { OwnRequest } from './ownRequest.ts';
import type { LanguageModels } from './planeModels.ts';
import { QueueNews } from './queue/queueNews.ts';
import { SasSigner } from './routes/storage/sas.ts';
import { openRows } from './rows.ts';
import { type Clock, systemClock } from './schedules/clock.ts';
import { type Scheduler, startScheduler } from './schedules/scheduler.ts';
import { Schedules } from './schedules/schedules.ts';
import { encryptAnew } from './secrets/encryptAnew.ts';
import { Secrets } from './secrets/secrets.ts';
import { knownGpus, noteMachine, seed } from './seed.ts';
import type { PlaneServices } from './services.ts';
import { Attempts } from './signIn/attempts.ts';
import { memberWhoLogs } from './team/memberWhoLogs.ts';
import { Team } from './team/team.ts';
import { startTidyUp, startTidyUpOfCopies } from './tidyUp.ts';
import { secureListener, wasUsedBefore } from './tls/secureListener.ts';
import type { TunedModels } from './tunedModels/tunedModels.ts';
import { ownWorkspaces } from './workspaceNames.ts';

const monitoring = laterPart(() => import('./monitoring/monitor.ts'));
const modelsOfMachine = laterPart(() => import('./planeModels.ts'));
const identityProviders = laterPart(() => import('./signIn/signIn.ts'));
const filesOfModels = laterPart(() => import('./localModels/localModels.ts'));
const traceParts = laterPart(() => import('./tracing/openTracing.ts'));
const registeredAdapters = laterPart(() => import('./tunedModels/tunedModels.ts'));

export interface ControlPlane {
  url: string;
  token: string;
  /** Settles when the plane has ended, by `stop`, by a client's wish or when idle. */
  ended: Promise<void>;
  stop(): Promise<void>;
}

interface WorkInWorkspace extends Work {
  scheduler: Scheduler;
}

/** The composition root: opens the data folder, listens, tells where, and starts the runner. */
export async function startControlPlane(
  config: Config,
  version: string,
  logger: Logger,
  clock: Clock = systemClock,
): Promise<ControlPlane> {
  const { dataFolder } = config;
  const claim = takeDataFolder(dataFolder);
  let store: Store | undefined;
  try {
    const server = remembered(dataFolder, 'server') ?? randomUUID();
    remember(dataFolder, 'server', server);
    const blobs = await openContents(dataFolder, config.bucket, memoryOf(dataFolder, contentsPlaceFile));
    const opened = await openRows(
      dataFolder,
      config.database,
      {
        id: remembered(dataFolder, 'id'),
        token: config.token,
        isTokenNew: config.isTokenNew,
        usualToken: remembered(dataFolder, 'token'),
        contents: config.bucket?.url ?? `the folder of the server ${server}`,
        isBucket: config.bucket !== undefined,
      },
      memoryOf(dataFolder, databasePlaceFile),
    );
    const { logs, id, token, shared } = opened;
    const traces =
      config.traces &&
      (await traceParts()).openTracing(config.traces, {
        server,
        version,
        logger,
        database: shared ? 'postgresql' : 'sqlite',
      });
    const tracer = traces?.tracer;
    const metrics = traces?.metrics(opened.metrics) ?? opened.metrics;
    // What is to be told of a write is queued in the write itself.
    store = notingOccurrences(traces?.store(opened.store) ?? opened.store, () => clock.now());
    // They stay the same over restarts, so that running jobs can go on talking to the plane.
    remember(dataFolder, 'id', id);
    remember(dataFolder, 'token', token);
    const local = store.in(defaultWorkspace.workspace, thePlane);
    const owner = ownerOf(config.user);
    // Of a plane with several servers, those that run jobs are its machine.
    const notesMachine = config.withRunner || !shared;
    const servesDeployments = config.withRunner && config.withOrchestrator;
    await seed(store, describeMachine(await knownGpus(local)), config.user, notesMachine);

    const team = config.isTeam ? await Team.open(store, logger, () => clock.now(), shared !== undefined) : undefined;
    const audit = config.isTeam ? new AuditLog(store, () => clock.now()) : undefined;

    const secrets = new Secrets(config.secretKeys);
    const deliveries: Deliveries = deliveriesOf({
      places: config.hookPlaces,
      secrets,
      mail: config.mail,
      publicUrl: config.publicUrl,
      clock,
      tracer,
    });
    const signIn =
      team && config.signIn
        ? new (await identityProviders()).SignIn(config.signIn, token, { store, team, now: () => clock.now() })
        : undefined;

    let url = '';
    const ending = new AbortController();
    const startedAt = new Date().toISOString();
    const secure = secureListener({
      dataFolder,
      fetch: (request) => app.fetch(request),
      port: Number(remembered(dataFolder, 'securePort')) || undefined,
      onListening: (port) => remember(dataFolder, 'securePort', String(port)),
    });
    const jobTokens = new JobTokens(token, store);
    const azure = new AzureTokens(token, id, { armAudience: secure.url, publicUrl: config.publicUrl }, owner, jobTokens, team);
    const sas = new SasSigner(token);
    let models: Promise<LanguageModels> | undefined;
    let localModels: Promise<LocalModels> | undefined;
    let tunedModels: Promise<TunedModels> | undefined;
    const openTunedModels = async (): Promise<TunedModels> => {
      const [part, { own, machine }] = await Promise.all([registeredAdapters(), services.models()]);
      return new part.TunedModels({ store: services.store, blobs, own, machine, logger, ending: ending.signal });
    };
    const services: PlaneServices = {
      planeId: id,
      store,
      metrics,
      blobs,
      logs,
      logger,
      url: () => config.publicUrl ?? url,
      publicUrl: config.publicUrl,
      owner,
      team,
      signIn,
      attempts: new Attempts({ now: () => clock.now(), shared: shared?.wrongTries, logger }),
      audit,
      secure,
      azure,
      sas,
      jobTokens,
      secrets,
      schedules: (workspace) => schedulesOf(workspace),
      clock,
      models: () => (models ??= modelsOfMachine().then(({ planeModels }) => planeModels(config, logger, services.store))),
      localModels: () =>
        (localModels ??= filesOfModels().then((part) => new part.LocalModels(config, services.store, services.models, logger))),
      tunedModels: () => (tunedModels ??= openTunedModels()),
      tracer,
      deliveries,
      hasRunner: config.withRunner,
      queueNews: new QueueNews(clock, logger),
      reaper: () => reaper,
      servesDeployments,
      serving: () => serving,
      passOn: async (c) => passOn?.answer(c),
    };
    const idle = idleWatch({
      idleMs: config.idleMs,
      clock,
      logger,
      isBusy: async () =>
        ((await models)?.own.busy ?? 0) > 0 ||
        ((await localModels)?.busy ?? 0) > 0 ||
        (await store!.countJobs(activeStatuses)) > (await store!.countOpenRuns(activeStatuses)) ||
        (await hasSchedules()) ||
        ((await serving?.isNeeded()) ?? false),
      hasOpenRuns: async (since) => (await store!.countOpenRuns(activeStatuses, since)) > 0,
    });
    const memory = memoryWatch(() => idle.quietMs() > 1500);
    let stopping: Promise<void> | undefined;
    let end: () => void = () => {};
    const ended = new Promise<void>((resolve) => {
      end = resolve;
    });

    let monitor: Monitor | undefined;
    const openMonitor = async (): Promise<Monitor> => {
      const { Monitor } = await monitoring();
      monitor ??= new Monitor({
        version,
        feeds: idle.feeds,
        hasDuties: () => reaper !== undefined,
        whyNotReady: () => whyNotReady(shared, ending.signal),
        jobs: async () => ({ running: await store!.countJobs(runningStatuses), waiting: await store!.countJobs(waitingStatuses) }),
        newestChange: () => store!.seq(),
      });
      return monitor;
    };

    const app = createApp({
      services,
      token: config.openToAll ? undefined : token,
      version,
      id,
      studioFolder: config.studioFolder,
      status: () => ({ dataFolder, startedAt, clients: idle.feeds() }),
      onStop: () => setImmediate(() => aside('end', stop(), logger)),
      onRequest: idle.touch,
      onFeed: idle.openFeed,
      whyNotReady: () => whyNotReady(shared, ending.signal),
      monitor: openMonitor,
      ending: ending.signal,
      spans: traces?.requests,
      preview: (workspace, request, findReusable) => previewPipeline(clientUnder(undefined, workspace), request, findReusable),
    });

    const untraced = quickLog({
      metrics,
      who: (authorization) => {
        if (config.openToAll || isSameSecret(authorization, `Bearer ${token}`))
          return Promise.resolve({ principal: owner, workspace: defaultWorkspace.workspace });
        const bearer = authorization.slice('Bearer '.length);
        if (bearer.startsWith('job.'))
          return jobTokens.principalOf(bearer).then((job) => job && { principal: job, workspace: job.workspace });
        return team?.catchUp().then(() => memberWhoLogs(team, bearer));
      },
      onRequest: idle.touch,
      bind: traces?.bind,
      fetch: app.fetch,
    });
    const quick = traces?.quick(untraced) ?? untraced;
    const ordinary = getRequestListener(app.fetch);
    const answering = new Answering();
    const listener: RequestListener = (request, response) => {
      answering.begin(response);
      monitor?.begin(request, response);
      if (!quick(request, response)) aside('request', ordinary(request, response), logger);
    };
    const listening = await bind(
      listener,
      config.address,
      config.port ?? Number(remembered(dataFolder, 'port') ?? 0),
      config.port !== undefined,
    );
    const { port } = listening.address() as AddressInfo;
    url = `http://127.0.0.1:${port}`;
    remember(dataFolder, 'port', String(port), false);
    writeLock(dataFolder, {
      pid: process.pid,
      url,
      token,
      id,
      version,
      startedAt,
      program: process.argv[1] ?? '',
      onDemand: config.onDemand,
    });
    logger.info(`listening on ${url}`);

    // The plane's own parts talk to the same routes as everyone, without the way through a socket. They do not count as clients: a plane that has no others ends when it is idle.
    const clientUnder = (lease: Lease | undefined, workspace = defaultWorkspace.workspace) => {
      const fetch = async (input: string, init?: RequestInit) =>
        app.fetch(new Request(input, init), { isOwn: true, lease } satisfies OwnRequest);
      return new PlaneClient({ url, token, fetch }, { ...defaultWorkspace, workspace });
    };
    const inProcess = clientUnder(undefined);
    const submitting = (client: PlaneClient) => ({ logger, submit: client.putJob, getJob: client.getJob });
    let inWorkspaces: WorkspaceDuties<WorkInWorkspace> | undefined;
    let reaper: Reaper | undefined;
    let serving: Serving | undefined;
    const schedulesOf = (workspace: string) =>
      new Schedules({
        store: store!.in(workspace, thePlane),
        clock,
        scheduler: () => inWorkspaces?.in(workspace)?.scheduler,
        ...submitting(clientUnder(undefined, workspace)),
      });
    const hasSchedules = async () => {
      for (const workspace of await ownWorkspaces(store!)) if (await schedulesOf(workspace).isNeeded()) return true;
      return false;
    };
    const changes = new ChangeStream(inProcess.http, { kinds: [...new Set([...orchestratorKinds, ...runnerKinds])] });
    let jobVariables: Promise<Record<string, string>> | undefined;
    // Worked out once: they stay the same as long as this plane runs, and every step asks.
    const variablesOfJobs = () =>
      (jobVariables ??= secure
        .open()
        .then(({ url: armUrl, authorityFile }) =>
          azureVariables({ url, armUrl, authorityFile, identitySecret: azure.identitySecret }, config.environment),
        ));
    const places = new Places(config.maxParallelJobs || cpus().length);
    const runnerIn = (workspace: string) => {
      const isUsual = workspace === defaultWorkspace.workspace;
      return startRunner({
        client: clientUnder(undefined, workspace),
        planeUrl: url,
        folder: isUsual ? path.join(dataFolder, 'runner') : path.join(dataFolder, 'runners', workspace),
        environment: config.environment,
        jobVariables: variablesOfJobs,
        logger,
        isEmbedded: true,
        places,
        ...(isUsual ? { changes } : {}),
      });
    };
    const runners = config.withRunner
      ? new WorkspaceDuties({
          store,
          begin: (workspace) => {
            const runner = runnerIn(workspace);
            return { end: () => runner.dispose() };
          },
          logger,
        })
      : undefined;
    /** Schedules, pipelines and sweeps of a workspace. */
    const beginIn = (workspace: string, lease: Lease | undefined): WorkInWorkspace => {
      const client = clientUnder(lease, workspace);
      const scheduler = startScheduler({ store: store!.in(workspace, thePlane, lease), clock, tracer, ...submitting(client) });
      // Schedules that another server has changed.
      const news = lease
        ? store!.onDidCommit(({ kinds }) => {
            if (kinds?.has('schedule') !== false) aside('schedules', scheduler.plan(), logger);
          })
        : undefined;
      const ownChanges =
        config.withOrchestrator && workspace !== defaultWorkspace.workspace
          ? new ChangeStream(client.http, { kinds: orchestratorKinds, logger })
          : undefined;
      const orchestrator = config.withOrchestrator
        ? startOrchestrator({ client, id: `orchestrator ${id}`, logger, changes: ownChanges ?? changes })
        : undefined;
      return {
        scheduler,
        async end() {
          news?.dispose();
          ownChanges?.dispose();
          await Promise.all([scheduler.dispose(), orchestrator?.dispose()]);
        },
      };
    };
    // Work that nobody waits for: when the plane ends meanwhile, it is done at the next start.
    const untilEnd = { error: (what: string, error: unknown) => ending.signal.aborted || logger.error(what, error) };
    const beginDuties = (lease: Lease | undefined): Work => {
      const works = new WorkspaceDuties({ store: store!, begin: (workspace) => beginIn(workspace, lease), logger });
      inWorkspaces = works;
      reaper = startReaper({
        store: store!,
        clock,
        logger,
        tracer,
        lease,
        onRelease: (workspace) => services.queueNews.moved(store!.in(workspace, thePlane)),
      });
      aside('secrets', encryptAnew({ store: store!, secrets, logger, lease }), untilEnd);
      const tidying = startTidyUp({
        store: store!,
        blobs,
        audit: config.isTeam ? new AuditLog(store!, () => clock.now(), lease) : undefined,
        auditDays: config.auditDays,
        clock,
        logger,
        tracer,
        lease,
      });
      const deliverer = new Deliverer({ store: store!, lease, team, sender: deliveries.sender, clock, logger, tracer });
      if (servesDeployments)
        serving = new Serving({
          folder: path.join(dataFolder, 'serving'),
          runnerFolder: path.join(dataFolder, 'runner'),
          records: new DeploymentRecords(store!, lease),
          clientOf: (workspace) => clientUnder(lease, workspace),
          secret: token,
          modelFiles: {
            start: async (name, format, onLine) => (await services.models()).serverProgram(name, format, onLine),
            base: async (base) => (await services.tunedModels()).baseFile(base),
          },
          environment: config.environment,
          logger,
          now: () => Date.now(),
        });
      const parts = { reaper, serving };
      return {
        async end() {
          inWorkspaces = reaper = serving = undefined;
          tidying.dispose();
          await Promise.all([works.end(), parts.reaper.dispose(), parts.serving?.dispose(), deliverer.end()]);
        },
      };
    };
    const address = config.database && (config.serverUrl ?? (await ownAddress(port, config.address === '0.0.0.0', config.database.url)));
    const passOn =
      shared && address && servesDeployments
        ? new PassOn({
            leases: shared.leases,
            ownAddress: address,
            publicUrl: config.publicUrl,
            isHere: () => serving !== undefined,
            logger,
          })
        : undefined;
    const duties = new Duties({
      leases: shared?.leases,
      holder: server,
      begin: beginDuties,
      logger,
      ...(address === undefined ? {} : { address }),
    });
    await duties.start();
    const copies = blobs.tidy ? startTidyUpOfCopies({ blobs, clock, logger, tracer }) : undefined;
    const watch = shared
      ? watchServer(shared, {
          logger,
          onNewToken: () => aside('end', stop(), logger),
        })
      : undefined;
    if (wasUsedBefore(dataFolder)) aside('https', secure.open(), untilEnd);
    const plane: ControlPlane = { url, token, ended, stop };
    idle.onIdle(() => {
      logger.info('idle: ending');
      aside('end', stop(), logger);
    });
    if (notesMachine)
      aside(
        'machine',
        gpusHere().then((gpus) => noteMachine(local, describeMachine(gpus), config.user)),
        untilEnd,
      );
    return plane;

    function stop(): Promise<void> {
      stopping ??= endAll();
      return stopping;
    }

    /** One part that can't end keeps no other from ending: a plane that is told to end is gone afterwards. */
    async function endAll(): Promise<void> {
      ending.abort();
      idle.dispose();
      memory.dispose();
      const parts: [what: string, close: () => unknown][] = [
        ['watch', () => watch?.dispose()],
        ['copies of contents', () => copies?.dispose()],
        ['duties', () => duties.dispose()],
        ['feed', () => changes.dispose()],
        ['runners', () => runners?.end()],
        ['news of queues', () => services.queueNews.dispose()],
        ['downloads of models', async () => (await localModels)?.dispose()],
        ['models', async () => (await models)?.dispose()],
        ['monitor', () => monitor?.dispose()],
        ['https', () => secure.close()],
        ['team', () => team?.dispose()],
        ['http', () => closeServer(listening, answering, shared ? drainMs : 0)],
        ['store', () => store!.close()],
        ['traces', () => traces?.end()],
        ['claim', () => claim.release()],
      ];
      for (const [what, close] of parts)
        try {
          await close();
        } catch (error) {
          logger.error(`end of the ${what}`, error);
        }
      end();
    }
  } catch (error) {
    await store?.close();
    claim.release();
    throw error;
  }
}

/** Milliseconds for which a server of several answers what it was asked before it ended. */
const drainMs = 20_000;

/** Takes no more requests, and answers those that it has, for so long. */
async function closeServer(server: Server, answering: Answering, patienceMs: number): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve));
  // A connection on which nobody asks anything is not waited for.
  if (patienceMs > 0) await answering.over(patienceMs);
  server.closeAllConnections();
  await closed;
}

function remembered(dataFolder: string, name: string): string | undefined {
  try {
    return readFileSync(path.join(dataFolder, name), 'utf8').trim() || undefined;
  } catch {
    return undefined;
  }
}

/** What is there already is not waited for on the disk again. */
function remember(dataFolder: string, name: string, text: string, flush = true): void {
  if (remembered(dataFolder, name) !== text) writePrivately(path.join(dataFolder, name), text, flush);
}

const memoryOf = (dataFolder: string, name: string): Memory => ({
  read: () => remembered(dataFolder, name),
  write: (text) => remember(dataFolder, name, text),
});

/** Listens on `port`; on any free one when it is taken and nobody insists. */
async function bind(listener: RequestListener, address: string, port: number, insist: boolean): Promise<Server> {
  const free = port === 0 || (await isFree(address, port));
  if (!free && insist)
    throw new UserError('PortInUse', `Port ${port} is in use by another program.`, 'Choose another with --port, or leave it out.');
  return new Promise((resolve, reject) => {
    const server = createHttpServer({ maxHeaderSize: headerLimit }, listener);
    server.on('error', reject);
    server.listen(free ? port : 0, address, () => resolve(server));
  });
}

function isFree(address: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, address, () => probe.close(() => resolve(true)));
  });
}
