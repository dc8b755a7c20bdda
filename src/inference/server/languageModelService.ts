import { type Answering, answerRequest } from '../openai/answerRequest.ts';
import type { RunningModel } from '../worker/runningModel.ts';
import { scoreRequest } from './scoreRequest.ts';
import type { Served } from './served.ts';

/** A model that writes. */
export function languageModelService(model: RunningModel, name: string): Served {
  const openAi = openAiOf(model);
  return {
    openAi,
    score: (body, how) => scoreRequest(body, name, (chat) => answerRequest('/chat/completions', chat, openAi, how)),
    places: 'a language model answers at /v1/chat/completions and /score',
  };
}

/** There is one model, whatever it is called in the request. */
export const openAiOf = (model: RunningModel): Answering => ({
  chat: (_name, request, user, onPiece, signal) => model.chat(request, user, onPiece, signal),
  complete: (_name, request, user, onPiece, signal) => model.complete(request, user, onPiece, signal),
  embed: (_name, request, _user, signal) => model.embed(request, signal),
});
