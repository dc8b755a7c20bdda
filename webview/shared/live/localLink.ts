/** A plane's `nextLink` names its own origin; the page reaches the plane by another name, so that only path and query are followed. */
export function localLink(nextLink: string): string {
  const url = new URL(nextLink, 'http://plane');
  return url.pathname + url.search;
}
