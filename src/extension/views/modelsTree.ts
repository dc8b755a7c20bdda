import type { AssetsNode, AssetsState } from '../state/assets.ts';
import { assetItem, assetTooltip } from './assetItem.ts';
import type { Tree } from './tree.ts';

/** Registered models and their versions. */
export const modelsTree = (models: AssetsState): Tree<AssetsNode> => ({
  onDidChange: models.onDidChange,
  children: async (node) => (node ? (node.kind === 'asset' ? models.versionsOf(node) : []) : models.roots()),
  parent: (node) => (node.kind === 'version' ? node.asset : node.kind === 'moreAssets' ? node.asset : undefined),
  item: assetItem,
  resolve(node, item) {
    const tooltip = assetTooltip(node);
    if (tooltip) item.tooltip = tooltip;
  },
});
