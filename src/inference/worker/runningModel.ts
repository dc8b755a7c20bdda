import type { Answer, ChatRequest, CompletionRequest, Embedded, EmbedRequest, Piece, PredictionRequest } from '../chat.ts';
import type { Loaded } from '../workerMessages.ts';

/** A model in this process. What models of its kind can't do is refused with a `UserError`. */
export interface RunningModel {
  readonly loaded: Loaded;
  chat(request: ChatRequest, caller: string, onPiece: (piece: Piece) => void, signal: AbortSignal): Promise<Answer>;
  complete(request: CompletionRequest, caller: string, onPiece: (piece: Piece) => void, signal: AbortSignal): Promise<Answer>;
  embed(request: EmbedRequest, signal: AbortSignal): Promise<Embedded>;
  /** Log-probabilities of given tokens, one prediction at a time. */
  predict(request: PredictionRequest, caller: string, onPrediction: (prediction: Float32Array) => void, signal: AbortSignal): Promise<void>;
  /** Tokens of a text. */
  count(text: string): number;
}
