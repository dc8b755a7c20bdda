import { randomUUID } from 'node:crypto';
import type { ChatChunk, OpenAiUsage } from '../../protocol/openAi.ts';
import type { Answer, Piece, ToolCall, Usage } from '../chat.ts';

/** The chunks of one streamed chat completion. */
export class ChatChunks {
  private readonly head: Pick<ChatChunk, 'id' | 'object' | 'created' | 'model'>;
  private calls = 0;

  constructor(model: string) {
    this.head = { id: `chatcmpl-${randomUUID()}`, object: 'chat.completion.chunk', created: seconds(), model };
  }

  first = (): ChatChunk => this.chunk({ role: 'assistant', content: '' }, null);

  piece(piece: Piece): ChatChunk {
    if ('text' in piece) return this.chunk({ content: piece.text }, null);
    if ('thought' in piece) return this.chunk({ reasoning_content: piece.thought }, null);
    return this.chunk({ tool_calls: [{ index: this.calls++, ...callOf(piece.call) }] }, null);
  }

  last = ({ finish }: Answer): ChatChunk => this.chunk({}, finish);

  usage = ({ usage }: Answer): ChatChunk => ({ ...this.head, choices: [], usage: usageOf(usage) });

  private chunk(delta: ChatChunk['choices'][number]['delta'], finish: Answer['finish'] | null): ChatChunk {
    return { ...this.head, choices: [{ index: 0, delta, finish_reason: finish }] };
  }
}

/** A chat completion in one piece. */
export function chatCompletion(model: string, pieces: readonly Piece[], { finish, usage }: Answer) {
  const joined = (key: 'text' | 'thought') => pieces.map((piece) => (piece as Record<string, string>)[key] ?? '').join('');
  const calls = pieces.flatMap((piece) => ('call' in piece ? [callOf(piece.call)] : []));
  const [content, thoughts] = [joined('text'), joined('thought')];
  return {
    id: `chatcmpl-${randomUUID()}`,
    object: 'chat.completion',
    created: seconds(),
    model,
    choices: [
      {
        index: 0,
        message: {
          role: 'assistant',
          content: content || !calls.length ? content : null,
          refusal: null,
          ...(thoughts ? { reasoning_content: thoughts } : {}),
          ...(calls.length ? { tool_calls: calls } : {}),
        },
        logprobs: null,
        finish_reason: finish,
      },
    ],
    usage: usageOf(usage),
  };
}

/** A text completion; each chunk of a streamed one has the same shape, and all of them the same `id`. */
export const textCompletion = (id: string, model: string, text: string, finish: Answer['finish'] | null, usage?: Usage) => ({
  id,
  object: 'text_completion',
  created: seconds(),
  model,
  choices: [{ index: 0, text, logprobs: null, finish_reason: finish }],
  ...(usage ? { usage: usageOf(usage) } : {}),
});

export const completionId = (): string => `cmpl-${randomUUID()}`;

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
