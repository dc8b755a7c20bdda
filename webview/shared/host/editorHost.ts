import { Emitter, type Event } from '../../../src/base/event.ts';
import { PlaneClient } from '../../../src/client/planeClient.ts';
import { assetOfPage } from '../../../src/protocol/assetPage.ts';
import type { FromWebview, PageAddress, ToWebview, WebviewCommand } from '../../../src/protocol/webview.ts';
import { pageFeed } from '../live/pageFeed.ts';
import type { Host } from './host.ts';
import { MessageFetch } from './messageFetch.ts';
import { PageState, privateKeys } from './pageState.ts';
import { Withheld } from './withheld.ts';

interface EditorApi {
  postMessage(message: FromWebview): void;
  getState(): unknown;
  setState(state: unknown): void;
}
declare function acquireVsCodeApi(): EditorApi;

/** The address stands for a host that only the other side of the messages knows. */
const nowhere = 'http://plane';

/** Starts a page inside the editor: settles when the editor has said which one. `onDidNavigate` tells where the editor wants it to go. */
export function startInEditor(
  options: Parameters<typeof pageFeed>[1] = {},
): Promise<{ host: Host; address: PageAddress; onDidNavigate: Event<PageAddress> }> {
  const api = acquireVsCodeApi();
  const messages = new MessageFetch((message) => api.postMessage(message));
  const navigated = new Emitter<PageAddress>();
  const withheld = new Withheld();
  let kept = (api.getState() ?? {}) as Record<string, unknown>;
  const state = new PageState({
    read: (key) => kept[key],
    write: (key, value) => {
      const { [key]: _old, ...rest } = kept;
      kept = value === undefined ? rest : { ...rest, [key]: value };
      api.setState(kept);
    },
  });

  return new Promise((resolve) => {
    window.addEventListener('message', ({ data }: MessageEvent<ToWebview>) => {
      if (typeof data !== 'object' || data === null || messages.receive(data)) return;
      if (data.type === 'navigate') {
        for (const [key, value] of Object.entries(stateOf(data.address))) state.set(key, value, undefined);
        navigated.fire(data.address);
      }
      if (data.type === 'withheld') withheld.set(data.rights);
      if (data.type !== 'init') return;
      const { address } = data;
      // The editor restores a tab by what the page kept, and asks for `address` in it.
      kept = {
        ...stateOf(address),
        ...kept,
        address: { page: address.page, name: address.name, ...(address.registry === undefined ? {} : { registry: address.registry }) },
      };
      api.setState(kept);
      const client = new PlaneClient({ url: nowhere, token: 'kept-by-the-editor', fetch: messages.fetch }, data.workspace);
      const host: Host = {
        kind: 'editor',
        client,
        feed: pageFeed(client.http, options),
        state,
        withheld,
        kept: () => Object.fromEntries(Object.entries(kept).filter(([key]) => key !== 'address' && !key.startsWith(privateKeys))),
        href: () => '#',
        open: ({ page, name, registry, tab, version, state }) =>
          api.postMessage({
            type: 'command',
            command: commandOf(page),
            args: {
              name,
              ...(assetOfPage(page) ? { page } : {}),
              ...(registry === undefined ? {} : { registry }),
              ...(tab ? { tab } : {}),
              ...(version ? { version } : {}),
              ...(state ? { state: JSON.stringify(state) } : {}),
            },
          }),
        reload: () => api.postMessage({ type: 'reload' }),
        command: (command, args) => api.postMessage({ type: 'command', command, args }),
      };
      resolve({ host, address, onDidNavigate: navigated.event });
    });
    api.postMessage({ type: 'ready' });
  });
}

/** What opens a page. */
function commandOf(page: PageAddress['page']): WebviewCommand {
  if (page === 'model') return 'model.open';
  if (page === 'runs' || page === 'playground' || page === 'models' || page === 'endpoint' || page === 'finetuning') return `${page}.open`;
  return assetOfPage(page) ? 'asset.open' : 'job.open';
}

/** What an address says of what the page keeps. */
const stateOf = ({ state, tab, version }: PageAddress): Record<string, unknown> => ({
  ...state,
  ...(tab ? { tab } : {}),
  ...(version ? { version } : {}),
});
