import { availableParallelism, homedir } from 'node:os';
import path from 'node:path';
import type { Logger } from '../base/logger.ts';
import { formatBytes } from '../base/text.ts';
import { systemTimers } from '../base/timers.ts';
import { findModels, readModel } from '../catalog/findModels.ts';
import type { Machine } from '../catalog/fit.ts';
import { placesOf } from '../catalog/places.ts';
import { npmRegistryOf } from '../catalog/sources/npmRegistry.ts';
import { thisMachine } from '../catalog/thisMachine.ts';
import { InferenceMachine } from '../inference/inferenceMachine.ts';
import { type Device, libraryVariables } from '../inference/install/engineDevice.ts';
import { enginePlan } from '../inference/install/installEngine.ts';
import lock from '../inference/install/llamaPackages.json' with { type: 'json' };
import { onnxEngine } from '../inference/install/onnxEngine.ts';
import { Models } from '../inference/models.ts';
import { type ModelServer, serversOfMachine } from '../inference/servers/modelServer.ts';
import { ModelServers } from '../inference/servers/modelServers.ts';
import { cacheFolderOf } from '../plane/cacheFolder.ts';
import type { EngineFormat } from '../protocol/inferenceEngine.ts';
import type { Store } from '../store/store.ts';
import type { Config } from './config.ts';
import { tellOfEngines } from './localModels/engineNews.ts';

/** The language models that this plane answers with. */
export interface LanguageModels {
  /** Files of this machine, loaded by this plane. All workspaces and data folders share them. */
  own: Models;
  /** The memory that they can have; the machine's own where there is no engine for it. */
  machine(): Promise<Machine>;
  servers: ModelServers;
  /** Servers that may run on this machine. */
  nearby: ModelServer[];
  /** How a process is started that serves one model alone: behind its words come the model's file and the one for its port. */
  serverProgram(
    name: string,
    format: EngineFormat,
    onLine: (line: string) => void,
  ): Promise<{ words: string[]; variables: Record<string, string> }>;
  dispose(): Promise<void>;
}

export function planeModels(
  { environment, modelFolders, device, inferenceWorker, inferenceServer }: Config,
  logger: Logger,
  /** Where the feed is told of engines that are being got; absent: nobody is told. */
  store?: Store,
): LanguageModels {
  const cache = cacheFolderOf(environment);
  const here = new InferenceMachine(device, environment, lock);
  const engines = path.join(cache, 'engines');
  const plan = async (format: EngineFormat, tried: readonly Device[] = []) =>
    format === 'onnx' ? onnxEngine(engines) : enginePlan(lock, await here.choice(tried), engines);
  const own = new Models({
    find: () => findModels(placesOf(environment, homedir(), cache, modelFolders)),
    read: readModel,
    machine: (tried) => here.machine(tried),
    plan,
    giveUp: (devices) => here.giveUp(devices),
    installing: async () => ({ registry: await npmRegistryOf(environment, homedir()), fetch }),
    program: inferenceWorker,
    environment: { ...environment, ELECTRON_RUN_AS_NODE: '1' },
    threads: availableParallelism(),
    timers: systemTimers,
    logger,
  });
  const serverProgram: LanguageModels['serverProgram'] = async (name, format, onLine) => {
    const { title, isInstalled, bytes } = await own.engine(format);
    if (!isInstalled) onLine(`Getting ${title}, which runs the model: ${formatBytes(bytes)}.`);
    let tenths = 0;
    await own.install(format, (got) => {
      const now = Math.min(10, Math.floor((got / bytes) * 10));
      if (now > tenths) onLine(`${title}: ${formatBytes(got)} of ${formatBytes(bytes)} have come.`);
      tenths = Math.max(tenths, now);
    });
    const { folder, device: computesOn, libraries } = await plan(format);
    return {
      words: [process.execPath, inferenceServer],
      variables: {
        ...libraryVariables(environment, libraries),
        ELECTRON_RUN_AS_NODE: '1',
        UPDRAFT_ENGINE: folder,
        UPDRAFT_DEVICE: computesOn,
        UPDRAFT_MODEL_NAME: name,
      },
    };
  };
  const endNews = store && tellOfEngines(own, { store, timers: systemTimers, logger });
  return {
    own,
    machine: () => here.machine().catch(() => thisMachine()),
    serverProgram,
    servers: new ModelServers(fetch, systemTimers),
    nearby: serversOfMachine(environment),
    async dispose() {
      await own.dispose();
      await endNews?.();
    },
  };
}
