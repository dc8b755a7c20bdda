import { randomBytes, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer as createHttpServer, type RequestListener, type Server } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import path from 'node:path';
import { getRequestListener } from '@hono/node-server';
import type { Logger } from '../base/logger.ts';
import { UserError } from '../base/userError.ts';
import { ChangeStream } from '../client/changeStream.ts';
import { PlaneClient } from '../client/planeClient.ts';
import { startOrchestrator } from '../orchestrator/orchestrator.ts';
import { previewPipeline } from '../orchestrator/pipeline/previewPipeline.ts';
import { azureVariables } from '../plane/azureVariables.ts';
import { takeDataFolder, writeLock, writePrivately } from '../plane/lock.ts';
import { defaultWorkspace } from '../protocol/arm.ts';
import { startRunner } from '../runner/runner.ts';
import { describeMachine, findGpus } from '../runner/thisMachine.ts';
import { BlobFolder } from '../store/blobFolder.ts';
import { LogFolder } from '../store/logFolder.ts';
import { openSqliteStore } from '../store/sqlite/sqliteStore.ts';
import type { Store } from '../store/store.ts';
import { createApp } from './app.ts';
import { AzureTokens } from './azureTokens.ts';
import type { Config } from './config.ts';
import { idleWatch } from './idleWatch.ts';
import { RunnerComputes } from './leases/computes.ts';
import { startReaper } from './leases/reaper.ts';
import { memoryWatch } from './memoryWatch.ts';
import { quickLog } from './routes/mlflow/quickLog.ts';
import { SasSigner } from './routes/storage/sas.ts';
import { forgetOldBlocks } from './routes/storage/writeBlob.ts';
import { type Clock, systemClock } from './schedules/clock.ts';
import { startScheduler } from './schedules/scheduler.ts';
import { knownGpus, noteMachine, seed } from './seed.ts';
import type { Services } from './services.ts';
import { secureListener, wasUsedBefore } from './tls/secureListener.ts';

export interface ControlPlane {
  url: string;
  token: string;
  /** Settles when the plane has ended, by `stop`, by a client's wish or when idle. */
  ended: Promise<void>;
  stop(): Promise<void>;
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
    store = openSqliteStore(dataFolder);
    const { id, token } = identityOf(dataFolder, config.token);
    const blobs = new BlobFolder(path.join(dataFolder, 'blobs'));
    const logs = new LogFolder(path.join(dataFolder, 'logs'));
    await seed(store, describeMachine(knownGpus(store)), config.user);

    let url = '';
    const ending = new AbortController();
    const startedAt = new Date().toISOString();
    const secure = secureListener({
      dataFolder,
      fetch: (request) => app.fetch(request),
      port: Number(remembered(dataFolder, 'securePort')) || undefined,
      onListening: (port) => remember(dataFolder, 'securePort', String(port)),
    });
    const azure = new AzureTokens(token, id, secure.url);
    const sas = new SasSigner(token);
    const services: Services = {
      store,
      blobs,
      logs,
      logger,
      url: () => url,
      machine: {},
      user: config.user,
      secure,
      azure,
      sas,
      scheduler: () => scheduler,
      clock,
      computes: new RunnerComputes(),
      reaper: () => reaper,
    };
    await services.computes.read(store, defaultWorkspace.workspace);
    const idle = idleWatch({
      idleMs: config.idleMs,
      isBusy: () =>
        store!.countJobs(['NotStarted', 'Queued', 'Starting', 'Provisioning', 'Preparing', 'Running', 'Finalizing', 'CancelRequested']) >
          0 || scheduler.isNeeded(),
    });
    const memory = memoryWatch(() => idle.quietMs() > 1500);
    let end: () => void = () => {};
    const ended = new Promise<void>((resolve) => {
      end = resolve;
    });

    const app = createApp({
      services,
      token: config.openToAll ? undefined : token,
      version,
      id,
      studioFolder: config.studioFolder,
      status: () => ({ dataFolder, startedAt, clients: idle.feeds() }),
      onStop: () => setImmediate(() => void stop()),
      onRequest: idle.touch,
      onFeed: idle.openFeed,
      ending: ending.signal,
      preview: (request, findReusable) => previewPipeline(inProcess, request, findReusable),
    });

