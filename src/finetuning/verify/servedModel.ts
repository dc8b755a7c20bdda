import { stat } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { UserError } from '../../base/userError.ts';
import { WorkerModel } from '../../inference/workerModel.ts';

/** How the engine is started that will serve a model. */
export interface ServingOptions {
  /** GGUF file of the model. */
  base: string;
  /** Folder of the engine. */
  engine: string;
  /** The program of the inference worker, the words behind it, and its environment. */
  worker: { program: string; words: readonly string[]; environment: NodeJS.ProcessEnv };
  threads?: number;
}

/** The engine takes contexts of multiples of this. */
const step = 256;

/** Some work with a model in the engine that will serve it, on the processor. `longest`: tokens of the longest text. */
export async function withServedModel<T>(
  { base, engine, worker, threads = availableParallelism() }: ServingOptions,
  longest: number,
  work: (model: WorkerModel) => Promise<T>,
): Promise<T> {
  await mustBeFile('base model', base);
  const model = await WorkerModel.load(
    worker.program,
    { engine, file: base, device: 'cpu', threads, contextSize: Math.ceil((longest + 1) / step) * step, sequences: 1 },
    worker.environment,
    worker.words,
  );
  try {
    return await work(model);
  } finally {
    await model.end();
  }
}

/** Throws `MissingFile`. */
export async function mustBeFile(what: string, file: string): Promise<void> {
  if (!(await stat(file).catch(() => undefined))?.isFile()) throw new UserError('MissingFile', `There is no ${what} ${file}.`);
}
