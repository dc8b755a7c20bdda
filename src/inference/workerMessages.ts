import type { ErrorCode } from '../base/userError.ts';
import type {
  Adapter,
  Answer,
  ChatRequest,
  CompletionRequest,
  Embedded,
  EmbedRequest,
  Piece,
  PredictionRequest,
  TemplateMessage,
} from './chat.ts';
import type { Device } from './install/engineDevice.ts';

/** How a model is loaded. */
export interface LoadOptions {
  /** The engine's folder. */
  engine: string;
  /** The model's first file. */
  file: string;
  device: Device;
  threads: number;
  /** Tokens of each sequence. */
  contextSize: number;
  /** Requests that are answered at the same time. */
  sequences: number;
  /** Its tokenizer alone: all that it is asked then is `countChats`. */
  isTokenizer?: boolean;
  /** Those that are part of the model for every request. */
  adapters?: readonly Adapter[];
}

/** What is known of a model once it is loaded. */
export interface Loaded {
  contextSize: number;
  sequences: number;
  device: Device;
  loadMs: number;
}

/** Who waits: requests of one caller take their turn behind those of others. */
interface Asked {
  id: number;
  caller: string;
}

/** What the plane tells a worker. */
export type ToWorker =
  | ({ kind: 'load' } & LoadOptions)
  | ({ kind: 'chat'; request: ChatRequest } & Asked)
  | ({ kind: 'complete'; request: CompletionRequest } & Asked)
  | ({ kind: 'embed'; request: EmbedRequest } & Asked)
  | ({ kind: 'count'; text: string } & Asked)
  | ({ kind: 'countChats'; chats: TemplateMessage[][] } & Asked)
  | ({ kind: 'predict'; request: PredictionRequest } & Asked)
  | { kind: 'cancel'; id: number };

/** What a worker tells the plane. */
export type FromWorker =
  | { kind: 'loaded'; loaded: Loaded }
  | { kind: 'notLoaded'; message: string; isOfDevice: boolean }
  | { kind: 'piece'; id: number; piece: Piece }
  | { kind: 'answered'; id: number; answer: Answer }
  | ({ kind: 'embedded'; id: number } & Embedded)
  | { kind: 'counted'; id: number; tokens: number }
  /** Tokens of each conversation, or why the chat template refuses it. */
  | { kind: 'chatsCounted'; id: number; counts: (number | string)[] }
  /** Of one token that was to be predicted, which come in order: log-probabilities of the whole vocabulary. */
  | { kind: 'prediction'; id: number; prediction: Float32Array }
  | { kind: 'predicted'; id: number }
  /** With a code: what a person can act on. */
  | { kind: 'failed'; id: number; code: ErrorCode | undefined; message: string; hint: string | undefined };
