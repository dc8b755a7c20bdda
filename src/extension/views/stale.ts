import { type Disposable, ThemeColor, ThemeIcon, type TreeItem, Uri, window } from 'vscode';

const scheme = 'updraft-stale';

/** What is shown of a plane that does not answer is grey, and can still be read. */
export const staleColor = new ThemeColor('updraft.stale');

/** A row with this address is drawn as stale. */
export const staleUri = (id: string): Uri => Uri.from({ scheme, path: `/${id}` });

/** A row as it was drawn, in grey and without motion. */
export function staleItem(item: TreeItem): TreeItem {
  item.resourceUri = staleUri(item.id ?? String(item.label ?? ''));
  if (item.iconPath instanceof ThemeIcon) item.iconPath = new ThemeIcon(item.iconPath.id.replace(/~.*$/, ''), staleColor);
  return item;
}

/** Draws stale rows in grey: their labels are coloured by nothing else. */
export const staleRows = (): Disposable =>
  window.registerFileDecorationProvider({
    provideFileDecoration: (uri) =>
      uri.scheme === scheme ? { color: staleColor, tooltip: 'The control plane does not answer: this is what it was like.' } : undefined,
  });
