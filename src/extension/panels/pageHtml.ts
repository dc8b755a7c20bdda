import { randomBytes } from 'node:crypto';
import { Uri, type Webview } from 'vscode';

/** A page by the name of its script. */
export type Bundle = 'job' | 'runs' | 'graph' | 'playground' | 'models' | 'finetuning' | 'endpoint' | 'selectedJob';

/** The frame of a page: our bundle and nothing else may run; it reaches no host. */
export function pageHtml(webview: Webview, extensionUri: Uri, bundle: Bundle, title: string): string {
  const nonce = randomBytes(16).toString('base64');
  const asset = (name: string) => webview.asWebviewUri(Uri.joinPath(extensionUri, 'dist', 'webview', name)).toString();
  const policy = [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    // Chart and graph libraries place their elements by style attributes.
    `style-src ${webview.cspSource} 'unsafe-inline'`,
    `img-src ${webview.cspSource} blob: data:`,
    `font-src ${webview.cspSource}`,
  ].join('; ');
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="${asset(`${bundle}.css`)}">
<title>${escapeHtml(title)}</title>
</head>
<body>
<div id="root"></div>
<script nonce="${nonce}" type="module" src="${asset(`${bundle}.js`)}"></script>
</body>
</html>`;
}

const escapeHtml = (text: string) => text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
