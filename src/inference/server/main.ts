import { renameSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { lineLogger } from '../../base/logger.ts';
import { messageOf } from '../../base/userError.ts';
import { readModel } from '../../catalog/findModels.ts';
import type { ModelFacts } from '../../catalog/modelFacts.ts';
import { thisMachine } from '../../catalog/thisMachine.ts';
import { contextFor } from '../contextFor.ts';
import { LlamaModel } from '../worker/llamaModel.ts';
import { OnnxEmbedder } from '../worker/onnxEmbedder.ts';
import { openOnnx } from '../worker/onnxRuntime.ts';
import { embedderService } from './embedderService.ts';
import { languageModelService } from './languageModelService.ts';
import { modelServer } from './modelServer.ts';
import { onnxService } from './onnxService.ts';
import type { Served } from './served.ts';

/**
 * The server of a deployment that is a model by itself, a GGUF or ONNX file: `inferenceServer.mjs MODEL PORTFILE`, with the engine's folder in UPDRAFT_ENGINE, the name that the model has for callers in
 * UPDRAFT_MODEL_NAME and the secret that opens it in UPDRAFT_SERVER_SECRET. It writes the port that it listens on when the model is loaded, and says on its output what it does.
 */
const [file, portFile] = process.argv.slice(2) as [string, string];
const { UPDRAFT_ENGINE: engine = '', UPDRAFT_MODEL_NAME: name = 'model', UPDRAFT_SERVER_SECRET: secret = '' } = process.env;
// What the model's code starts needs none of it.
delete process.env.UPDRAFT_SERVER_SECRET;
const logger = lineLogger((line) => process.stdout.write(`${line}\n`));

try {
  const { facts, problem } = await readModel(file);
  if (!facts || problem !== undefined) throw new Error(problem ?? 'The model has no header that is known.');
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

async function load(facts: ModelFacts): Promise<Served> {
  const threads = availableParallelism();
  const context = contextFor(facts, thisMachine());
  if (facts.format === 'onnx' && !facts.makesEmbeddings) return onnxService(await openOnnx(engine, file, threads), logger);
  logger.info(`loading ${file}: ${context.sequences} x ${context.contextSize} tokens of context`);
  const kind = facts.format === 'onnx' ? OnnxEmbedder : LlamaModel;
  const model = await kind.load({ engine, file, device: 'auto', threads, ...context });
  logger.info(`loaded on ${model.loaded.device} in ${Math.round(model.loaded.loadMs)} ms`);
  return model instanceof OnnxEmbedder ? embedderService(model, name) : languageModelService(model, name);
}
