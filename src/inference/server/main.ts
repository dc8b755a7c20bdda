import { fork } from 'node:child_process';
import { renameSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { lineLogger } from '../../base/logger.ts';
import { messageOf } from '../../base/userError.ts';
import { adapterFault } from '../../catalog/adapterFault.ts';
import { readModel } from '../../catalog/findModels.ts';
import type { ModelFacts } from '../../catalog/modelFacts.ts';
import { thisMachine } from '../../catalog/thisMachine.ts';
import { contextFor } from '../contextFor.ts';
import { InferenceMachine } from '../inferenceMachine.ts';
import type { Device } from '../install/engineDevice.ts';
import lock from '../install/llamaPackages.json' with { type: 'json' };
import { LlamaModel } from '../worker/llamaModel.ts';
import { OnnxEmbedder } from '../worker/onnxEmbedder.ts';
import { openOnnx } from '../worker/onnxRuntime.ts';
import type { LoadOptions } from '../workerMessages.ts';
import { embedderService } from './embedderService.ts';
import { languageModelService } from './languageModelService.ts';
import { modelServer } from './modelServer.ts';
import { onnxService } from './onnxService.ts';
import type { Served } from './served.ts';

/**
 * The server of a deployment that is a model by itself, a GGUF or ONNX file: `inferenceServer.mjs MODEL PORTFILE [ADAPTER]`, with the engine's folder in UPDRAFT_ENGINE, what it computes on in UPDRAFT_DEVICE, the name
 * that the model has for callers in
 * UPDRAFT_MODEL_NAME and the secret that opens it in UPDRAFT_SERVER_SECRET. It writes the port that it listens on when the model is loaded, and says on its output what it does.
 */
const [file, portFile, adapter] = process.argv.slice(2) as [string, string, string?];
const {
  UPDRAFT_ENGINE: engine = '',
  UPDRAFT_DEVICE: device = 'cpu',
  UPDRAFT_MODEL_NAME: name = 'model',
  UPDRAFT_PROOF: proof,
  UPDRAFT_SERVER_SECRET: secret = '',
} = process.env;
/** Whether the model gets loaded on the GPU in a process of its own, and makes a token: native code may end its process instead. */
const isProven = () =>
  new Promise<boolean>((resolve) => {
    fork(process.argv[1]!, process.argv.slice(2), { env: { ...process.env, UPDRAFT_PROOF: '1' }, execArgv: [], stdio: 'inherit' })
      .once('error', () => resolve(false))
      .once('exit', (code) => resolve(code === 0));
  });
// What the model's code starts needs none of it.
delete process.env.UPDRAFT_SERVER_SECRET;
const logger = lineLogger((line) => process.stdout.write(`${line}\n`));

try {
  const { facts, problem } = await readModel(file);
  if (!facts || problem !== undefined) throw new Error(problem ?? 'The model has no header that is known.');
  if (adapter !== undefined) {
    const fault = await adapterFault(adapter, file, { adapter: path.basename(adapter), base: path.basename(file) });
    if (fault) throw new Error(fault);
  }
  if (proof) {
    await LlamaModel.load(await optionsOn(device as Device, facts));
    process.exit(0);
  }
  const server = modelServer({ served: await load(facts), name, secret, logger });
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

async function optionsOn(wanted: Device, facts: ModelFacts): Promise<LoadOptions> {
  const machine = facts.format === 'onnx' ? thisMachine() : await new InferenceMachine(wanted, process.env, lock).machine();
  const adapters = adapter === undefined ? {} : { adapters: [{ file: adapter, scale: 1 }] };
  return { engine, file, device: wanted, threads: availableParallelism(), ...contextFor(facts, machine), ...adapters };
}

async function load(facts: ModelFacts): Promise<Served> {
  if (facts.format === 'onnx' && !facts.makesEmbeddings) return onnxService(await openOnnx(engine, file, availableParallelism()), logger);
  const computesOn = device === 'cpu' || (await isProven()) ? (device as Device) : 'cpu';
  if (computesOn !== device) logger.warn(`the model could not be loaded on ${device}: the processor computes`);
  const options = await optionsOn(computesOn, facts);
  logger.info(
    `loading ${file}${adapter === undefined ? '' : ` with ${adapter}`}: ${options.sequences} x ${options.contextSize} tokens of context`,
  );
  const model = await (facts.format === 'onnx' ? OnnxEmbedder : LlamaModel).load(options);
  logger.info(`loaded on ${model.loaded.device} in ${Math.round(model.loaded.loadMs)} ms`);
  return model instanceof OnnxEmbedder ? embedderService(model, name) : languageModelService(model, name);
}
