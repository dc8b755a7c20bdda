import { UserError } from '../../base/userError.ts';
import type { GgufHeader } from '../../catalog/headers/readGguf.ts';
import { mergesOfPieces } from './mergesOfPieces.ts';
import { preTokenizers } from './preTokenizers.ts';
import type { SpecialTokens } from './specialTokens.ts';
import type { Vocabulary } from './vocabulary.ts';

/** Kinds of tokens that are found in a text before anything else. */
const [unknown, control, usersOwn] = [2, 3, 4];
/** SentencePiece's space. */
const space = '▁';

/**
 * Makes `tokenizer.json` and `tokenizer_config.json` of a model, which the Python library `tokenizers` reads. With these files it turns a text into the same tokens as llama.cpp does. The rules are those of
 * `src/llama-vocab.cpp` of llama.cpp.
 * @throws {UserError} where the tokenizer is of a kind that is not known, or there is no chat template.
 */
export function tokenizerFilesOf(
  header: GgufHeader,
  vocabulary: Vocabulary,
  special: SpecialTokens,
): { tokenizer: object; config: object } {
  const template = header.keys.get('tokenizer.chat_template');
  if (typeof template !== 'string' || template.trim() === '')
    throw new UserError(
      'InvalidModelFile',
      'The model has no chat template, so that it is not known how a conversation is written for it.',
      'Take a model made for chat: its name often ends with Instruct or Chat.',
    );
  const { tokens } = vocabulary;
  const named = (id: number | undefined) => (id === undefined ? undefined : tokens[id]);
  return {
    tokenizer: {
      version: '1.0',
      truncation: null,
      padding: null,
      added_tokens: addedTokens(header, vocabulary),
      ...(vocabulary.kind === 'pairs' ? ofPairs(header, vocabulary) : ofPieces(header, vocabulary, special)),
      post_processor: null,
    },
    config: {
      tokenizer_class: 'PreTrainedTokenizerFast',
      bos_token: named(special.bos_token_id),
      eos_token: named(special.eos_token_id),
      unk_token: named(special.unk_token_id),
      pad_token: named(special.pad_token_id),
      clean_up_tokenization_spaces: false,
      chat_template: template,
    },
  };
}

function addedTokens({ keys }: GgufHeader, { tokens, types }: Vocabulary): object[] {
  // What the GGUF file does not say, and llama.cpp knows by the name of the model: Phi-3's tokens swallow the white space behind them.
  const swallows = /phi-?3/i.test(String(keys.get('general.name') ?? ''));
  const keep = new Set(['<unk>', '<s>', '<|endoftext|>']);
  return tokens.flatMap((content, id) =>
    types[id] === unknown || types[id] === control || types[id] === usersOwn
      ? {
          id,
          content,
          single_word: false,
          lstrip: false,
          rstrip: swallows && !keep.has(content),
          normalized: false,
          special: types[id] !== usersOwn,
        }
      : [],
  );
}

const numbersOf = (tokens: string[]) => Object.fromEntries(tokens.map((token, id) => [token, id]));

function ofPairs({ keys }: GgufHeader, { tokens, merges }: Vocabulary): object {
  const name = String(keys.get('tokenizer.ggml.pre') ?? 'default');
  const pre = preTokenizers.get(name);
  if (!pre)
    throw new UserError(
      'InvalidModelFile',
      `The model can't be trained here: how its tokenizer cuts texts into words (${JSON.stringify(name.slice(0, 100))}) is not known.`,
      `Known are ${[...preTokenizers.keys()].join(', ')}.`,
    );
  return {
    normalizer: null,
    pre_tokenizer: {
      type: 'Sequence',
      pretokenizers: [
        ...pre.patterns.map((Regex) => ({ type: 'Split', pattern: { Regex }, behavior: 'Isolated', invert: false })),
        { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: false },
      ],
    },
    decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: pre.wholeWordsFirst ?? false,
      vocab: numbersOf(tokens),
      merges: merges.map((each) => {
        // The first letter may be a space.
        const at = each.indexOf(' ', 1);
        return [each.slice(0, at), each.slice(at + 1)];
      }),
    },
  };
}

function ofPieces({ keys }: GgufHeader, { tokens, scores }: Vocabulary, { unk_token_id: unk }: SpecialTokens): object {
  const hasSpaceBefore = keys.get('tokenizer.ggml.add_space_prefix') !== false;
  const spaces = { type: 'Replace', pattern: { String: ' ' }, content: space };
  return {
    normalizer: { type: 'Sequence', normalizers: [...(hasSpaceBefore ? [{ type: 'Prepend', prepend: space }] : []), spaces] },
    pre_tokenizer: null,
    decoder: {
      type: 'Sequence',
      decoders: [
        { type: 'Replace', pattern: { String: space }, content: ' ' },
        { type: 'ByteFallback' },
        { type: 'Fuse' },
        ...(hasSpaceBefore ? [{ type: 'Strip', content: ' ', start: 1, stop: 0 }] : []),
      ],
    },
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: unk === undefined ? null : (tokens[unk] ?? null),
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: true,
      byte_fallback: true,
      ignore_merges: false,
      vocab: numbersOf(tokens),
      merges: mergesOfPieces(tokens, scores),
    },
  };
}
