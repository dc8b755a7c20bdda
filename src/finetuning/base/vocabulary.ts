import { UserError } from '../../base/userError.ts';
import { type GgufHeader, readGgufValue } from '../../catalog/headers/readGguf.ts';

/** The vocabulary of a model. */
export interface Vocabulary {
  /** How texts become tokens: `pairs` of bytes that stand in a list, or `pieces` (SentencePiece) with a score each. */
  kind: 'pairs' | 'pieces';
  /** By their number. */
  tokens: string[];
  /** What each token is, as `llama_token_type` has it: 1 normal, 2 unknown, 3 control, 4 user's own, 5 unused, 6 a byte. */
  types: number[];
  /** Of pairs: which are joined, the first ones first. */
  merges: string[];
  /** Of pieces: how good each is. */
  scores: number[];
}

/** `tokenizer.ggml.model` of the two kinds that models which can be trained have. */
const kinds: Readonly<Record<string, Vocabulary['kind']>> = { gpt2: 'pairs', llama: 'pieces' };

/**
 * Reads the vocabulary of a GGUF file.
 * @throws {UserError} where it has none, or of another kind.
 */
export async function readVocabulary(file: string, header: GgufHeader): Promise<Vocabulary> {
  const model = String(header.keys.get('tokenizer.ggml.model') ?? 'none');
  const kind = kinds[model];
  if (!kind) throw wrong(`its tokenizer is of the kind ${JSON.stringify(model.slice(0, 100))}, of which the training knows none`);
  const list = async (key: string): Promise<unknown[] | undefined> => {
    const place = header.places.get(`tokenizer.ggml.${key}`);
    const value = place && (await readGgufValue(file, place));
    return Array.isArray(value) ? value : undefined;
  };
  const texts = (values: unknown[] | undefined, key: string): string[] => {
    if (!values?.length || !values.every((each) => typeof each === 'string')) throw wrong(`tokenizer.ggml.${key} is no list of texts`);
    return values;
  };
  const tokens = texts(await list('tokens'), 'tokens');
  const numbers = async (key: string, otherwise: number): Promise<number[]> => {
    const values = (await list(key))?.map(Number) ?? tokens.map(() => otherwise);
    if (values.length !== tokens.length) throw wrong(`tokenizer.ggml.${key} has ${values.length} values for ${tokens.length} tokens`);
    return values;
  };
  return {
    kind,
    tokens,
    types: await numbers('token_type', 1),
    merges: kind === 'pairs' ? texts(await list('merges'), 'merges') : [],
    scores: kind === 'pieces' ? await numbers('scores', 0) : [],
  };
}

const wrong = (why: string): UserError => new UserError('InvalidModelFile', `The model can't be trained: ${why}.`, 'Take another model.');
