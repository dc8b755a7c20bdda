import path from 'node:path';
import { UserError } from '../../base/userError.ts';
import { type EmbeddingRecipe, embeddingOutput, embeddingRecipe } from '../../catalog/embeddingRecipe.ts';
import { readModel } from '../../catalog/findModels.ts';
import { readJsonFile } from '../../catalog/readJsonFile.ts';
import type { Embedded, EmbedRequest } from '../chat.ts';
import type { Loaded, LoadOptions } from '../workerMessages.ts';
import { batches } from './batches.ts';
import { isTensor, type OpenedModel, openOnnx, openTokenizer, type Tensor, type Tokenizer } from './onnxRuntime.ts';
import { normalized, pooled } from './pooled.ts';
import type { RunningModel } from './runningModel.ts';

/** Characters of a text for each token that the model takes: what is longer is not even split into tokens. */
const mostCharacters = 64;

/** An ONNX model that makes vectors of texts, in this process. Its answers to several callers take turns after each batch. */
export class OnnxEmbedder implements RunningModel {
  readonly loaded: Loaded;
  private readonly model: OpenedModel;
  private readonly tokenizer: Tokenizer;
  private readonly recipe: EmbeddingRecipe;
  private readonly output: string;
  /** Tokens to which each text is filled up, of a model that takes just as many. */
  private readonly width: number | undefined;
  /** How many tokens the tokenizer puts behind each text. */
  private readonly behind: number;
  private readonly isAlone: boolean;

  private constructor(
    model: OpenedModel,
    tokenizer: Tokenizer,
    recipe: EmbeddingRecipe,
    { output, width, isAlone, loadMs }: { output: string; width: number | undefined; isAlone: boolean; loadMs: number },
  ) {
    this.model = model;
    this.tokenizer = tokenizer;
    this.recipe = recipe;
    this.output = output;
    this.width = width;
    this.isAlone = isAlone;
    this.behind = tokensBehind(tokenizer);
    this.loaded = { contextSize: recipe.maxTokens, sequences: 1, device: 'cpu', loadMs };
  }

  static async load({ engine, file, threads }: LoadOptions): Promise<OnnxEmbedder> {
    const started = performance.now();
    const { facts, problem } = await readModel(file);
    if (!facts || problem !== undefined) throw new Error(problem ?? 'it has no header that is known');
    const output = embeddingOutput(facts);
    const recipe = await embeddingRecipe(file);
    if (output === undefined || !recipe) throw new Error(noEmbedder(file));
    if (recipe.problem !== undefined) throw new Error(recipe.problem);
    const words = await readJsonFile(recipe.tokenizer);
    if (!words) throw new Error(`${recipe.tokenizer} is no JSON`);
    const config = await readJsonFile(path.join(path.dirname(recipe.tokenizer), 'tokenizer_config.json'));
    const tokenizer = await openTokenizer(engine, words, config ?? {});
    const model = await openOnnx(engine, file, threads);
    const { width, texts } = sizesOf(model, output);
    const fitting = width === undefined ? recipe : { ...recipe, maxTokens: Math.min(recipe.maxTokens, width) };
    const isAlone = texts === 1 || /^[IU]\d$/.test(facts.quantization);
    return new OnnxEmbedder(model, tokenizer, fitting, { output, width, isAlone, loadMs: performance.now() - started });
  }

  chat = (): Promise<never> => noChat();
  complete = (): Promise<never> => noChat();
  predict = (): Promise<never> => noChat();

  count(text: string): number {
    return this.idsOf(text).length;
  }

  async embed({ texts, isCut }: EmbedRequest, signal: AbortSignal): Promise<Embedded> {
    const rows = texts.map((text, at) => this.fitting(text, at, isCut));
    const vectors: Float32Array[] = [];
    for (const batch of batches(
      rows.map(({ length }) => length),
      this.isAlone,
    )) {
      signal.throwIfAborted();
      const made = await this.run(batch.map((at) => rows[at]!));
      batch.forEach((at, row) => {
        vectors[at] = made[row]!;
      });
    }
    return { vectors, tokens: rows.reduce((sum, { length }) => sum + length, 0) };
  }

