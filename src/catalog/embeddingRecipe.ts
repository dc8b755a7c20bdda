import { stat } from 'node:fs/promises';
import path from 'node:path';
import type { ModelFacts } from './modelFacts.ts';
import { readJsonFile } from './readJsonFile.ts';

/** How the vectors of a text's tokens become one, in the order in which sentence-transformers joins several. */
export const poolings = ['cls_token', 'max_tokens', 'mean_tokens', 'mean_sqrt_len_tokens', 'weightedmean_tokens', 'lasttoken'] as const;
export type Pooling = (typeof poolings)[number];

/** How an ONNX model makes a vector of a text, as the files beside it say. */
export interface EmbeddingRecipe {
  /** `tokenizer.json` of Hugging Face's tokenizers. */
  tokenizer: string;
  /** Tokens of a text at most. */
  maxTokens: number;
  pooling: Pooling[];
  /** Whether vectors are made one unit long. */
  isNormalized: boolean;
  /** `bert`, as config.json has it. */
  architecture?: string;
  /** Why it can't be followed. */
  problem?: string;
}

/** Tokens where no file says how many a model takes. */
const usualTokens = 512;
/** Outputs with a vector for each token. That of masked language models, `logits`, has chances of words. */
const ofTokens = ['last_hidden_state', 'token_embeddings', 'hidden_states'];
/** The output with a vector for each text, of models that pool by themselves. */
const ofTexts = 'sentence_embedding';

/** The output of an ONNX model that vectors are made from; undefined for a model that makes none. */
export function embeddingOutput({ inputs = [], outputs = [] }: Pick<ModelFacts, 'inputs' | 'outputs'>): string | undefined {
  const known = ['input_ids', 'attention_mask', 'token_type_ids'];
  if (!inputs.includes('input_ids') || !inputs.every((each) => known.includes(each))) return undefined;
  return [ofTexts, ...ofTokens].find((each) => outputs.includes(each));
}

/** What the files beside an ONNX model add to its header. */
export async function embeddingFacts(file: string, facts: ModelFacts): Promise<Partial<ModelFacts>> {
  const recipe = embeddingOutput(facts) === undefined ? undefined : await embeddingRecipe(file);
  if (!recipe) return {};
  const { maxTokens, architecture, problem } = recipe;
  return { ...(architecture ? { architecture } : {}), contextLength: maxTokens, makesEmbeddings: problem === undefined };
}

/**
 * Reads what sentence-transformers and transformers wrote beside a model; undefined where there is no tokenizer. In repositories of the Hugging Face Hub the model is in the folder `onnx`, and those
 * files are above it. Without `modules.json` the mean of all tokens is taken, one unit long.
 */
export async function embeddingRecipe(file: string): Promise<EmbeddingRecipe | undefined> {
  const own = path.dirname(file);
  const folder = (await isFile(path.join(own, 'tokenizer.json'))) || path.basename(own) !== 'onnx' ? own : path.dirname(own);
  const tokenizer = path.join(folder, 'tokenizer.json');
  if (!(await isFile(tokenizer))) return undefined;
  const read = (name: string) => readJsonFile(path.join(folder, name));
  const [config, words, sentences, modules] = await Promise.all(
    ['config.json', 'tokenizer_config.json', 'sentence_bert_config.json', 'modules.json'].map(read),
  );
  const architecture = config?.model_type;
  const limits = [words?.model_max_length, placesOf(config)].filter(isCount);
  const longest = sentences?.max_seq_length;
  return {
    tokenizer,
    maxTokens: isCount(longest) ? longest : limits.length ? Math.min(...limits) : usualTokens,
    ...(typeof architecture === 'string' ? { architecture } : {}),
    ...(Array.isArray(modules) ? await modulesOf(folder, modules) : { pooling: ['mean_tokens'], isNormalized: true }),
  };
}

/** The steps that sentence-transformers runs one after the other, each a class of Python and a folder with its settings. */
async function modulesOf(folder: string, modules: unknown[]): Promise<Pick<EmbeddingRecipe, 'pooling' | 'isNormalized' | 'problem'>> {
  const recipe: Pick<EmbeddingRecipe, 'pooling' | 'isNormalized' | 'problem'> = { pooling: ['mean_tokens'], isNormalized: false };
  for (const each of modules) {
    const { type, path: below } = (each ?? {}) as { type?: unknown; path?: unknown };
    const name = typeof type === 'string' ? type.slice(type.lastIndexOf('.') + 1) : '';
    if (name === 'Normalize') recipe.isNormalized = true;
    else if (name === 'Pooling' && typeof below === 'string' && /^\w[\w.-]*$/.test(below)) {
      const settings = (await readJsonFile(path.join(folder, below, 'config.json'))) ?? {};
      const chosen = poolings.filter((pooling) => settings[`pooling_mode_${pooling}`] === true);
      if (chosen.length) recipe.pooling = chosen;
    } else if (name !== 'Transformer') recipe.problem = `its step "${name.slice(0, 60)}" of modules.json is not known here`;
  }
  return recipe;
}

/** How many places for tokens a model has. Those that began as RoBERTa keep the first two for themselves. */
function placesOf({ max_position_embeddings: places, model_type: kind }: Record<string, unknown> = {}): number | undefined {
  if (!isCount(places)) return undefined;
  return /roberta|camembert|mpnet/.test(String(kind)) ? places - 2 : places;
}

const isFile = async (file: string): Promise<boolean> => (await stat(file).catch(() => undefined))?.isFile() === true;
/** What Python writes for "no limit" is a number of thirty digits. */
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) > 0;
