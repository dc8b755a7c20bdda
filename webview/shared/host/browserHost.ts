import { Emitter, type Event } from '../../../src/base/event.ts';
import { PlaneClient } from '../../../src/client/planeClient.ts';
import { defaultWorkspace } from '../../../src/protocol/arm.ts';
import { pageOfPath, pathOfPage, stateText, stateValue } from '../../../src/protocol/pageLink.ts';
import { isPersonalToken } from '../../../src/protocol/team.ts';
import type { PageAddress } from '../../../src/protocol/webview.ts';
import { pageFeed } from '../live/pageFeed.ts';
import type { Host } from './host.ts';
import { PageState } from './pageState.ts';
import { isSignedIn, studioToken } from './studioToken.ts';
import { studioWorkspace } from './studioWorkspace.ts';
import { Withheld } from './withheld.ts';

const root = '/studio';

/** A page of the Studio, by its address in the browser: `/studio/jobs/NAME`, `/studio/models/NAME`, `/studio/runs/EXPERIMENT`, or a list. */
export const addressOf = (pathname: string): PageAddress => pageOfPath(pathname.slice(root.length)) ?? { page: 'jobs', name: '' };

const hrefOf = (address: PageAddress): string => root + pathOfPage(address);

/** Most characters of a value that is put in the address, since servers refuse long addresses. A longer value is kept in the browser's history instead, where it also survives a reload. */
const longestInAddress = 4000;
const longValues = (): Record<string, unknown> => (history.state as { long?: Record<string, unknown> } | null)?.long ?? {};

/** What begins so is for nobody else: it is kept for this tab, and never stands in an address. */
const privateKeys = 'private.';
const keptBy = 'updraft.';
function keepInTab(key: string, value: unknown): void {
  try {
    if (value === undefined) sessionStorage.removeItem(keptBy + key);
    else sessionStorage.setItem(keptBy + key, JSON.stringify(value));
  } catch {
    // More than a browser keeps for a tab: the older state would be a wrong one.
    sessionStorage.removeItem(keptBy + key);
  }
}

/** The Studio's host. `onDidNavigate` tells the page that is to be shown now. */
export async function startInBrowser(): Promise<{ host: Host; address: PageAddress; onDidNavigate: Event<PageAddress> }> {
  const navigated = new Emitter<PageAddress>();
  const state = new PageState({
    read(key) {
      if (key.startsWith(privateKeys)) return stateValue(sessionStorage.getItem(keptBy + key) ?? 'null');
      const kept = longValues()[key];
      if (kept !== undefined) return kept;
      const text = new URLSearchParams(location.search).get(key);
      return text === null ? undefined : stateValue(text);
    },
    write(key, value) {
      if (key.startsWith(privateKeys)) return keepInTab(key, value);
      const query = new URLSearchParams(location.search);
      const { [key]: _old, ...long } = longValues();
      const text = value === undefined ? undefined : stateText(value);
      if (text !== undefined && text.length <= longestInAddress) query.set(key, text);
      else {
        query.delete(key);
        if (text !== undefined) long[key] = value;
      }
      history.replaceState(Object.keys(long).length > 0 ? { long } : null, '', `${location.pathname}${query.size ? `?${query}` : ''}`);
    },
  });
  window.addEventListener('popstate', () => {
    navigated.fire(addressOf(location.pathname));
    state.replaced();
  });
  const workspace = studioWorkspace();
  const connection = { url: location.origin, token: await studioToken(), ...(workspace ? { workspace: workspace.workspace } : {}) };
  // Which workspace is shown to a member, the plane says: it may be that there is one only. What lets nobody in any more is told by the page.
  const isMember = connection.token === '' ? isSignedIn() : isPersonalToken(connection.token);
  const member = isMember ? await new PlaneClient(connection).whoAsks().catch(() => undefined) : undefined;
  const client = new PlaneClient(connection, workspace ?? { ...defaultWorkspace, ...member?.workspace });
  const host: Host = {
    kind: 'browser',
    client,
    feed: pageFeed(client.http),
    ...(member ? { member } : {}),
    state,
    withheld: new Withheld(),
    kept: () => ({
      ...Object.fromEntries([...new URLSearchParams(location.search)].map(([key, text]) => [key, stateValue(text)])),
      ...longValues(),
    }),
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
