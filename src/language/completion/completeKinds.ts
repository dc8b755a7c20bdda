import { type CompletionItem, CompletionItemKind, InsertTextFormat, InsertTextMode } from 'vscode-languageserver-types';
import { isMap } from 'yaml';
import { follow } from '../../spec/field.ts';
import { typesOf } from '../../spec/kind.ts';
import { type Kind, kindFacts, kindNames, schemaAddress } from '../../spec/kinds/all.ts';
import { flatten } from '../../spec/variant.ts';
import { cursorAt } from '../cursor.ts';
import { rangeOf } from '../positions.ts';
import type { Context } from '../workspace.ts';
import { completeValues } from './completeValues.ts';
import { Snippet } from './snippet.ts';

/** What a file that is nothing yet may become: a whole file of each kind, with what it must have; and the two keys that say what a file is. */
export async function completeKinds(context: Context, offset: number): Promise<CompletionItem[]> {
  const { document } = context.ours;
  const cursor = cursorAt(document, offset);
  if (cursor.levels.length > 0 || cursor.inFlow) return [];
  const range = rangeOf(document, cursor.word.start, cursor.word.end);
  if (cursor.part === 'value') {
    const blank = !cursor.quote && document.text[cursor.word.start - 1] === ':' ? ' ' : '';
    if (cursor.key === 'type')
      return Object.keys(typesOf.job).map((type) => ({
        label: type,
        kind: CompletionItemKind.EnumMember,
        detail: kindFacts[typesOf.job[type]!].title,
        textEdit: { range, newText: blank + type },
      }));
    return cursor.key === '$schema' ? completeValues(context, cursor, []) : [];
  }
  if (cursor.part !== 'key') return [];
  const root = document.resolve(document.root);
  const present = isMap(root) ? root.items.map(({ key }) => String((key as { value?: unknown } | null)?.value)) : [];
  const keys = ['$schema', 'type'].filter((key) => !present.includes(key) && !cursor.hasColon);
  const isNew = present.length === 0 && !cursor.hasColon;
  return [
    ...keys.map((key) => ({
      label: key,
      kind: CompletionItemKind.Property,
      detail: 'says what the file is',
      sortText: `0${key}`,
      textEdit: { range, newText: `${key}: ` },
    })),
    ...(isNew ? kindNames : []).map((kind, index) => ({
      label: kindFacts[kind].title.replace(/^an? /, ''),
      labelDetails: { description: kind },
      kind: CompletionItemKind.File,
      detail: `A new file of ${kindFacts[kind].title}`,
      filterText: `${kindFacts[kind].title.replace(/^an? /, '')} ${kind}`,
      sortText: `1${String(index).padStart(3, '0')}`,
      textEdit: { range, newText: skeleton(kind) },
      insertTextFormat: InsertTextFormat.Snippet,
      insertTextMode: InsertTextMode.asIs,
    })),
  ];
}

/** `$schema`, `type` and the keys that the kind must have, with tab stops for their values. */
function skeleton(kind: Kind): string {
  const snippet = new Snippet().add(`$schema: ${schemaAddress(kind)}\n`);
  const [schema] = flatten(follow(kindFacts[kind].schema)).map(follow);
  const required = schema?.required ?? [];
  const { type } = schema?.properties ?? {};
  for (const key of type && !required.includes('type') && follow(type).const !== undefined ? ['type', ...required] : required) {
    if (key === '$schema') continue;
    snippet
      .add(key)
      .value(schema?.properties?.[key] ?? {}, 0, false)
      .add('\n');
  }
  return `${snippet.text}$0`;
}
