import type { Logger } from '../../base/logger.ts';

/** What is told while an answer is made, and at its end. */
export interface StreamedAnswer<T> {
  logger: Logger;
  /** Aborts when the client has hung up, which counts from the start: a model may take long before its first word. */
  signal?: AbortSignal;
  /** What is told before all else, once there is something to tell. */
  begin?: () => unknown[];
  run: (send: (event: unknown) => void, signal: AbortSignal) => Promise<T>;
  end: (result: T) => unknown[];
  /** An error as it is told in the middle of an answer. */
  failed: (error: unknown) => { body: object };
}

/**
 * An answer as server-sent events, as OpenAI streams it. What fails before the first event is thrown, so that it has a status of its own; what fails after that is an event. A client
 * that hangs up ends the work.
 */
export async function eventStream<T>({ logger, signal, begin, run, end, failed }: StreamedAnswer<T>): Promise<Response> {
  const stop = new AbortController();
  const hangUp = () => stop.abort(new Error('The client has hung up.'));
  signal?.addEventListener('abort', hangUp);
  const encoder = new TextEncoder();
  let controller: ReadableStreamDefaultController<Uint8Array>;
  const body = new ReadableStream<Uint8Array>({
    start(given) {
      controller = given;
    },
    cancel: hangUp,
  });
  const write = (text: string) => {
    if (!stop.signal.aborted) controller.enqueue(encoder.encode(`data: ${text}\n\n`));
  };
  let begun = false;
  const { promise: first, resolve: isFirst } = Promise.withResolvers<void>();
  const start = () => {
    if (begun) return;
    begun = true;
    for (const event of begin?.() ?? []) write(JSON.stringify(event));
    isFirst();
  };
  const work = run((event) => {
    start();
    write(JSON.stringify(event));
  }, stop.signal).then(
    (result) => {
      start();
      for (const event of end(result)) write(JSON.stringify(event));
    },
    (error: unknown) => {
      if (!begun) throw error;
      if (stop.signal.aborted) return;
      logger.error('streamed answer', error);
      write(JSON.stringify(failed(error).body));
    },
  );
  const finished = work
    .finally(() => signal?.removeEventListener('abort', hangUp))
    .then(() => {
      if (stop.signal.aborted) return;
      write('[DONE]');
      controller.close();
    });
  // What fails before the first event is thrown below.
  finished.catch((error) => begun && logger.error('end of a streamed answer', error));
  await Promise.race([first, work]);
  return new Response(body, { headers: { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' } });
}