  private async run(rows: readonly number[][]): Promise<Float32Array[]> {
    const { session, tensor } = this.model;
    const width = this.width ?? Math.max(...rows.map(({ length }) => length));
    const inputs: Record<string, Tensor> = {};
    for (const { name, type } of session.inputMetadata.filter(isTensor)) {
      const numbers = Array.from({ length: rows.length * width }, (_, at) => {
        const id = rows[Math.floor(at / width)]![at % width];
        return name === 'input_ids' ? (id ?? 0) : name === 'attention_mask' && id !== undefined ? 1 : 0;
      });
      inputs[name] = tensor(type, type === 'int32' ? Int32Array.from(numbers) : BigInt64Array.from(numbers, BigInt), [rows.length, width]);
    }
    const { [this.output]: made } = await session.run(inputs, [this.output]);
    const { data, dims } = made as { data: Float32Array; dims: readonly number[] };
    const size = dims.at(-1)!;
    // The model has pooled them by itself.
    if (dims.length === 2) return rows.map((_, row) => data.slice(row * size, (row + 1) * size));
    return rows.map(({ length: tokens }, row) => {
      const start = row * width * size;
      const vector = pooled({ data: data.subarray(start, start + tokens * size), tokens, width: size }, this.recipe.pooling);
      return this.recipe.isNormalized ? normalized(vector) : vector;
    });
  }

  private idsOf(text: string): number[] {
    return this.tokenizer.encode(text).ids;
  }

  /** The tokens of a text, not more than the model takes. */
  private fitting(text: string, at: number, isCut: boolean): number[] {
    const { maxTokens } = this.recipe;
    const isHuge = text.length > maxTokens * mostCharacters;
    const ids = this.idsOf(isHuge ? text.slice(0, maxTokens * mostCharacters) : text);
    if (ids.length <= maxTokens && !isHuge) return ids;
    if (!isCut)
      throw new UserError(
        'InvalidRequest',
        `Text ${at + 1} of the input ${isHuge ? `is longer than the ${maxTokens} tokens that the model takes` : `has ${ids.length} tokens, and the model takes ${maxTokens}`}.`,
        'Send it in parts, or with "truncate": true, which leaves out what is beyond.',
      );
    if (ids.length <= maxTokens) return ids;
    return [...ids.slice(0, maxTokens - this.behind), ...ids.slice(ids.length - this.behind)];
  }
}

/** The sizes of its inputs that a model holds to: tokens of a text, and texts at a time. Throws for a model whose inputs or output are of a type that is not known here. */
function sizesOf({ session }: OpenedModel, output: string): { width: number | undefined; texts: number | undefined } {
  const inputs = session.inputMetadata.filter(isTensor);
  const odd = inputs.find(({ type, shape }) => !/^int(?:32|64)$/.test(type) || shape.length !== 2);
  if (odd)
    throw new Error(`its input ${odd.name} is ${odd.type} with ${odd.shape.length} sizes, and not whole numbers for texts and tokens`);
  const made = session.outputMetadata.filter(isTensor).find(({ name }) => name === output);
  if (made?.type !== 'float32') throw new Error(`its output ${output} is ${made?.type ?? 'no tensor'}, and not float32`);
  const [texts, width] = (inputs[0]?.shape ?? []).map((size) => (typeof size === 'number' ? size : undefined));
  if (texts !== undefined && texts !== 1) throw new Error(`it takes just ${texts} texts at a time`);
  return { width, texts };
}

/** One in `[CLS] text [SEP]`. */
function tokensBehind(tokenizer: Tokenizer): number {
  const [whole, bare] = [tokenizer.encode('a').ids, tokenizer.encode('a', { add_special_tokens: false }).ids];
  const before = Math.max(0, whole.indexOf(bare[0]!));
  return Math.max(0, whole.length - bare.length - before);
}

const noEmbedder = (file: string) =>
  `${path.basename(file)} does not make vectors of texts: that takes the input input_ids, the output last_hidden_state or sentence_embedding, and a tokenizer.json beside it`;

async function noChat(): Promise<never> {
  throw new UserError('InvalidRequest', 'This model makes vectors of texts, and does not write. Ask it at /v1/embeddings.');
}
