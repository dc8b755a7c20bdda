import { ThemeIcon, TreeItem, TreeItemCollapsibleState } from 'vscode';
import { Emitter } from '../../base/event.ts';
import type { AssetNode, AssetsNode, AssetsState } from '../state/assets.ts';
import { assetItem, assetTitles, assetTooltip } from './assetItem.ts';
import type { Tree } from './tree.ts';

export interface AssetGroup {
  readonly kind: 'group';
  readonly state: AssetsState;
}

/** Data, environments and components, each with its names and their versions. Empty as long as all three are. */
export function assetsTree(states: readonly AssetsState[]): Tree<AssetsNode | AssetGroup> {
  const groups = states.map((state): AssetGroup => ({ kind: 'group', state }));
  const stateOf = (node: AssetsNode) => states.find((state) => state.kind === node.of)!;
  const groupOf = (node: AssetsNode) => groups.find((group) => group.state.kind === node.of)!;
  const changed = new Emitter<AssetsNode | AssetGroup | undefined>();
  // Whether the groups themselves are shown depends on what is in them.
  for (const state of states) state.onDidChange((node) => changed.fire(node));
  return {
    onDidChange: changed.event,
    async children(node) {
      if (!node) {
        const filled = await Promise.all(groups.map(async (group) => (await group.state.roots()).length > 0));
        return filled.includes(true) || states.some((state) => state.search) ? groups : [];
      }
      if (node.kind === 'group') return node.state.roots();
      return node.kind === 'asset' ? stateOf(node).versionsOf(node) : [];
    },
    parent: (node) => (node.kind === 'group' ? undefined : node.kind === 'asset' ? groupOf(node) : (parentAsset(node) ?? groupOf(node))),
    item(node) {
      if (node.kind !== 'group') return assetItem(node);
      const item = new TreeItem(assetTitles[node.state.kind], TreeItemCollapsibleState.Collapsed);
      item.id = `group:${node.state.kind}`;
      item.iconPath = new ThemeIcon('folder');
      item.contextValue = `group;${node.state.kind}`;
      return item;
    },
    resolve(node, item) {
      const tooltip = node.kind === 'group' ? undefined : assetTooltip(node);
      if (tooltip) item.tooltip = tooltip;
    },
  };
}

const parentAsset = (node: AssetsNode): AssetNode | undefined =>
  node.kind === 'version' || node.kind === 'moreAssets' ? node.asset : undefined;
