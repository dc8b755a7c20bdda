import type { Static } from 'typebox';
import * as Type from 'typebox';

/** OpenAI's API, as its reference has it (https://platform.openai.com/docs/api-reference), as far as models of this machine answer it. What is not listed is taken and has no effect. */

const TextPart = Type.Object({ type: Type.Literal('text'), text: Type.String() });
const Content = Type.Union([Type.String(), Type.Array(Type.Object({ type: Type.String() })), Type.Null()]);

const Message = Type.Object({
  role: Type.Union([
    Type.Literal('system'),
    Type.Literal('developer'),
    Type.Literal('user'),
    Type.Literal('assistant'),
    Type.Literal('tool'),
  ]),
  content: Type.Optional(Content),
  tool_calls: Type.Optional(
    Type.Array(Type.Object({ id: Type.String(), function: Type.Object({ name: Type.String(), arguments: Type.String() }) })),
  ),
  tool_call_id: Type.Optional(Type.String()),
});

const OrNull = <T extends Type.TSchema>(type: T) => Type.Optional(Type.Union([type, Type.Null()]));

const Generation = {
  model: Type.String(),
  temperature: OrNull(Type.Number({ minimum: 0, maximum: 2 })),
  top_p: OrNull(Type.Number({ minimum: 0, maximum: 1 })),
  /** Of llama.cpp's server, not of OpenAI; so is `min_p`. */
  top_k: OrNull(Type.Integer({ minimum: 0 })),
  min_p: OrNull(Type.Number({ minimum: 0, maximum: 1 })),
  seed: OrNull(Type.Integer()),
  stop: OrNull(Type.Union([Type.String(), Type.Array(Type.String(), { maxItems: 16 })])),
  max_tokens: OrNull(Type.Integer({ minimum: 1 })),
  frequency_penalty: OrNull(Type.Number({ minimum: -2, maximum: 2 })),
  presence_penalty: OrNull(Type.Number({ minimum: -2, maximum: 2 })),
  n: OrNull(Type.Integer({ minimum: 1, maximum: 128 })),
  stream: OrNull(Type.Boolean()),
  stream_options: OrNull(Type.Object({ include_usage: Type.Optional(Type.Boolean()) })),
  user: OrNull(Type.String()),
};

export const ChatCompletionRequest = Type.Object({
  ...Generation,
  messages: Type.Array(Message, { minItems: 1 }),
  max_completion_tokens: OrNull(Type.Integer({ minimum: 1 })),
  logprobs: OrNull(Type.Boolean()),
  top_logprobs: OrNull(Type.Integer({ minimum: 0, maximum: 20 })),
  tools: OrNull(
    Type.Array(
      Type.Object({
        type: Type.Literal('function'),
        function: Type.Object({
          name: Type.String({ pattern: '^[\\w.-]{1,64}$' }),
          description: Type.Optional(Type.String()),
          parameters: Type.Optional(Type.Object({})),
          strict: OrNull(Type.Boolean()),
        }),
      }),
    ),
  ),
  tool_choice: OrNull(
    Type.Union([
      Type.Literal('none'),
      Type.Literal('auto'),
      Type.Literal('required'),
      Type.Object({ type: Type.Literal('function'), function: Type.Object({ name: Type.String() }) }),
    ]),
  ),
  response_format: OrNull(
    Type.Union([
      Type.Object({ type: Type.Literal('text') }),
      Type.Object({ type: Type.Literal('json_object') }),
      Type.Object({
        type: Type.Literal('json_schema'),
        json_schema: Type.Object({ name: Type.Optional(Type.String()), schema: Type.Object({}) }),
      }),
    ]),
  ),
});
export type ChatCompletionRequest = Static<typeof ChatCompletionRequest>;

export const CompletionRequest = Type.Object({
  ...Generation,
  prompt: Type.Union([Type.String(), Type.Array(Type.String(), { minItems: 1, maxItems: 1 })]),
  logprobs: OrNull(Type.Integer({ minimum: 0, maximum: 20 })),
});
export type CompletionRequest = Static<typeof CompletionRequest>;

