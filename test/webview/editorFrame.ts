import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Bundle } from '../../src/extension/panels/pageHtml.ts';
import { openTab, type Tab } from './browser.ts';
import { type ThemeName, themeCss } from './themes.ts';

const origin = 'http://editor.test';
const file = (name: string) => readFileSync(path.resolve(import.meta.dirname, '../../dist/webview', name));

export interface Frame extends Tab {
  /** The page's kept state, as the editor would hand it back after a reload. */
  state(): Promise<Record<string, unknown>>;
  reload(): Promise<void>;
  /** As the editor tells a page of another theme: its variables and the class of the body. */
  setTheme(theme: ThemeName): Promise<void>;
  /** Sends a message to the page; those that were sent before arrive first. */
  send(message: object): Promise<void>;
}

/**
 * A page as a VS Code panel shows it: the bundle under the panel's content security policy, with `acquireVsCodeApi`. `onMessage` takes what the page posts, from
 * the first moment on, and what answers it.
 */
export async function openFrame(
  bundle: Bundle,
  { theme = 'dark', ...options }: { theme?: ThemeName; width?: number; height?: number },
  onMessage: (message: unknown, send: (message: object) => void) => unknown,
): Promise<Frame> {
  const tab = await openTab({ ...options, scheme: theme === 'light' ? 'light' : 'dark' });
  const { page } = tab;
  // Messages keep their order through a queue, as the editor's own channel does.
  let queue = Promise.resolve();
  const post = (message: object & { data?: Uint8Array }) => {
    const bytes = message.data === undefined ? undefined : Buffer.from(message.data).toString('base64');
    const plain = bytes === undefined ? message : { ...message, data: undefined };
    queue = queue
      .then(() => page.evaluate(([each, data]) => (globalThis as any).__receive(each, data), [plain, bytes] as const))
      .catch(() => {});
  };
  await page.exposeFunction('__post', (message: unknown) => void onMessage(message, post));
  await page.route(`${origin}/**`, (route) => {
    const name = new URL(route.request().url()).pathname.slice(1);
    if (name === '') return route.fulfill({ contentType: 'text/html', body: html(bundle, theme) });
    if (name === 'host.js') return route.fulfill({ contentType: 'text/javascript', body: hostScript });
    if (name === 'theme.css') return route.fulfill({ contentType: 'text/css', body: themeCss(theme) });
    const types: Record<string, string> = { js: 'text/javascript', css: 'text/css', ttf: 'font/ttf' };
    return route.fulfill({ contentType: types[name.split('.').pop()!]!, body: file(name) });
  });
  await page.goto(`${origin}/`);
  return {
    ...tab,
    state: () => page.evaluate(() => JSON.parse(sessionStorage.getItem('state') ?? '{}')),
    reload: async () => void (await page.reload()),
    setTheme: async (next) => {
      await page.emulateMedia({ colorScheme: next === 'light' ? 'light' : 'dark' });
      const look = [themeCss(next), classOf[next]] as const;
      await page.evaluate(([css, name]) => {
        const sheet = new CSSStyleSheet();
        sheet.replaceSync(css);
        document.adoptedStyleSheets = [sheet];
        document.body.className = name;
      }, look);
    },
    send: async (message) => {
      post(message);
      await queue;
    },
  };
}

const classOf: Record<ThemeName, string> = { dark: 'vscode-dark', light: 'vscode-light', contrast: 'vscode-high-contrast' };

const html = (bundle: string, theme: ThemeName) => `<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'nonce-test'; style-src ${origin} 'unsafe-inline'; img-src ${origin} blob: data:; font-src ${origin}">
<link rel="stylesheet" href="/theme.css"><link rel="stylesheet" href="/${bundle}.css"><title>Page</title>
<style>html { background: var(--vscode-${bundle === 'selectedJob' ? 'sideBar' : 'editor'}-background); }</style></head>
<body class="${classOf[theme]}">
<div id="root"></div><script nonce="test" src="/host.js"></script><script nonce="test" type="module" src="/${bundle}.js"></script></body></html>`;

/** VS Code's side inside the frame: what it injects before the page's own script. */
const hostScript = `
globalThis.__receive = (message, data) => {
  if (data !== undefined) message.data = Uint8Array.from(atob(data), (each) => each.charCodeAt(0));
  window.dispatchEvent(new MessageEvent('message', { data: message }));
};
globalThis.acquireVsCodeApi = () => ({
  postMessage: (message) => void globalThis.__post(message),
  getState: () => JSON.parse(sessionStorage.getItem('state') ?? 'null') ?? undefined,
  setState: (state) => sessionStorage.setItem('state', JSON.stringify(state)),
});`;
