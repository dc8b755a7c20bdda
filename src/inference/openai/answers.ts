import { randomUUID } from 'node:crypto';
import type { ChatChunk, OpenAiUsage, TextChunk } from '../../protocol/openAi.ts';
import type { Answer, Piece, TokenProbability, ToolCall, Usage } from '../chat.ts';
import { charactersOf, chatLogprobs, textLogprobs } from './logprobs.ts';

/** The chunks of one streamed chat completion; `index` says of which of its answers. */
export class ChatChunks {
  private readonly head: Pick<ChatChunk, 'id' | 'object' | 'created' | 'model'>;
  /** Calls of tools so far, of each answer. */
  private readonly calls = new Map<number, number>();

  constructor(model: string) {
    this.head = { id: `chatcmpl-${randomUUID()}`, object: 'chat.completion.chunk', created: seconds(), model };
  }

  first = (index: number): ChatChunk => this.chunk(index, { role: 'assistant', content: '' }, null);

  piece(index: number, piece: Piece): ChatChunk {
    if ('text' in piece) return this.chunk(index, { content: piece.text }, null, piece.tokens);
    if ('thought' in piece) return this.chunk(index, { reasoning_content: piece.thought }, null);
    const call = this.calls.get(index) ?? 0;
    this.calls.set(index, call + 1);
    return this.chunk(index, { tool_calls: [{ index: call, ...callOf(piece.call) }] }, null);
  }

  last = (index: number, { finish }: Answer): ChatChunk => this.chunk(index, {}, finish);

  usage = (usage: Usage): ChatChunk => ({ ...this.head, choices: [], usage: usageOf(usage) });

  private chunk(
    index: number,
    delta: ChatChunk['choices'][number]['delta'],
    finish: Answer['finish'] | null,
    tokens?: TokenProbability[],
  ): ChatChunk {
    const choice = { index, delta, ...(tokens ? { logprobs: chatLogprobs(tokens) } : {}), finish_reason: finish };
    return { ...this.head, choices: [choice] };
  }
}

/** A chat completion in one piece, of one answer or several. */
export function chatCompletion(model: string, answers: readonly { pieces: readonly Piece[]; answer: Answer }[], usage: Usage) {
  return {
    id: `chatcmpl-${randomUUID()}`,
    object: 'chat.completion',
    created: seconds(),
    model,
    choices: answers.map(({ pieces, answer: { finish } }, index) => {
      const joined = (key: 'text' | 'thought') => pieces.map((piece) => (piece as Record<string, string>)[key] ?? '').join('');
      const calls = pieces.flatMap((piece) => ('call' in piece ? [callOf(piece.call)] : []));
      const [content, thoughts] = [joined('text'), joined('thought')];
      return {
        index,
        message: {
          role: 'assistant',
          content: content || !calls.length ? content : null,
          refusal: null,
          ...(thoughts ? { reasoning_content: thoughts } : {}),
          ...(calls.length ? { tool_calls: calls } : {}),
        },
        logprobs: chatLogprobs(pieces.flatMap((piece) => ('text' in piece ? (piece.tokens ?? []) : []))),
        finish_reason: finish,
      };
    }),
    usage: usageOf(usage),
  };
}

/** A text completion, whole or streamed: its chunks have the same shape as the whole. */
export class TextChunks {
  private readonly head: Pick<TextChunk, 'id' | 'object' | 'created' | 'model'>;
  /** Characters of the prompt, and of each answer so far. */
  private readonly promptLength: number;
  private readonly written = new Map<number, number>();

  constructor(model: string, prompt: string) {
    this.head = { id: `cmpl-${randomUUID()}`, object: 'text_completion', created: seconds(), model };
    this.promptLength = charactersOf(prompt);
  }

  piece(index: number, text: string, tokens: TokenProbability[] | undefined, finish: Answer['finish'] | null = null): TextChunk {
    const before = this.written.get(index) ?? 0;
    this.written.set(index, before + charactersOf(text));
    const logprobs = tokens ? textLogprobs(tokens, text, this.promptLength + before) : null;
    return { ...this.head, choices: [{ index, text, logprobs, finish_reason: finish }] };
  }

  last = (index: number, { finish }: Answer): TextChunk => this.piece(index, '', undefined, finish);

  usage = (usage: Usage): TextChunk => ({ ...this.head, choices: [], usage: usageOf(usage) });

  /** Answers that were not streamed, in one. */
  whole(chunks: readonly TextChunk[], usage: Usage): TextChunk {
    return { ...this.head, choices: chunks.flatMap(({ choices }) => choices), usage: usageOf(usage) };
  }
}

/** Vectors as numbers, or as OpenAI's own clients ask for them: base64 of 32-bit floats, little-endian. */
export function embeddings(model: string, vectors: readonly Float32Array[], tokens: number, asBase64: boolean) {
  return {
    object: 'list',
    data: vectors.map((vector, index) => ({
      object: 'embedding',
      index,
      embedding: asBase64 ? Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength).toString('base64') : [...vector],
    })),
    model,
    usage: { prompt_tokens: tokens, total_tokens: tokens },
  };
}

const callOf = ({ id, name, arguments: given }: ToolCall) => ({ id, type: 'function' as const, function: { name, arguments: given } });

const usageOf = ({ promptTokens, completionTokens, cachedTokens }: Usage): OpenAiUsage => ({
  prompt_tokens: promptTokens,
  completion_tokens: completionTokens,
  total_tokens: promptTokens + completionTokens,
  prompt_tokens_details: { cached_tokens: cachedTokens },
});

const seconds = () => Math.floor(Date.now() / 1000);
