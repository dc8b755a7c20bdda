import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

/** What is used of onnxruntime-node 1.30. It is installed on demand, so that its own types are not here when this is compiled. */
interface OnnxRuntime {
  InferenceSession: { create(file: string, options: object): Promise<Session> };
  Tensor: new (type: string, data: TensorData, dims: readonly number[]) => Tensor;
}

export interface Session {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  readonly inputMetadata: readonly ValueMetadata[];
  readonly outputMetadata: readonly ValueMetadata[];
  run(inputs: Record<string, Tensor>, outputs?: readonly string[]): Promise<Record<string, Tensor>>;
}

/** What a model takes or answers. */
export type ValueMetadata = TensorMetadata | { name: string; isTensor: false };

export interface TensorMetadata {
  name: string;
  isTensor: true;
  /** `float32`, `int64`, `string`, … */
  type: string;
  /** Sizes; a name, which may be empty, where any size is taken. */
  shape: readonly (number | string)[];
}

export const isTensor = (value: ValueMetadata): value is TensorMetadata => value.isTensor;

export type TensorData =
  | Float32Array
  | Float64Array
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | BigInt64Array
  | BigUint64Array
  | readonly string[];

export interface Tensor {
  readonly type: string;
  readonly data: TensorData;
  readonly dims: readonly number[];
}

/** A model that is loaded, and what makes its inputs. */
export interface OpenedModel {
  session: Session;
  tensor(type: string, data: TensorData, dims: readonly number[]): Tensor;
}

/** Loads a model with the engine that is installed in a folder. The caller has read the model's header. */
export async function openOnnx(engine: string, file: string, threads: number): Promise<OpenedModel> {
  const { InferenceSession, Tensor } = createRequire(path.join(engine, 'node_modules/'))('onnxruntime-node') as OnnxRuntime;
  const session = await InferenceSession.create(file, {
    executionProviders: ['cpu'],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    // Errors come as such; warnings are for whoever made the model.
    logSeverityLevel: 3,
    // Threads that spin while they wait take the cores from everything else on this machine.
    extra: { session: { intra_op: { allow_spinning: '0' } } },
  });
  return { session, tensor: (type, data, dims) => new Tensor(type, data, dims) };
}

/** What is used of @huggingface/tokenizers 0.2. */
export interface Tokenizer {
  encode(text: string, options?: { add_special_tokens?: boolean }): { ids: number[] };
}

/** A tokenizer from the contents of `tokenizer.json` and `tokenizer_config.json`, with the engine that is installed in a folder. */
export async function openTokenizer(engine: string, tokenizer: object, config: object): Promise<Tokenizer> {
  const { href } = pathToFileURL(path.join(engine, 'node_modules/@huggingface/tokenizers/dist/tokenizers.mjs'));
  const { Tokenizer } = (await import(href)) as { Tokenizer: new (tokenizer: object, config: object) => Tokenizer };
  // Padding and truncation are done by whoever makes the batch.
  return new Tokenizer({ ...tokenizer, padding: null, truncation: null }, config);
}
