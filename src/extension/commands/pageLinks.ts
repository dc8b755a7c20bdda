import { env } from 'vscode';
import { UserError } from '../../base/userError.ts';
import { planeAddress } from '../../client/findSharedPlane.ts';
import { pathOfPage } from '../../protocol/pageLink.ts';
import type { PageAddress } from '../../protocol/webview.ts';
import { type Place, placeOf } from '../state/planes/place.ts';
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

/** The place that a link names, and what else its query has. A link that names none is about the workspace of whoever opens it. */
export function placeInLink(query: string): { place: Place | undefined; rest: string } {
  const parts = new URLSearchParams(query);
  const [plane, workspace] = [parts.get('plane'), parts.get('workspace')];
  parts.delete('plane');
  parts.delete('workspace');
  if (plane === null) return { place: undefined, rest: String(parts) };
  const place = placeOf(`${planeAddress(plane)}/${workspace ?? ''}`);
  if (!place)
    throw new UserError('InvalidArgument', 'The link names no workspace.', 'Ask for a new link: "Copy Link" on the row of the job.');
  return { place, rest: String(parts) };
}
