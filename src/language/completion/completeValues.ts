import { type CompletionItem, CompletionItemKind } from 'vscode-languageserver-types';
import type { NamedAsset } from '../../spec/checkAssets.ts';
import { curatedEnvironments, curatedReference } from '../../spec/curatedEnvironments.ts';
import { type Field, follow } from '../../spec/field.ts';
import { kindNames, schemaAddress } from '../../spec/kinds/all.ts';
import { beside } from '../../spec/paths.ts';
import { isDataType } from '../../spec/signature.ts';
import { flatten } from '../../spec/variant.ts';
import type { Cursor } from '../cursor.ts';
import { folderOf, relativeTo } from '../paths.ts';
import { rangeOf } from '../positions.ts';
import type { Context, NamedKind } from '../workspace.ts';
import type { WantedType } from './wantedType.ts';

/** Values of a key or of a list's item: words, booleans, defaults, examples, paths, names of the plane. An input's type narrows them down. */
export async function completeValues(context: Context, cursor: Cursor, fields: Field[], wanted?: WantedType): Promise<CompletionItem[]> {
  const { document } = context.ours;
  const range = rangeOf(document, cursor.word.start, cursor.word.end);
  const typed = document.text.slice(cursor.word.start, cursor.offset);
  // `key:` asks for a blank before its value.
  const blank = cursor.part === 'value' && !cursor.quote && document.text[cursor.word.start - 1] === ':' ? ' ' : '';
  const items: CompletionItem[] = [];
  const seen = new Set<string>();
  const add = (value: string, group: string, item: Partial<CompletionItem> = {}) => {
    if (seen.has(value)) return;
    seen.add(value);
    items.push({
      label: value,
      filterText: value,
      sortText: `${group}${value}`,
      kind: CompletionItemKind.Value,
      textEdit: { range, newText: blank + value },
      ...item,
    });
  };

  const alternatives = fields.flatMap((each) => flatten(each).map(follow));
  for (const field of alternatives) {
    const words = field.enum ?? (field.const === undefined ? [] : [field.const]);
    for (const [index, word] of words.entries()) {
      const line = field.enumDescriptions?.[index] ?? (field.const === undefined ? undefined : field.description);
      add(String(word), '1', {
        kind: CompletionItemKind.EnumMember,
        ...(line ? { documentation: { kind: 'markdown', value: line } } : {}),
      });
    }
    if (field.type === 'boolean' && (wanted ?? field).type === 'boolean')
      for (const word of ['true', 'false']) add(word, '1', { kind: CompletionItemKind.Keyword });
  }
  if (alternatives.some((each) => each.assetKind === 'environments'))
    for (const [name, what] of Object.entries(curatedEnvironments))
      add(curatedReference(name), '5', { kind: CompletionItemKind.Constant, detail: "of Azure ML's registry", documentation: what });
  for (const field of [...fields.map(follow), ...alternatives]) {
    if (field.default !== undefined && typeof field.default !== 'object') add(String(field.default), '0', { detail: 'the default' });
    for (const example of field.examples ?? []) if (typeof example !== 'object') add(String(example), '6', { detail: 'an example' });
  }
  if (cursor.key === '$schema') for (const kind of kindNames) add(schemaAddress(kind), '2', { kind: CompletionItemKind.Reference });
  const pathKinds = new Set(alternatives.map((each) => each.pathKind).filter((each) => each !== undefined));
  if (wanted?.isDeclared && isDataType(wanted.type)) pathKinds.add(wanted.type === 'uri_folder' ? 'folder' : 'fileOrFolder');
  for (const pathKind of pathKinds) for (const { path, item } of paths(context, cursor, typed, pathKind)) add(path, '3', item);
  for (const kind of new Set(alternatives.map((each) => each.assetKind).filter((each) => each !== undefined)))
    for (const { name, item } of await assetNames(context, typed, kind as NamedKind)) add(name, '4', item);
  return items;
}

