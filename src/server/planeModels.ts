import { availableParallelism, homedir, totalmem } from 'node:os';
import path from 'node:path';
import type { Logger } from '../base/logger.ts';
import { systemTimers } from '../base/timers.ts';
import { findModels, readModel } from '../catalog/findModels.ts';
import { placesOf } from '../catalog/places.ts';
import { enginePlan } from '../inference/install/installEngine.ts';
import lock from '../inference/install/llamaPackages.json' with { type: 'json' };
import { npmRegistryOf } from '../inference/install/npmRegistry.ts';
import { Models } from '../inference/models.ts';
import { type ModelServer, serversOfMachine } from '../inference/servers/modelServer.ts';
import { ModelServers } from '../inference/servers/modelServers.ts';
import { cacheFolderOf } from '../plane/cacheFolder.ts';
import type { Config } from './config.ts';

/** The language models that this plane answers with. */
export interface LanguageModels {
  /** Files of this machine, loaded by this plane. All workspaces and data folders share them. */
  own: Models;
  servers: ModelServers;
  /** Servers that may run on this machine. */
  nearby: ModelServer[];
}

export function planeModels({ environment, modelFolders, inferenceWorker }: Config, logger: Logger): LanguageModels {
  const cache = cacheFolderOf(environment);
  const own = new Models({
    find: () => findModels(placesOf(environment, homedir(), modelFolders)),
    read: readModel,
    machine: () => ({ memory: totalmem(), available: process.availableMemory() }),
    plan: () => enginePlan(lock, 'cpu', path.join(cache, 'engines')),
    installing: async () => ({ registry: await npmRegistryOf(environment, homedir()), fetch }),
    program: inferenceWorker,
    environment: { ...environment, ELECTRON_RUN_AS_NODE: '1' },
    threads: availableParallelism(),
    timers: systemTimers,
    logger,
  });
  return { own, servers: new ModelServers(fetch, systemTimers), nearby: serversOfMachine(environment) };
}
