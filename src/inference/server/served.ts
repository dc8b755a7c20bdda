import type { Logger } from '../../base/logger.ts';
import type { Answering } from '../openai/answerRequest.ts';

/** What a server of a deployment answers with: one model. */
export interface Served {
  /** OpenAI's API, of models that take texts. */
  openAi?: Answering;
  /** Azure's `/score`. */
  score(body: Record<string, unknown>, how: { signal: AbortSignal; logger: Logger }): Promise<Response>;
  /** Where it answers, in words. */
  places: string;
}