/** Files and folders below the folder that is typed so far; of components those of the workspace, wherever they are. */
function paths({ ours: { document }, workspace }: Context, cursor: Cursor, typed: string, pathKind: NonNullable<Field['pathKind']>) {
  const found: { path: string; item: Partial<CompletionItem> }[] = [];
  if (/^(?:azureml|https?|wasbs?|abfss?):/.test(typed)) return found;
  if (pathKind === 'component') {
    const typedFolder = beside(document.file, typed.slice(0, typed.lastIndexOf('/') + 1) || './');
    for (const { path, name, description } of workspace.componentFiles(typedFolder))
      if (path !== document.file)
        found.push({
          path: relativeTo(document.file, path),
          item: { kind: CompletionItemKind.Module, detail: name, ...(description ? { documentation: description } : {}) },
        });
    return found;
  }
  const prefix = typed.slice(0, typed.lastIndexOf('/') + 1) || './';
  const base =
    pathKind === 'script'
      ? codeFolder(
          document.at(
            cursor.levels
              .slice(0, -1)
              .map(({ key }) => key)
              .concat('code'),
          ),
          document.file,
        )
      : folderOf(document.file);
  const folder = beside(`${base}/x`, prefix);
  const wantsFolders = pathKind === 'folder' || pathKind === 'fileOrFolder';
  const entries = workspace.list(folder).filter(({ name }) => !name.startsWith('.') || prefix.endsWith('./.'));
  for (const { name, kind } of entries.slice(0, 500)) {
    if (kind === 'folder') found.push({ path: `${prefix}${name}${wantsFolders ? '' : '/'}`, item: { kind: CompletionItemKind.Folder } });
    else if (pathKind !== 'folder') found.push({ path: `${prefix}${name}`, item: { kind: CompletionItemKind.File } });
  }
  return found;
}

function codeFolder(node: unknown, file: string): string {
  const value = (node as { value?: unknown } | null)?.value;
  return typeof value === 'string' ? beside(file, value) : folderOf(file);
}

const isShared = (kind: NamedKind): kind is Exclude<NamedAsset, 'computes'> =>
  ['environments', 'data', 'models', 'components'].includes(kind);

/** `azureml:NAME:VERSION` and `azureml:NAME@latest`; after `azureml:NAME:` the versions of that name; after `azureml:/` what is in registries. */
async function assetNames({ names }: Context, typed: string, kind: NamedKind): Promise<{ name: string; item: Partial<CompletionItem> }[]> {
  const versioned = ['environments', 'data', 'models', 'components'].includes(kind);
  const named = /^azureml:([^:@/]+)[:@]/.exec(typed)?.[1];
  if (versioned && named) {
    const versions = (await names.versions(kind, named)) ?? [];
    return [
      ...versions.map(({ version, description }) => ({
        name: `azureml:${named}:${version}`,
        item: { kind: CompletionItemKind.Constant, ...(description ? { documentation: description } : {}) },
      })),
      ...(versions.length
        ? [{ name: `azureml:${named}@latest`, item: { kind: CompletionItemKind.Constant, detail: versions[0]!.version } }]
        : []),
    ];
  }
  if (isShared(kind) && /^azureml:\//.test(typed)) {
    const shared = (await names.shared(kind)) ?? [];
    return shared.flatMap(({ registry, name, latestVersion, description }) => {
      const item = {
        kind: CompletionItemKind.Constant,
        detail: `in the registry ${registry}`,
        ...(description ? { documentation: description } : {}),
      };
      const root = `azureml://registries/${registry}/${kind}/${name}`;
      return [...(latestVersion ? [{ name: `${root}/versions/${latestVersion}`, item }] : []), { name: `${root}/labels/latest`, item }];
    });
  }
  const listed = (await names.list(kind)) ?? [];
  return listed.flatMap(({ name, latestVersion, description }) => {
    const item = {
      kind: CompletionItemKind.Constant,
      detail: 'on the connected plane',
      ...(description ? { documentation: description } : {}),
    };
    if (!versioned) return [{ name: kind === 'computes' ? `azureml:${name}` : name, item }];
    return latestVersion
      ? [
          { name: `azureml:${name}:${latestVersion}`, item },
          { name: `azureml:${name}@latest`, item },
        ]
      : [{ name: `azureml:${name}@latest`, item }];
  });
}
