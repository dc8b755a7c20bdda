import { commands, type Disposable, Uri, ViewColumn, type WebviewPanel, type WebviewPanelSerializer, window } from 'vscode';
import { defaultWorkspace } from '../../protocol/arm.ts';
import { check } from '../../protocol/check.ts';
import { FromWebview, PageAddress, type ToWebview } from '../../protocol/webview.ts';
import type { PlaneConnection } from '../state/planeConnection.ts';
import { pageHtml } from './pageHtml.ts';
import { PlaneBridge } from './planeBridge.ts';

export const panelType = 'updraft.page';

/** Dashboards in editor tabs: one for each job or model, brought back by the editor after a reload. */
export class PagePanels implements WebviewPanelSerializer, Disposable {
  private readonly panels = new Map<string, WebviewPanel>();
  private readonly extensionUri: Uri;
  private readonly plane: PlaneConnection;
  private readonly onError: (error: unknown) => void;
  private readonly registration: Disposable;

  constructor(extensionUri: Uri, plane: PlaneConnection, onError: (error: unknown) => void) {
    this.extensionUri = extensionUri;
    this.plane = plane;
    this.onError = onError;
    this.registration = window.registerWebviewPanelSerializer(panelType, this);
  }

  /** Shows a page beside the editor, or the tab that shows it already. */
  open(address: PageAddress, title: string, { preserveFocus = false } = {}): void {
    const known = this.panels.get(keyOf(address));
    if (known) {
      known.reveal(undefined, preserveFocus);
      if (address.tab || address.state) this.post(known, { type: 'navigate', address });
      return;
    }
    const column = window.activeTextEditor ? ViewColumn.Beside : ViewColumn.Active;
    this.adopt(window.createWebviewPanel(panelType, title, { viewColumn: column, preserveFocus }, {}), address, title);
  }

  /** `state` is what the page kept: its address at least. */
  async deserializeWebviewPanel(panel: WebviewPanel, state: unknown): Promise<void> {
    try {
      const address = check(PageAddress, (state as { address?: unknown } | undefined)?.address, 'The kept page');
      this.adopt(panel, address, panel.title);
    } catch (error) {
      // Kept by another version: there is nothing to show.
      panel.dispose();
      this.onError(error);
    }
  }

  dispose(): void {
    this.registration.dispose();
    for (const panel of this.panels.values()) panel.dispose();
  }

  private post({ webview }: WebviewPanel, message: ToWebview): void {
    webview.postMessage(message).then(undefined, this.onError);
  }

  private adopt(panel: WebviewPanel, address: PageAddress, title: string): void {
    const key = keyOf(address);
    this.panels.set(key, panel);
    const { webview } = panel;
    webview.options = { enableScripts: true, localResourceRoots: [Uri.joinPath(this.extensionUri, 'dist', 'webview')] };
    panel.iconPath = Uri.joinPath(this.extensionUri, 'media', 'tab.svg');
    const post = (message: ToWebview) => this.post(panel, message);
    let bridge = new PlaneBridge(this.plane, post);
    webview.onDidReceiveMessage((data) => {
      try {
        const message = check(FromWebview, data, 'A message of a page');
        if (message.type === 'ready') {
          // A page that was hidden starts anew; what its former self asked for is of no use to it.
          bridge.dispose();
          bridge = new PlaneBridge(this.plane, post);
          post({ type: 'init', address, workspace: defaultWorkspace });
        } else if (message.type === 'fetch') bridge.fetch(message).catch(this.onError);
        else if (message.type === 'abort') bridge.abort(message.id);
        else commands.executeCommand(`updraft.page.command`, message.command, message.args).then(undefined, this.onError);
      } catch (error) {
        this.onError(error);
      }
    });
    panel.onDidDispose(() => {
      bridge.dispose();
      if (this.panels.get(key) === panel) this.panels.delete(key);
    });
    webview.html = pageHtml(webview, this.extensionUri, address.page === 'runs' ? 'runs' : 'job', title);
  }
}

const keyOf = ({ page, name }: PageAddress) => `${page}/${name}`;
