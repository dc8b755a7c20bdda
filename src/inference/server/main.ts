import { renameSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { lineLogger } from '../../base/logger.ts';
import { messageOf } from '../../base/userError.ts';
import { readModel } from '../../catalog/findModels.ts';
import { contextFor } from '../contextFor.ts';
import { InferenceMachine } from '../inferenceMachine.ts';
import type { Device } from '../install/engineDevice.ts';
import lock from '../install/llamaPackages.json' with { type: 'json' };
import { LlamaModel } from '../worker/llamaModel.ts';
import { modelServer } from './modelServer.ts';

/**
 * The server of a deployment that is a language model: `inferenceServer.mjs MODEL PORTFILE`, with the engine's folder in UPDRAFT_ENGINE, what it computes on in UPDRAFT_DEVICE, the name that the model has for callers in
 * UPDRAFT_MODEL_NAME and the secret that opens it in UPDRAFT_SERVER_SECRET. It writes the port that it listens on when the model is loaded, and says on its output what it does.
 */
const [file, portFile] = process.argv.slice(2) as [string, string];
const {
  UPDRAFT_ENGINE: engine = '',
  UPDRAFT_DEVICE: device = 'cpu',
  UPDRAFT_MODEL_NAME: name = 'model',
  UPDRAFT_SERVER_SECRET: secret = '',
} = process.env;
// What the model's code starts needs none of it.
delete process.env.UPDRAFT_SERVER_SECRET;
const logger = lineLogger((line) => process.stdout.write(`${line}\n`));

try {
  const { facts, problem } = await readModel(file);
  if (!facts || problem !== undefined) throw new Error(problem ?? 'The model has no header that is known.');
  const context = contextFor(facts, await new InferenceMachine(device as Device, process.env, lock).machine());
  logger.info(`loading ${file}: ${context.sequences} x ${context.contextSize} tokens of context`);
  const model = await LlamaModel.load({ engine, file, device: device as Device, threads: availableParallelism(), ...context });
  if (model.loaded.deviceProblem) logger.warn(model.loaded.deviceProblem);
  logger.info(`loaded on ${model.loaded.device} in ${Math.round(model.loaded.loadMs)} ms`);
  const server = modelServer({ model, name, secret, logger });
  server.listen(0, '127.0.0.1', () => {
    const { port } = server.address() as { port: number };
    // Whoever looks for the file finds it whole.
    writeFileSync(`${portFile}.part`, String(port));
    renameSync(`${portFile}.part`, portFile);
  });
} catch (error) {
  process.stdout.write(`The model was not loaded: ${messageOf(error)}\n`);
  process.exit(1);
}
