import { UserError } from '../base/userError.ts';
import { check } from '../protocol/check.ts';
import { type EngineProgress, InferenceEngine } from '../protocol/inferenceEngine.ts';
import { eventsOf } from './chatStream.ts';
import type { Http } from './http.ts';

/** The program that runs language models, and whether it is installed. */
export const inferenceEngine = async (http: Http): Promise<InferenceEngine> =>
  check(InferenceEngine, await http.json('GET', '/updraft/engine'), 'What is told of the engine');

/** Installs it, and tells how many bytes have come, of how many. Throws what the plane says went wrong. */
export async function* installInferenceEngine(http: Http): AsyncGenerator<{ bytes: number; of: number }, void> {
  for await (const event of eventsOf(await http.stream('POST', '/updraft/engine'))) {
    if (event === '[DONE]') return;
    const progress = JSON.parse(event) as EngineProgress;
    if ('error' in progress) throw new UserError('RemoteError', progress.error.message);
    if ('bytes' in progress) yield progress;
  }
}
