import { UserError } from '../base/userError.ts';
import { check } from '../protocol/check.ts';
import { type EngineFormat, type EngineProgress, type InferenceEngine, InferenceEngines } from '../protocol/inferenceEngine.ts';
import { eventsOf } from './chatStream.ts';
import type { Http } from './http.ts';

/** The programs that run models on the plane's machine, and whether they are installed. */
export const inferenceEngines = async (http: Http): Promise<InferenceEngine[]> =>
  check(InferenceEngines, await http.json('GET', '/updraft/engines'), 'What is told of the engines').engines;

/** Installs one, and tells how many bytes have come, of how many. Throws what the plane says went wrong. */
export async function* installInferenceEngine(http: Http, format: EngineFormat): AsyncGenerator<{ bytes: number; of: number }, void> {
  for await (const event of eventsOf(await http.stream('POST', `/updraft/engines/${format}`))) {
    if (event === '[DONE]') return;
    const progress = JSON.parse(event) as EngineProgress;
    if ('error' in progress) throw new UserError('RemoteError', progress.error.message);
    if ('bytes' in progress) yield progress;
  }
}
