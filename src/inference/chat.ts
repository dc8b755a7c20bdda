/** What a chat model is asked, and what it answers, whichever engine it runs in. The shapes cross the boundary of the worker process as they are. */

export type ChatMessage =
  | { role: 'system'; text: string }
  | { role: 'user'; text: string }
  | { role: 'assistant'; text: string; calls?: ToolCall[] }
  | { role: 'tool'; callId: string; text: string };

export interface ToolCall {
  id: string;
  name: string;
  /** JSON text. */
  arguments: string;
}

export interface Tool {
  name: string;
  description?: string;
  /** JSON Schema of its arguments. */
  parameters?: object;
}

/** How the next token is chosen. */
export interface Sampling {
  /** 0: always the most likely one. */
  temperature: number;
  topP: number;
  topK: number;
  minP: number;
  seed?: number;
  frequencyPenalty: number;
  presencePenalty: number;
}

/** A LoRA adapter on top of a model. */
export interface Adapter {
  file: string;
  /** How much of it: 1 is as it was trained. */
  scale: number;
}

export interface Generation {
  adapters?: Adapter[];
  sampling: Sampling;
  /** Tokens; absent: until the model ends or the context is full. */
  maxTokens?: number;
  /** Texts before which the answer ends. */
  stop: string[];
}

export interface ChatRequest extends Generation {
  messages: ChatMessage[];
  tools?: Tool[];
  /** `auto`: the model decides; `required`: it must call one; a name: that one. */
  toolChoice?: 'auto' | 'required' | { name: string };
  /** The answer is JSON: any, or of this schema. */
  json?: 'any' | object;
}

export interface CompletionRequest extends Generation {
  prompt: string;
}

/** Which tokens a model would put behind given ones. */
export interface PredictionRequest {
  adapters?: Adapter[];
  tokens: number[];
  /** The text that stands before `from`: it must be read as the tokens that are there. */
  text?: string;
  /** The first token that is predicted, at least the second. */
  from: number;
}

/** A piece of an answer, as it is made. */
export type Piece = { text: string } | { thought: string } | { call: ToolCall };

export interface Usage {
  promptTokens: number;
  /** Of the prompt: those that were still there from a request before. */
  cachedTokens: number;
  completionTokens: number;
}

export interface Answer {
  finish: 'stop' | 'length' | 'tool_calls';
  usage: Usage;
}

/** Texts that vectors are wanted of. */
export interface EmbedRequest {
  texts: string[];
  /** Whether what is too long for the model is cut; else it is refused. */
  isCut: boolean;
}

/** A vector for each text, and how many tokens all of them have. */
export interface Embedded {
  vectors: Float32Array[];
  tokens: number;
}
