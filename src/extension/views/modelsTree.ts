import { Emitter } from '../../base/event.ts';
import type { AssetsNode, AssetsState } from '../state/assets.ts';
import type { DownloadNode, LocalModelNode, MachineModels, MachineModelsNode } from '../state/machineModels.ts';
import { assetItem, assetTooltip } from './assetItem.ts';
import { localModelItem, localModelTooltip } from './localModelItem.ts';
import type { Tree } from './tree.ts';

export type ModelsNode = AssetsNode | MachineModelsNode | LocalModelNode | DownloadNode;

const isAsset = (node: ModelsNode): node is AssetsNode => node.kind === 'asset' || node.kind === 'version' || node.kind === 'moreAssets';

/** Models in files of this machine, where there are any, then registered models and their versions. */
export function modelsTree(models: AssetsState, machine: MachineModels): Tree<ModelsNode> {
  const group: MachineModelsNode = { kind: 'machineModels', isShared: false, count: 0 };
  const changed = new Emitter<ModelsNode | undefined>();
  models.onDidChange((node) => changed.fire(node));
  // Whether the group itself is shown depends on what is in it.
  machine.onDidChange(() => changed.fire(group.count > 0 ? group : undefined));
  return {
    onDidChange: changed.event,
    async children(node) {
      if (!node) {
        const [registered, ours] = await Promise.all([models.roots(), machine.nodes()]);
        group.count = ours.length;
        group.isShared = machine.isShared;
        return group.count > 0 ? [group, ...registered] : registered;
      }
      if (node.kind === 'asset') return models.versionsOf(node);
      if (node.kind !== 'machineModels') return [];
      const ours = await machine.nodes();
      group.count = ours.length;
      if (group.count === 0) changed.fire(undefined);
      return ours;
    },
    parent: (node) =>
      node.kind === 'localModel' || node.kind === 'download'
        ? group
        : node.kind === 'version' || node.kind === 'moreAssets'
          ? node.asset
          : undefined,
    item: (node) => (isAsset(node) ? assetItem(node) : localModelItem(node)),
    resolve(node, item) {
      const tooltip = isAsset(node) ? assetTooltip(node) : localModelTooltip(node);
      if (tooltip) item.tooltip = tooltip;
    },
  };
}
