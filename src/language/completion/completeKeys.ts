import { type CompletionItem, CompletionItemKind, CompletionItemTag, InsertTextFormat, InsertTextMode } from 'vscode-languageserver-types';
import { type Field, follow } from '../../spec/field.ts';
import { type Cursor, keysOf, pathOf, siblings } from '../cursor.ts';
import { describeField, typeText } from '../describe.ts';
import { type Interface, interfaceOfStep } from '../interfaces.ts';
import { relativeTo } from '../paths.ts';
import { rangeOf } from '../positions.ts';
import type { Context } from '../workspace.ts';
import { Snippet } from './snippet.ts';

/** Keys of the map around the cursor, those it must have first. In `inputs:` and `outputs:` of a step: what its component declares. Below `jobs:`: a step for each component. */
export function completeKeys(context: Context, cursor: Cursor, fields: Field[]): CompletionItem[] {
  const { document } = context.ours;
  const present = cursor.inFlow ? [] : keysOf(siblings(document, cursor.line, cursor.column));
  const own = cursor.hasColon ? document.text.slice(cursor.word.start, cursor.word.end) : undefined;
  const range = rangeOf(document, cursor.word.start, cursor.word.end);
  const items: CompletionItem[] = [];
  const seen = new Set<string>(present.filter((key) => key !== own));

  const add = (key: string, group: string, item: Partial<CompletionItem>, snippet: () => string) => {
    if (seen.has(key)) return;
    seen.add(key);
    items.push({
      label: key,
      kind: CompletionItemKind.Property,
      sortText: `${group}${key}`,
      filterText: key,
      ...(cursor.hasColon
        ? { textEdit: { range, newText: key } }
        : { textEdit: { range, newText: snippet() }, insertTextFormat: InsertTextFormat.Snippet, insertTextMode: InsertTextMode.asIs }),
      ...item,
    });
  };

  const declared = declaredPorts(context, cursor);
  if (declared)
    for (const port of declared.ports)
      add(
        port.name,
        port.optional ? '1' : '0',
        {
          kind: CompletionItemKind.Field,
          detail: `${port.type}${port.optional ? ', optional' : ''}${port.default === undefined ? '' : `, default ${JSON.stringify(port.default)}`}`,
          ...(port.description ? { documentation: { kind: 'markdown', value: port.description } } : {}),
        },
        () => new Snippet().add(`${port.name}: `).stop(port.default === undefined ? '' : String(port.default)).text,
      );

  const teller = fields.length > 1 ? tellingKey(fields) : undefined;
  for (const [index, field] of fields.entries())
    for (const [key, given] of Object.entries(field.properties ?? {})) {
      const child = follow(given);
      if (child.readOnly) continue;
      // Where it is open which alternative this is, only what all of them need is required; the first of them is the common one.
      const isRequired = fields.every((each) => each.required?.includes(key));
      const isCommon = index === 0 && field.required?.includes(key);
      add(
        key,
        child.deprecated ? '8' : key === teller ? '1' : isRequired || isCommon ? '2' : index === 0 ? '5' : '6',
        {
          detail: `${typeText(child)}${isRequired ? ', required' : ''}`,
          documentation: { kind: 'markdown', value: describeField(child, key) },
          ...(child.deprecated ? { tags: [CompletionItemTag.Deprecated] } : {}),
        },
        () =>
          key === teller
            ? new Snippet().add(`${key}: `).choice(wordsOf(fields, key)).text
            : new Snippet().add(key).value(child, cursor.column, cursor.inFlow).text,
      );
    }
  if (pathOf(cursor).join('/') === 'jobs' && !cursor.hasColon) items.push(...newSteps(context, cursor, seen));
  return items;
}

/** The words that a key may have in any of the alternatives. */
const wordsOf = (fields: readonly Field[], key: string): string[] => [
  ...new Set(
    fields.flatMap((each) => {
      const given = each.properties?.[key];
      const { const: only, enum: words } = given ? follow(given) : {};
      return (words ?? (only === undefined ? [] : [only])).map(String);
    }),
  ),
];

/** The key that tells alternatives apart: most of them have it, with a word of their own. */
function tellingKey(fields: readonly Field[]): string | undefined {
  const keys = new Set(fields.flatMap((each) => Object.keys(each.properties ?? {})));
  return [...keys].find(
    (key) =>
      fields.filter((each) => each.properties?.[key] && wordsOf([each], key).length > 0).length * 2 > fields.length &&
      wordsOf(fields, key).length > 1,
  );
}

/** Inputs or outputs that the component of the step around the cursor declares. */
function declaredPorts(context: Context, cursor: Cursor): { of: Interface; ports: Interface['inputs'] } | undefined {
  const path = pathOf(cursor).map(String);
  const last = path.at(-1);
  if (path.length < 3 || path.at(-3) !== 'jobs' || (last !== 'inputs' && last !== 'outputs')) return undefined;
  const step = path.slice(0, -1);
  if (context.ours.document.at([...step, 'component']) === null) return undefined;
  const found = interfaceOfStep(context.ours.document, step, context.workspace);
  return found && { of: found, ports: last === 'inputs' ? found.inputs : found.outputs };
}

/** A step for each component file of the workspace, with the inputs that it must be given. */
function newSteps({ ours: { document }, workspace }: Context, cursor: Cursor, taken: ReadonlySet<string>): CompletionItem[] {
  const range = rangeOf(document, cursor.word.start, cursor.word.end);
  return workspace.componentFiles().flatMap(({ path, name, description }): CompletionItem[] => {
    if (path === document.file) return [];
    const found = workspace.open(path);
    let step = name;
    for (let count = 2; taken.has(step); count++) step = `${name}_${count}`;
    const inner = ' '.repeat(cursor.column + 2);
    const snippet = new Snippet().add(
      `${step}:\n${inner}type: ${found?.kind === 'pipelineComponent' ? 'pipeline' : 'command'}\n${inner}component: ${relativeTo(document.file, path)}`,
    );
    const inputs = found ? requiredInputs(found.document, workspace) : [];
    if (inputs.length) snippet.add(`\n${inner}inputs:`);
    for (const input of inputs) snippet.add(`\n${inner}  ${input}: `).stop();
    return [
      {
        label: step,
        labelDetails: { description: relativeTo(document.file, path) },
        kind: CompletionItemKind.Module,
        detail: 'A step of this component',
        ...(description ? { documentation: description } : {}),
        sortText: `3${step}`,
        textEdit: { range, newText: snippet.text },
        insertTextFormat: InsertTextFormat.Snippet,
        insertTextMode: InsertTextMode.asIs,
      },
    ];
  });
}

const requiredInputs = (document: Interface['document'], workspace: Context['workspace']): string[] =>
  (interfaceOfStep(document, [], workspace)?.inputs ?? []).filter(({ optional }) => !optional).map(({ name }) => name);
