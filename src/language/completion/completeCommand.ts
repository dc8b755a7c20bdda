import { type CompletionItem, CompletionItemKind, InsertTextFormat } from 'vscode-languageserver-types';
import { isScalar } from 'yaml';
import { scriptParameters } from '../../spec/scriptParameters.ts';
import { type Cursor, pathOf } from '../cursor.ts';
import { interfaceAt, type Port } from '../interfaces.ts';
import { rangeOf } from '../positions.ts';
import { scriptsIn } from '../scripts.ts';
import type { Context } from '../workspace.ts';

/** Inside of a command: parameters of the script that it runs, and the job's inputs and outputs as expressions. */
export function completeCommand(context: Context, cursor: Cursor): CompletionItem[] {
  const { ours, workspace } = context;
  const { document } = ours;
  const path = pathOf(cursor);
  const node = document.at([...path, cursor.key ?? 'command']);
  const command =
    isScalar(node) && typeof node.value === 'string'
      ? node.value
      : document.text.slice(document.lineStart(cursor.line), document.lineEnd(cursor.line));
  let start = cursor.offset;
  while (start > 0 && !/[\s"']/.test(document.text[start - 1]!)) start--;
  let end = cursor.offset;
  while (end < document.text.length && /[\w-]/.test(document.text[end]!)) end++;
  const range = rangeOf(document, start, end);
  const items: CompletionItem[] = [];
  const { inputs, outputs } = interfaceAt(document, path.map(String));
  const ports: (Port & { scope: string })[] = [
    ...inputs.map((each) => ({ ...each, scope: 'inputs' })),
    ...outputs.map((each) => ({ ...each, scope: 'outputs' })),
  ];
  const byName = new Map(ports.map((each) => [each.name, each]));

  for (const script of scriptsIn(document, path, command)) {
    const text = workspace.files.readText(script.file);
    if (text === undefined) continue;
    for (const parameter of scriptParameters(text)) {
      if (!parameter.name.startsWith('-') || new RegExp(`(?:^|\\s)${quoted(parameter.name)}(?=$|[\\s=])`).test(command)) continue;
      // A parameter that is named as an input is bound to it.
      const bound = byName.get(parameter.name.replace(/^-+/, '').replaceAll('-', '_')) ?? byName.get(parameter.name.replace(/^-+/, ''));
      const use = bound
        ? `${parameter.name} \${{${bound.scope}.${bound.name}}}`
        : parameter.type === 'flag'
          ? parameter.name
          : `${parameter.name} `;
      items.push({
        label: parameter.name,
        kind: CompletionItemKind.Property,
        detail: [
          parameter.type,
          parameter.required ? 'required' : '',
          parameter.default ? `default ${parameter.default}` : '',
          script.written,
        ]
          .filter(Boolean)
          .join(', '),
        ...(parameter.help ? { documentation: parameter.help } : {}),
        filterText: parameter.name,
        sortText: `${parameter.required ? 0 : 1}${parameter.name}`,
        textEdit: { range, newText: bound?.optional ? `$[[${use}]]` : use },
      });
    }
  }
  for (const port of byName.values()) {
    const expression = `\${{${port.scope}.${port.name}}}`;
    if (command.includes(expression)) continue;
    const newText = port.optional ? `$[[--${port.name} ${expression}]]` : expression;
    items.push({
      label: newText,
      kind: CompletionItemKind.Variable,
      detail: port.type,
      filterText: `$${port.name} ${newText}`,
      sortText: `2${port.name}`,
      insertTextFormat: InsertTextFormat.PlainText,
      textEdit: { range, newText },
    });
  }
  return items;
}

const quoted = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
