import { commands, type Disposable, Uri, type Webview } from 'vscode';
import { check } from '../../protocol/check.ts';
import { FromWebview, type PageAddress, type ToWebview } from '../../protocol/webview.ts';
import type { WorkspacePermissions } from '../state/permissions.ts';
import type { PlaneConnection } from '../state/planeConnection.ts';
import { type Bundle, pageHtml } from './pageHtml.ts';
import { PlaneBridge } from './planeBridge.ts';

export interface ServedPage extends Disposable {
  /** Tells the page of another place, or another page where it can show one. */
  navigate(address: PageAddress): void;
  /** Begins anew, about the workspace that is the current one now. */
  reload(): void;
}

interface PageOptions {
  bundle: Bundle;
  title: string;
  extensionUri: Uri;
  plane: PlaneConnection;
  permissions: WorkspacePermissions;
  /** What to show, asked for whenever the page starts: also after it was hidden. */
  address(): PageAddress;
  onError(error: unknown): void;
  /** The person's own token of the Hugging Face Hub. */
  hubToken?: () => PromiseLike<string | undefined>;
}

/** Shows a page in a webview, and is the other side of its messages. */
export function servePage(
  webview: Webview,
  { bundle, title, extensionUri, plane, permissions, address, onError, hubToken }: PageOptions,
): ServedPage {
  webview.options = { enableScripts: true, localResourceRoots: [Uri.joinPath(extensionUri, 'dist', 'webview')] };
  const post = (message: ToWebview) => {
    webview.postMessage(message).then(undefined, onError);
  };
  const tellRights = () => post({ type: 'withheld', rights: [...permissions.withheld] });
  const rights = permissions.onDidChange(tellRights);
  let bridge = new PlaneBridge(plane, post, hubToken);
  webview.onDidReceiveMessage((data) => {
    try {
      const message = check(FromWebview, data, 'A message of a page');
      if (message.type === 'ready') {
        // A page that was hidden starts anew; what its former self asked for is of no use to it.
        bridge.dispose();
        bridge = new PlaneBridge(plane, post, hubToken);
        post({ type: 'init', address: address(), workspace: plane.workspace });
        tellRights();
      } else if (message.type === 'reload') reload();
      else if (message.type === 'fetch') bridge.fetch(message).catch(onError);
      else if (message.type === 'abort') bridge.abort(message.id);
      else commands.executeCommand('updraft.page.command', message.command, message.args).then(undefined, onError);
    } catch (error) {
      onError(error);
    }
  });
  const reload = () => {
    bridge.dispose();
    webview.html = pageHtml(webview, extensionUri, bundle, title);
  };
  reload();
  return {
    navigate: (to) => post({ type: 'navigate', address: to }),
    reload,
    dispose() {
      rights.dispose();
      bridge.dispose();
    },
  };
}