    const quick = quickLog({ store, token: config.openToAll ? undefined : token, onRequest: idle.touch, fetch: app.fetch });
    const ordinary = getRequestListener(app.fetch);
    const listener: RequestListener = (request, response) => {
      if (!quick(request, response)) void ordinary(request, response);
    };
    const server = await bind(listener, config.port ?? Number(remembered(dataFolder, 'port') ?? 0), config.port !== undefined);
    const { port } = server.address() as AddressInfo;
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
    const inMemory = async (input: string, init?: RequestInit) => app.fetch(new Request(input, init), { isOwn: true });
    const inProcess = new PlaneClient({ url, token, fetch: inMemory });
    const scheduler = startScheduler({ store, clock, logger, submit: inProcess.putJob, getJob: inProcess.getJob });
    const reaper = startReaper({ store, clock, logger });
    const changes = new ChangeStream(inProcess.http);
    const orchestrator = config.withOrchestrator
      ? startOrchestrator({ client: inProcess, id: `orchestrator ${id}`, logger, changes })
      : undefined;
    let jobVariables: Promise<Record<string, string>> | undefined;
    const runner = config.withRunner
      ? startRunner({
          client: inProcess,
          planeUrl: url,
          token,
          folder: path.join(dataFolder, 'runner'),
          environment: config.environment,
          // Worked out once: they stay the same as long as this plane runs, and every step asks.
          jobVariables: () =>
            (jobVariables ??= secure
              .open()
              .then(({ url: armUrl, authorityFile }) =>
                azureVariables({ url, armUrl, authorityFile, identitySecret: azure.identitySecret }, config.environment),
              )),
          logger,
          isEmbedded: true,
          changes,
          ...(config.maxParallelJobs ? { maxParallelJobs: config.maxParallelJobs } : {}),
        })
      : undefined;
    // Work that nobody waits for: when the plane ends meanwhile, it is done at the next start.
    const aside = (what: string, work: Promise<unknown>) => void work.catch((error) => ending.signal.aborted || logger.error(what, error));
    if (wasUsedBefore(dataFolder)) aside('https', secure.open());
    const plane: ControlPlane = { url, token, ended, stop };
    idle.onIdle(() => {
      logger.info('idle: ending');
      void stop();
    });
    aside(
      'machine',
      findGpus().then((gpus) => noteMachine(store!, describeMachine(gpus), config.user)),
    );
    const tidyUp = async () => {
      await forgetOldBlocks(services);
      await blobs.sweep((sha256) => ending.signal.aborted || store!.hasContent(sha256));
    };
    setImmediate(() => ending.signal.aborted || aside('blobs that nobody needs', tidyUp()));
    return plane;

    async function stop(): Promise<void> {
      ending.abort();
      idle.dispose();
      memory.dispose();
      await scheduler.dispose();
      changes.dispose();
      await Promise.all([runner?.dispose(), orchestrator?.dispose(), reaper.dispose()]);
      await secure.close();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        (server as { closeAllConnections?: () => void }).closeAllConnections?.();
      });
      await store!.close();
      claim.release();
      end();
    }
  } catch (error) {
    await store?.close();
    claim.release();
    throw error;
  }
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

/** The token and id stay the same over restarts, so that running jobs can go on talking to the plane. */
function identityOf(dataFolder: string, given: string | undefined): { id: string; token: string } {
  const id = remembered(dataFolder, 'id') ?? randomUUID();
  const token = given ?? remembered(dataFolder, 'token') ?? randomBytes(32).toString('base64url');
  remember(dataFolder, 'id', id);
  remember(dataFolder, 'token', token);
  return { id, token };
}

/** Listens on `port` of the loopback address; on any free one when it is taken and nobody insists. */
async function bind(listener: RequestListener, port: number, insist: boolean): Promise<Server> {
  const free = port === 0 || (await isFree(port));
  if (!free && insist)
    throw new UserError('PortInUse', `Port ${port} is in use by another program.`, 'Choose another with --port, or leave it out.');
  return new Promise((resolve, reject) => {
    const server = createHttpServer(listener);
    server.on('error', reject);
    server.listen(free ? port : 0, '127.0.0.1', () => resolve(server));
  });
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });
}
