const icons: Record<string, string> = {
  png: 'file-media',
  jpg: 'file-media',
  jpeg: 'file-media',
  gif: 'file-media',
  svg: 'file-media',
  webp: 'file-media',
  csv: 'table',
  tsv: 'table',
  parquet: 'table',
  json: 'json',
  jsonl: 'json',
  md: 'markdown',
  py: 'file-code',
  yml: 'file-code',
  yaml: 'file-code',
  zip: 'file-zip',
  gz: 'file-zip',
  txt: 'file-text',
  log: 'output',
};

/** VS Code's icon for a file of this name. */
export const fileIcon = (name: string): string => icons[extensionOf(name)] ?? 'file';

/** Lower case, without the dot; '' where there is none. */
export const extensionOf = (name: string): string => (name.includes('.') ? name.slice(name.lastIndexOf('.') + 1).toLowerCase() : '');
