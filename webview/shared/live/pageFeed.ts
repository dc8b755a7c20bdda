import { ChangeStream } from '../../../src/client/feed/changeStream.ts';
import type { Http } from '../../../src/client/http.ts';

/** For pages of many runs: fifty that log at once then cost a few kB a second. */
export const gatheredMs = 2000;

/**
 * The plane's change feed for a page. While the tab is hidden it holds no connection (browsers allow six to a host, over all tabs), and afterwards goes on
 * from where it was. `every`: what many jobs log is gathered for so many milliseconds.
 */
export function pageFeed(http: Http, every?: number): ChangeStream {
  const { debug, info, warn, error } = console;
  const feed = new ChangeStream(http, { ...(every ? { every } : {}), logger: { debug, info, warn, error } });
  document.addEventListener('visibilitychange', () => (document.hidden ? feed.pause() : feed.resume()));
  return feed;
}
