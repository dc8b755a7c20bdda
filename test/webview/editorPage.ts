import { readFileSync } from 'node:fs';
import path from 'node:path';
import { PlaneBridge } from '../../src/extension/panels/planeBridge.ts';
import type { PlaneConnection } from '../../src/extension/state/planeConnection.ts';
import { defaultWorkspace } from '../../src/protocol/arm.ts';
import { check } from '../../src/protocol/check.ts';
import { FromWebview, type PageAddress, type ToWebview } from '../../src/protocol/webview.ts';
import type { TestPlane } from '../contract/plane.ts';
import { openTab, type Tab } from './browser.ts';
import { type ThemeName, themeCss } from './themes.ts';

const origin = 'http://editor.test';
const bundle = (name: string) => readFileSync(path.resolve(import.meta.dirname, '../../dist/webview', name));

export interface EditorTab extends Tab {
  /** What the page asked the editor for. */
  commands: { command: string; args: Record<string, string> }[];
  /** The page's kept state, as the editor would hand it back after a reload. */
  state(): Promise<Record<string, unknown>>;
  reload(): Promise<void>;
  send(message: ToWebview): Promise<void>;
}

/**
 * A page as a VS Code panel shows it: the bundle under the panel's content security policy, `acquireVsCodeApi`, and the extension's own bridge on the
 * other side of the messages.
 */
export async function openInEditor(
  plane: TestPlane,
  address: PageAddress,
  { theme = 'dark', ...options }: { theme?: ThemeName; width?: number; height?: number } = {},
): Promise<EditorTab> {
  const tab = await openTab({ ...options, scheme: theme === 'light' ? 'light' : 'dark' });
  const { page } = tab;
  const commands: EditorTab['commands'] = [];
  // Messages keep their order through a queue, as the editor's own channel does.
  let queue = Promise.resolve();
  const post = (message: ToWebview) => {
    const bytes = message.type === 'chunk' ? Buffer.from(message.data).toString('base64') : undefined;
    const plain = bytes === undefined ? message : { ...message, data: undefined };
    queue = queue
      .then(() => page.evaluate(([each, data]) => (globalThis as any).__receive(each, data), [plain, bytes] as const))
      .catch(() => {});
  };
  const connection = { client: async () => plane.client } as Pick<PlaneConnection, 'client'> as PlaneConnection;
  let bridge = new PlaneBridge(connection, post);
  await page.exposeFunction('__post', (data: unknown) => {
    const message = check(FromWebview, data, 'A message of a page');
    if (message.type === 'ready') {
      bridge.dispose();
      bridge = new PlaneBridge(connection, post);
      post({ type: 'init', address, workspace: defaultWorkspace });
    } else if (message.type === 'fetch') void bridge.fetch(message);
    else if (message.type === 'abort') bridge.abort(message.id);
    else commands.push(message);
  });
  page.on('close', () => bridge.dispose());

  await page.route(`${origin}/**`, (route) => {
    const name = new URL(route.request().url()).pathname.slice(1);
    if (name === '') return route.fulfill({ contentType: 'text/html', body: html(theme) });
    if (name === 'host.js') return route.fulfill({ contentType: 'text/javascript', body: hostScript });
    if (name === 'theme.css') return route.fulfill({ contentType: 'text/css', body: themeCss(theme) });
    const types: Record<string, string> = { js: 'text/javascript', css: 'text/css', ttf: 'font/ttf' };
    return route.fulfill({ contentType: types[name.split('.').pop()!]!, body: bundle(name) });
  });
  await page.goto(`${origin}/`);
  return {
    ...tab,
    commands,
    state: () => page.evaluate(() => JSON.parse(sessionStorage.getItem('state') ?? '{}')),
    reload: async () => void (await page.reload()),
    send: async (message) => {
      post(message);
      await queue;
    },
  };
}

const html = (theme: ThemeName) => `<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'nonce-test'; style-src ${origin} 'unsafe-inline'; img-src ${origin} blob: data:; font-src ${origin}">
<link rel="stylesheet" href="/theme.css"><link rel="stylesheet" href="/job.css"><title>Page</title></head>
<body class="${{ dark: 'vscode-dark', light: 'vscode-light', contrast: 'vscode-high-contrast' }[theme]}">
<div id="root"></div><script nonce="test" src="/host.js"></script><script nonce="test" src="/job.js"></script></body></html>`;

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
