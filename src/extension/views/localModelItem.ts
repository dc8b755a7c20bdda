import { MarkdownString, ThemeColor, ThemeIcon, TreeItem, TreeItemCollapsibleState } from 'vscode';
import { formatBytes, formatCount } from '../../base/text.ts';
import type { LocalModel, LocalModelFit, ModelDownload, ModelSpeed } from '../../protocol/localModels.ts';
import type { DownloadNode, LocalModelNode, MachineModelsNode } from '../state/machineModels.ts';

/** So many are shown from the start: more would hide the registered models below them. */
const mostOpen = 5;

/** Models in files of this machine. `contextValue` is `machineModels`; `localModel`, then `;runs`, `;chat` for one that a fine-tuning can begin with, and `;own`; or `download;running` or `download;stopped`. */
export function localModelItem(node: MachineModelsNode | LocalModelNode | DownloadNode): TreeItem {
  if (node.kind === 'machineModels') {
    const { Expanded, Collapsed } = TreeItemCollapsibleState;
    const item = new TreeItem(
      node.isShared ? 'On the machine of the plane' : 'On this machine',
      node.count > mostOpen ? Collapsed : Expanded,
    );
    item.id = 'machineModels';
    item.iconPath = new ThemeIcon('vm');
    item.contextValue = 'machineModels';
    return item;
  }
  return node.kind === 'download' ? downloadItem(node.download) : modelItem(node.model);
}

function modelItem({ name, place, format, task, quantization, bytes, fit, isOwn, isMeasuring, measured }: LocalModel): TreeItem {
  const item = new TreeItem(name, TreeItemCollapsibleState.None);
  item.id = `localModel:${place}:${name}`;
  const speed = measured?.speed && speedOf(measured.speed);
  const judged = isMeasuring
    ? 'speed is measured'
    : measured?.problem
      ? 'could not be loaded'
      : fit.runs === true
        ? speed
        : fit.runs === 'later'
          ? 'not now'
          : 'does not run here';
  item.description = [judged, quantization, formatBytes(bytes)].filter(Boolean).join(' · ');
  item.iconPath = isMeasuring
    ? new ThemeIcon('loading~spin')
    : measured?.problem
      ? new ThemeIcon('error', new ThemeColor('testing.iconFailed'))
      : fit.runs === true
        ? new ThemeIcon('hubot')
        : new ThemeIcon(fit.runs === 'later' ? 'warning' : 'circle-slash', new ThemeColor('disabledForeground'));
  item.contextValue = [
    'localModel',
    ...(fit.runs === false ? [] : ['runs']),
    ...(format === 'gguf' && task === 'chat' ? ['chat'] : []),
    ...(isOwn ? ['own'] : []),
  ].join(';');
  item.accessibilityInformation = { label: `${name}, ${item.description}` };
  return item;
}

function downloadItem({ name, status, done, total, isWaiting }: ModelDownload): TreeItem {
  const item = new TreeItem(name, TreeItemCollapsibleState.None);
  item.id = `download:${name}`;
  const far = total > 0 ? `${Math.floor((100 * done) / total)} % of ${formatBytes(total)}` : formatBytes(done);
  const words = {
    Running: isWaiting ? 'waits for another process' : far,
    Failed: 'download failed',
    Canceled: `canceled at ${far}`,
    Interrupted: `interrupted at ${far}`,
  };
  item.description = words[status];
  item.iconPath =
    status === 'Running'
      ? new ThemeIcon('loading~spin')
      : new ThemeIcon(
          status === 'Failed' ? 'error' : 'debug-pause',
          status === 'Failed' ? new ThemeColor('testing.iconFailed') : undefined,
        );
  item.contextValue = status === 'Running' ? 'download;running' : 'download;stopped';
  item.accessibilityInformation = { label: `${name}, ${item.description}` };
  return item;
}

const speedOf = ({ read, write }: ModelSpeed): string => `${Math.round(write ?? read).toLocaleString('en')} tokens/s`;

const runs = ({ context, onGpu }: LocalModelFit): string =>
  `runs${onGpu === 'whole' ? ' on the GPU' : onGpu ? ', in part on the GPU' : ''}${context ? `, with a context of ${context.toLocaleString('en')} tokens` : ''}`;

/** What is known of a model, or why its download ended. Names and texts come from files: they are text here, never Markdown. */
export function localModelTooltip(node: MachineModelsNode | LocalModelNode | DownloadNode): MarkdownString | undefined {
  if (node.kind === 'machineModels') return undefined;
  const text = new MarkdownString('', true);
  const row = (label: string, value: string | undefined) => {
    if (value) text.appendMarkdown(`\n\n${label}: `).appendText(value);
  };
  text.appendMarkdown('**').appendText(node.name).appendMarkdown('**');
  if (node.kind === 'download') {
    row('Asked for as', node.download.asked);
    row('Why it ended', [node.download.error, node.download.hint].filter(Boolean).join(' '));
    return text;
  }
  const { parameters, quantization, contextLength, license, languages, place, source, sha256, fit, measured } = node.model;
  row('This machine', fit.why ?? runs(fit));
  row('Could not be loaded', measured?.problem);
  row('Speed', measured?.speed && speedOf(measured.speed));
  row('Weights', [parameters ? formatCount(parameters) : undefined, quantization].filter(Boolean).join(', '));
  row('Context', contextLength ? `${contextLength.toLocaleString('en')} tokens` : undefined);
  row('Languages', languages?.join(', '));
  row('Licence', license);
  row('In', place);
  row('Source', source);
  row('SHA-256', sha256);
  return text;
}
