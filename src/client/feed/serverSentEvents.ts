export interface ServerSentEvent {
  event: string;
  data: string;
  /** '' when the event has none. */
  id: string;
}

/**
 * Parses `text/event-stream`: https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream. Ends when `signal` aborts.
 * `onBytes` is called whenever something comes, also for comments, which are how a server says that it is there.
 */
export async function* serverSentEvents(
  body: ReadableStream<Uint8Array>,
  { signal, onBytes = () => {} }: { signal?: AbortSignal; onBytes?: () => void } = {},
): AsyncGenerator<ServerSentEvent> {
  const reader = body.getReader();
  const cancel = () => {
    reader.cancel().catch(() => {});
  };
  signal?.addEventListener('abort', cancel);
  const decoder = new TextDecoder();
  let rest = '';
  let event = '';
  let id = '';
  let data: string[] = [];
  try {
    if (signal?.aborted) return;
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      onBytes();
      rest += decoder.decode(value, { stream: true });
      // A CR at the end may be the first half of a CRLF: it waits for what follows.
      const lines = rest.split(/\r\n|\n|\r(?!$)/);
      rest = lines.pop()!;
      for (const line of lines) {
        if (line === '') {
          if (data.length) yield { event: event || 'message', data: data.join('\n'), id };
          event = id = '';
          data = [];
          continue;
        }
        const colon = line.indexOf(':');
        const name = colon < 0 ? line : line.slice(0, colon);
        const text = colon < 0 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1);
        if (name === 'event') event = text;
        else if (name === 'id') id = text;
        else if (name === 'data') data.push(text);
      }
    }
  } finally {
    signal?.removeEventListener('abort', cancel);
    cancel();
  }
}
