import { ChangeStream, type ChangeStreamOptions } from '../../../src/client/feed/changeStream.ts';
import type { Http } from '../../../src/client/http.ts';

/**
 * The plane's change feed for a page. While the tab is hidden it holds no connection (browsers allow six to a host, over all tabs), and afterwards goes on
 * from where it was. `every`: what many jobs log is gathered for so many milliseconds. `signal` ends it.
 */
export function pageFeed(
  http: Http,
  { signal, ...options }: Pick<ChangeStreamOptions, 'every'> & { signal?: AbortSignal } = {},
): ChangeStream {
  const { debug, info, warn, error } = console;
  const feed = new ChangeStream(http, { ...options, logger: { debug, info, warn, error } });
  document.addEventListener('visibilitychange', () => (document.hidden ? feed.pause() : feed.resume()), signal ? { signal } : {});
  signal?.addEventListener('abort', () => feed.dispose(), { once: true });
  return feed;
}