export const EmbeddingRequest = Type.Object({
  model: Type.String(),
  input: Type.Union([Type.String(), Type.Array(Type.String(), { minItems: 1, maxItems: 2048 })]),
  encoding_format: OrNull(Type.Union([Type.Literal('float'), Type.Literal('base64')])),
  dimensions: OrNull(Type.Integer({ minimum: 1 })),
  /** Of Ollama and others, not of OpenAI: texts that are too long for the model are cut, not refused. */
  truncate: OrNull(Type.Boolean()),
  user: OrNull(Type.String()),
});
export type EmbeddingRequest = Static<typeof EmbeddingRequest>;

/** `POST /updraft/tokens`, which is ours: how many tokens a text has for a model. */
export const TokensRequest = Type.Object({ model: Type.String(), text: Type.String() });
export const TokensAnswer = Type.Object({ tokens: Type.Integer() });
export type TokensAnswer = Static<typeof TokensAnswer>;

/** The list of `GET /v1/models`. What is optional is our addition. */
export const OpenAiModels = Type.Object({
  data: Type.Array(
    Type.Object({
      id: Type.String(),
      owned_by: Type.String(),
      /** In tokens. */
      context_length: Type.Optional(Type.Integer()),
      /** Whether its file has a template for chats: others go on from a text, or make vectors. Absent where nobody knows. */
      has_chat_template: Type.Optional(Type.Boolean()),
      /** It makes vectors of texts, and does not write. */
      is_embedder: Type.Optional(Type.Boolean()),
      /** The machine that what it is asked goes to; absent: this one. */
      host: Type.Optional(Type.String()),
      /** The base model of a registered adapter. */
      adapter_of: Type.Optional(Type.String()),
      /** Other names of the same: `NAME:VERSION` of the newest version, `NAME@ALIAS`. */
      other_ids: Type.Optional(Type.Array(Type.String())),
      /** Why it does not run here, and what to do. */
      problem: Type.Optional(Type.String()),
    }),
  ),
});
export type OpenAiModel = Static<typeof OpenAiModels>['data'][number];

/** A part of a message that is text. */
export const isTextPart = (part: { type: string }): part is Static<typeof TextPart> =>
  part.type === 'text' && typeof (part as { text?: unknown }).text === 'string';

/** How many tokens an answer took. */
export interface OpenAiUsage {
  prompt_tokens: number;
  completion_tokens: number;
  total_tokens: number;
  prompt_tokens_details: { cached_tokens: number };
}

/** A piece of a streamed answer. */
export interface ChatChunk {
  id: string;
  object: 'chat.completion.chunk';
  created: number;
  model: string;
  choices: {
    index: number;
    delta: {
      role?: 'assistant';
      content?: string;
      /** Thoughts before the answer, named as DeepSeek's API and llama.cpp's server do. */
      reasoning_content?: string;
      tool_calls?: { index: number; id: string; type: 'function'; function: { name: string; arguments: string } }[];
    };
    logprobs?: ChatLogprobs | null;
    finish_reason: 'stop' | 'length' | 'tool_calls' | null;
  }[];
  usage?: OpenAiUsage | null;
}

interface ChatToken {
  token: string;
  /** Natural logarithm. */
  logprob: number;
  bytes: number[] | null;
}

/** How likely the tokens of a chat's answer were. */
export interface ChatLogprobs {
  content: (ChatToken & { top_logprobs: ChatToken[] })[];
  refusal: null;
}

/** How likely the tokens of a completion were; each list has an entry for each token. */
export interface TextLogprobs {
  tokens: string[];
  token_logprobs: number[];
  top_logprobs: Record<string, number>[];
  text_offset: number[];
}

/** A completion, or a piece of a streamed one. */
export interface TextChunk {
  id: string;
  object: 'text_completion';
  created: number;
  model: string;
  choices: { index: number; text: string; logprobs: TextLogprobs | null; finish_reason: ChatChunk['choices'][number]['finish_reason'] }[];
  usage?: OpenAiUsage;
}

/** What went wrong, in OpenAI's shape. */
export interface OpenAiError {
  error: { message: string; type: string; param: string | null; code: string | null };
}
