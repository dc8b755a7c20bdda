import { EventEmitter, ThemeColor, ThemeIcon, type TreeDataProvider, TreeItem, TreeItemCollapsibleState } from 'vscode';
import type { Disposable } from '../../base/disposable.ts';
import type { Event } from '../../base/event.ts';
import { messageOf } from '../../base/userError.ts';

/** Stands where children could not be read. A click tries again. */
export interface ErrorNode {
  readonly kind: 'error';
  readonly error: unknown;
}

/** What a view says about its nodes. Reading is the state's business: `children` only asks it. */
export interface Tree<N extends object> {
  children(node: N | undefined): Promise<readonly N[]>;
  item(node: N): TreeItem;
  /** Fills in what costs something and is seen only on hover. */
  resolve?(node: N, item: TreeItem): void;
  parent(node: N): N | undefined;
  onDidChange: Event<N | undefined>;
}

/** Shows a `Tree` in the editor. When the roots can't be read the view stays empty and its welcome text says why. */
export class TreeProvider<N extends object> implements TreeDataProvider<N | ErrorNode>, Disposable {
  private readonly changes = new EventEmitter<N | undefined>();
  readonly onDidChangeTreeData = this.changes.event;
  private readonly subscription: Disposable;
  private readonly tree: Tree<N>;
  private readonly onError: (error: unknown) => void;

  constructor(tree: Tree<N>, onError: (error: unknown) => void) {
    this.tree = tree;
    this.onError = onError;
    this.subscription = tree.onDidChange((node) => this.changes.fire(node));
  }

  async getChildren(node?: N | ErrorNode): Promise<(N | ErrorNode)[]> {
    if (node && isError(node)) return [];
    try {
      return [...(await this.tree.children(node))];
    } catch (error) {
      this.onError(error);
      return node ? [{ kind: 'error', error }] : [];
    }
  }

  getTreeItem(node: N | ErrorNode): TreeItem {
    return isError(node) ? errorItem(node.error) : this.tree.item(node);
  }

  resolveTreeItem(item: TreeItem, node: N | ErrorNode): TreeItem {
    if (!isError(node)) this.tree.resolve?.(node, item);
    return item;
  }

  getParent(node: N | ErrorNode): N | undefined {
    return isError(node) ? undefined : this.tree.parent(node);
  }

  dispose(): void {
    this.subscription.dispose();
    this.changes.dispose();
  }
}

const isError = (node: object): node is ErrorNode => 'kind' in node && node.kind === 'error';

function errorItem(error: unknown): TreeItem {
  const item = new TreeItem(messageOf(error).split('\n')[0]!, TreeItemCollapsibleState.None);
  item.iconPath = new ThemeIcon('error', new ThemeColor('testing.iconFailed'));
  item.tooltip = messageOf(error);
  item.command = { command: 'updraft.plane.retry', title: 'Try again' };
  return item;
}

/** The last line of a list that goes on. */
export function moreItem(node: object): TreeItem {
  const item = new TreeItem('Load more…', TreeItemCollapsibleState.None);
  item.iconPath = new ThemeIcon('ellipsis');
  item.command = { command: 'updraft.view.loadMore', title: 'Load more', arguments: [node] };
  return item;
}

/** A line that only tells a fact. */
export function factItem(label: string, description: string, icon: string): TreeItem {
  const item = new TreeItem(label, TreeItemCollapsibleState.None);
  item.description = description;
  item.iconPath = new ThemeIcon(icon);
  item.tooltip = `${label}: ${description}`;
  return item;
}
