import { MarkdownString, ThemeIcon, TreeItem, TreeItemCollapsibleState } from 'vscode';
import type { ModelVersion } from '../../protocol/asset.ts';
import { jobProperty } from '../../protocol/job.ts';
import type { AssetNode, AssetsNode, NamedKind, VersionNode } from '../state/assets.ts';
import { clockTime } from './jobItem.ts';
import { moreItem } from './tree.ts';

const icons: Record<NamedKind, string> = {
  models: 'package',
  data: 'database',
  environments: 'symbol-namespace',
  components: 'extensions',
};
export const assetTitles: Record<NamedKind, string> = {
  models: 'Models',
  data: 'Data',
  environments: 'Environments',
  components: 'Components',
};
const singular: Record<NamedKind, string> = { models: 'model', data: 'data', environments: 'environment', components: 'component' };

const aliasesOf = (node: VersionNode) => (node.of === 'models' ? ((node.resource as ModelVersion).properties.aliases ?? []) : []);
/** The job that made a version, where there was one. */
export const jobOf = ({ of, resource }: VersionNode): string | undefined =>
  (of === 'models' ? (resource as ModelVersion).properties.jobName : undefined) ??
  resource.properties.properties?.['azureml.jobName'] ??
  undefined;

/** Tells apart assets of one name in several registries. */
const placeOf = ({ registry }: AssetNode): string => (registry === undefined ? '' : `${registry}/`);

/** A named asset or one of its versions. `contextValue` is `asset;{kind}` or `version;{kind}`, then `;job` where a job made it. */
export function assetItem(node: AssetsNode): TreeItem {
  if (node.kind === 'moreAssets') return moreItem(node);
  if (node.kind === 'asset') {
    const item = new TreeItem(node.name, TreeItemCollapsibleState.Collapsed);
    item.id = `${placeOf(node)}${node.of}:${node.name}`;
    item.iconPath = new ThemeIcon(icons[node.of]);
    item.description = node.container.properties.latestVersion ? `latest ${node.container.properties.latestVersion}` : '';
    item.contextValue = `asset;${node.of}`;
    return item;
  }
  const item = new TreeItem(`Version ${node.version}`, TreeItemCollapsibleState.None);
  item.id = `${placeOf(node.asset)}${node.of}:${node.asset.name}:${node.version}`;
  item.iconPath = new ThemeIcon('tag');
  const created = node.resource.systemData?.createdAt;
  item.description = [...aliasesOf(node).map((alias) => `@${alias}`), created && clockTime(created)].filter(Boolean).join(' · ');
  // What made it, and what it is called beside its version, a workspace alone knows.
  const isShared = node.asset.registry !== undefined;
  item.contextValue = [
    'version',
    node.of,
    ...(jobOf(node) && !isShared ? ['job'] : []),
    ...(aliasesOf(node).length ? ['aliased'] : []),
  ].join(';');
  item.command = { command: node.of === 'models' ? 'updraft.model.open' : 'updraft.asset.open', title: 'Open', arguments: [node] };
  return item;
}

/** Lineage, tags and description of a version on hover. */
export function assetTooltip(node: AssetsNode): MarkdownString | undefined {
  if (node.kind !== 'version') return undefined;
  const { properties } = node.resource;
  const text = new MarkdownString('', true);
  const row = (label: string, value: string | undefined | null) => {
    if (value) text.appendMarkdown(`\n\n${label}: `).appendText(value);
  };
  text.appendMarkdown('**').appendText(`${node.asset.name}:${node.version}`).appendMarkdown('** ').appendText(singular[node.of]);
  row('Description', properties.description);
  row('Type', 'modelType' in properties ? properties.modelType : 'dataType' in properties ? properties.dataType : undefined);
  row('Aliases', aliasesOf(node).join(', '));
  row(
    'Tags',
    Object.entries(properties.tags ?? {})
      .map(([key, value]) => (value ? `${key}=${value}` : key))
      .join(', '),
  );
  row('Registry', node.asset.registry);
  row('Made by job', node.asset.registry === undefined ? jobOf(node) : undefined);
  row('Commit', properties.properties?.[jobProperty.gitCommit]);
  row('Image', 'image' in properties ? properties.image : undefined);
  row('Path', 'modelUri' in properties ? properties.modelUri : 'dataUri' in properties ? properties.dataUri : undefined);
  return text;
}
