import { UserError } from '../base/userError.ts';
import type { ChatChunk, OpenAiError } from '../protocol/openAi.ts';
import type { Http } from './http.ts';

/** A chat completion as it is made, from the plane's OpenAI API. Throws what the model or the plane says went wrong, also in the middle. */
export async function* chatStream(http: Http, body: object, signal?: AbortSignal): AsyncGenerator<ChatChunk, void> {
  const response = await http.stream('POST', '/v1/chat/completions', {
    body: JSON.stringify({ ...body, stream: true, stream_options: { include_usage: true } }),
    headers: { 'content-type': 'application/json' },
    ...(signal ? { signal } : {}),
  });
  for await (const event of eventsOf(response)) {
    if (event === '[DONE]') return;
    const value = JSON.parse(event) as ChatChunk | OpenAiError;
    if ('error' in value) throw new UserError('RemoteError', value.error.message);
    yield value;
  }
}

/** The data of server-sent events that have one line each. */
export async function* eventsOf(response: Response): AsyncGenerator<string, void> {
  const decoder = new TextDecoder();
  const reader = response.body!.getReader();
  let rest = '';
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      const events = (rest + decoder.decode(value, { stream: true })).split('\n\n');
      rest = events.pop()!;
      for (const event of events) if (event.startsWith('data: ')) yield event.slice('data: '.length);
    }
  } finally {
    // A reader that has had enough ends the answer.
    await reader.cancel().catch(() => {});
  }
}
