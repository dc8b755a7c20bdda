import { Emitter, type Event } from '../../../src/base/event.ts';
import { allPages, PlaneClient } from '../../../src/client/planeClient.ts';
import { whomToAsk } from '../../../src/client/whomToAsk.ts';
import { defaultWorkspace } from '../../../src/protocol/arm.ts';
import { pageOfPath, pathOfPage, stateText, stateValue } from '../../../src/protocol/pageLink.ts';
import type { WhoAsks } from '../../../src/protocol/signIn.ts';
import { isPersonalToken } from '../../../src/protocol/team.ts';
import type { PageAddress } from '../../../src/protocol/webview.ts';
import { pageFeed } from '../live/pageFeed.ts';
import type { Access, Host } from './host.ts';
import { PageState, privateKeys } from './pageState.ts';
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

/** What is for nobody else is kept for this tab, and never stands in an address. */
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

const workspaceKey = 'workspace';

/** An address of the Studio that says which workspace it is about. */
export function inWorkspace(path: string, workspace: string): string {
  const [place = '', query] = path.split('?');
  const values = new URLSearchParams(query);
  values.set(workspaceKey, workspace);
  return `${place}?${values}`;
}

/** Who looks at the page, and whether the workspace that is meant is for them. Asked without a workspace: one that is not for them answers nothing. */
async function lookUpMember(
  { url, token }: { url: string; token: string },
  named: string | undefined,
): Promise<{ member?: WhoAsks; access?: Access }> {
  const client = new PlaneClient({ url, token });
  try {
    const member = await client.whoAsks();
    const workspace = named ?? member.workspace?.workspace ?? defaultWorkspace.workspace;
    const asked = await whomToAsk(client.http, workspace);
    const others = asked.seesWorkspace ? [] : await Array.fromAsync(allPages((next) => client.listWorkspaces(next)));
    return { member, access: { ...asked, workspace, others: others.map(({ name }) => name) } };
  } catch {
    // What lets nobody in any more is told by the page.
    return {};
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
  // Which workspace is shown to a member, the plane says: it may be that there is one only.
  const isMember = connection.token === '' ? isSignedIn() : isPersonalToken(connection.token);
  const { member, access } = isMember ? await lookUpMember(connection, workspace?.workspace) : {};
  const client = new PlaneClient(connection, workspace ?? { ...defaultWorkspace, ...member?.workspace });
  // A member may see several workspaces: an address that is copied says which one is meant.
  const href = (address: PageAddress) => (access ? inWorkspace(hrefOf(address), access.workspace) : hrefOf(address));
  if (access) history.replaceState(history.state, '', inWorkspace(location.pathname + location.search, access.workspace));
  const host: Host = {
    kind: 'browser',
    client,
    feed: pageFeed(client.http),
    ...(member ? { member } : {}),
    ...(access ? { access } : {}),
    state,
    withheld: new Withheld(),
    kept: () => ({
      ...Object.fromEntries(
        [...new URLSearchParams(location.search)].filter(([key]) => key !== workspaceKey).map(([key, text]) => [key, stateValue(text)]),
      ),
      ...longValues(),
    }),
    href,
    open(address) {
      history.pushState(null, '', href(address));
      window.scrollTo(0, 0);
      navigated.fire(addressOf(location.pathname));
      state.replaced();
    },
    reload: () => location.reload(),
  };
  return { host, address: addressOf(location.pathname), onDidNavigate: navigated.event };
}
