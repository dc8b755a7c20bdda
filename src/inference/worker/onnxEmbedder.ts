import path from 'node:path';
import { UserError } from '../../base/userError.ts';
import { type EmbeddingRecipe, embeddingOutput, embeddingRecipe, ofTexts } from '../../catalog/embeddingRecipe.ts';
import { readModel } from '../../catalog/findModels.ts';
import { readJsonFile } from '../../catalog/readJsonFile.ts';
import type { Embedded, EmbedRequest } from '../chat.ts';
import type { Loaded, LoadOptions } from '../workerMessages.ts';
import { batches } from './batches.ts';
import { type OpenedModel, openOnnx, openTokenizer, type Tensor, type Tokenizer } from './onnxRuntime.ts';
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
  /** How many tokens the tokenizer puts behind each text. */
  private readonly behind: number;
  private readonly isAlone: boolean;

  private constructor(
    model: OpenedModel,
    tokenizer: Tokenizer,
    recipe: EmbeddingRecipe,
    { output, isAlone, loadMs }: { output: string; isAlone: boolean; loadMs: number },
  ) {
    this.model = model;
    this.tokenizer = tokenizer;
    this.recipe = recipe;
    this.output = output;
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
    const isAlone = /^[IU]\d$/.test(facts.quantization);
    return new OnnxEmbedder(model, tokenizer, recipe, { output, isAlone, loadMs: performance.now() - started });
  }

  chat = (): Promise<never> => noChat();
  complete = (): Promise<never> => noChat();

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
    const width = Math.max(...rows.map(({ length }) => length));
    const filled = (of: (id: number | undefined) => number): Tensor => {
      const data = new BigInt64Array(rows.length * width);
      rows.forEach((ids, row) => {
        for (let at = 0; at < width; at++) data[row * width + at] = BigInt(of(ids[at]));
      });
      return tensor('int64', data, [rows.length, width]);
    };
    const inputs: Record<string, Tensor> = {};
    for (const name of session.inputNames)
      inputs[name] = filled((id) => (name === 'input_ids' ? (id ?? 0) : name === 'attention_mask' && id !== undefined ? 1 : 0));
    const { [this.output]: made } = await session.run(inputs, [this.output]);
    const { data, dims } = made as { data: Float32Array; dims: readonly number[] };
    const size = dims.at(-1)!;
    if (this.output === ofTexts) return rows.map((_, row) => data.slice(row * size, (row + 1) * size));
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
