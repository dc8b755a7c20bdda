import { Emitter, type Event } from '../../../src/base/event.ts';
import { PlaneClient } from '../../../src/client/planeClient.ts';
import type { PageAddress } from '../../../src/protocol/webview.ts';
import { gatheredMs, pageFeed } from '../live/pageFeed.ts';
import type { Host } from './host.ts';
import { PageState } from './pageState.ts';
import { studioToken } from './studioToken.ts';

const root = '/studio';
const folders = { job: 'jobs', jobs: 'jobs', runs: 'runs', model: 'models', models: 'models' } as const;

/** A page of the Studio, by its address in the browser: `/studio/jobs/NAME`, `/studio/models/NAME`, `/studio/runs/EXPERIMENT`, or a list. */
export function addressOf(pathname: string): PageAddress {
  const [, , folder, name] = pathname.split('/');
  const text = decode(name ?? '');
  if (folder === 'runs') return { page: 'runs', name: text };
  if (folder === 'models') return text ? { page: 'model', name: text } : { page: 'models', name: '' };
  return text ? { page: 'job', name: text } : { page: 'jobs', name: '' };
}

function hrefOf({ page, name, tab, state = {} }: PageAddress): string {
  const query = new URLSearchParams(tab ? { tab } : {});
  for (const [key, value] of Object.entries(state)) query.set(key, inAddress(value));
  return `${root}/${folders[page]}${name ? `/${encodeURIComponent(name)}` : ''}${query.size ? `?${query}` : ''}`;
}

/** Plain words stand without quotes. */
const inAddress = (value: unknown): string => (typeof value === 'string' && !isJson(value) ? value : JSON.stringify(value));

/** The Studio's host. `onDidNavigate` tells the page that is to be shown now. */
export async function startInBrowser(): Promise<{ host: Host; address: PageAddress; onDidNavigate: Event<PageAddress> }> {
  const navigated = new Emitter<PageAddress>();
  const state = new PageState({
    read(key) {
      const text = new URLSearchParams(location.search).get(key);
      if (text === null) return undefined;
      try {
        return JSON.parse(text);
      } catch {
        // Plain words are written without quotes, to be read by people.
        return text;
      }
    },
    write(key, value) {
      const query = new URLSearchParams(location.search);
      if (value === undefined) query.delete(key);
      else query.set(key, inAddress(value));
      history.replaceState(null, '', `${location.pathname}${query.size ? `?${query}` : ''}`);
    },
  });
  window.addEventListener('popstate', () => {
    navigated.fire(addressOf(location.pathname));
    state.replaced();
  });
  const client = new PlaneClient({ url: location.origin, token: await studioToken() });
  const host: Host = {
    kind: 'browser',
    client,
    feed: pageFeed(client.http, addressOf(location.pathname).page === 'runs' ? gatheredMs : undefined),
    state,
    href: hrefOf,
    open(address) {
      history.pushState(null, '', hrefOf(address));
      window.scrollTo(0, 0);
      navigated.fire(addressOf(location.pathname));
      state.replaced();
    },
  };
  return { host, address: addressOf(location.pathname), onDidNavigate: navigated.event };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
