import { env } from 'vscode';
import { pathOfPage } from '../../protocol/pageLink.ts';
import type { PageAddress } from '../../protocol/webview.ts';
import type { App } from './command.ts';

/** As in the package. */
const extensionId = 'updraft.updraft';

/** The link to a page of the current workspace: for VS Code, or for the Studio of its plane. The plane must have been connected to. */
export function linkTo({ plane, current }: App, address: PageAddress, to: 'editor' | 'studio' = 'editor'): string {
  const path = pathOfPage(address);
  const { plane: url, workspace } = current.place;
  const query = new URLSearchParams(path.split('?')[1] ?? '');
  if (url !== undefined) query.set('workspace', workspace);
  if (url !== undefined && to === 'editor') query.set('plane', url);
  const full = `${path.split('?')[0]}${query.size ? `?${query}` : ''}`;
  return to === 'studio' ? `${plane.connection!.url}/studio${full}` : `${env.uriScheme}://${extensionId}${full}`;
}
