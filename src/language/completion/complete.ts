import type { CompletionItem } from 'vscode-languageserver-types';
import { type Field, follow } from '../../spec/field.ts';
import { flatten } from '../../spec/variant.ts';
import { type Cursor, cursorAt, pathOf } from '../cursor.ts';
import { childOf, fieldsAround } from '../fields.ts';
import { rangeOf } from '../positions.ts';
import type { Context } from '../workspace.ts';
import { completeCommand } from './completeCommand.ts';
import { completeExpression, expressionsAt, shown } from './completeExpression.ts';
import { completeKeys } from './completeKeys.ts';
import { completeKinds } from './completeKinds.ts';
import { completeValues } from './completeValues.ts';
import { wantedType } from './wantedType.ts';

/** What may be written at an offset, the likeliest first. It works on the lines as they are, half-typed or not. */
export async function complete(context: Context, offset: number): Promise<CompletionItem[]> {
  const { document, field } = context.ours;
  if (!field) return completeKinds(context, offset);
  const cursor = cursorAt(document, offset);
  if (cursor.part === 'none') return [];
  const around = fieldsAround(document, field, cursor);
  if (cursor.part === 'key' && !cursor.expression) return completeKeys(context, cursor, around);
  const item = cursor.levels.at(-1)?.key;
  const fields = cursor.part === 'value' ? around.flatMap((each) => childOf(each, cursor.key ?? '') ?? []) : around;
  const alternatives = fields.flatMap((each) => flatten(each).map(follow));
  const isCommand = [...fields, ...alternatives].some((each) => follow(each).isCommand);
  if (cursor.expression) return completeExpression(context, cursor, cursor.expression, isCommand);
  if (isCommand) return completeCommand(context, cursor);
  if (cursor.inBlockText) return [];
  const values = await completeValues(context, cursor, fields, wantedType(context, cursor));
  // An item of a list may be a map that is about to begin.
  if (cursor.part === 'item' && typeof item === 'number' && !cursor.inFlow)
    values.push(
      ...completeKeys(
        context,
        cursor,
        alternatives.filter((each) => each.type === 'object'),
      ),
    );
  return [...bindings(context, cursor, fields), ...values];
}

/** In a step's inputs and outputs: what can be bound there. */
function bindings(context: Context, cursor: Cursor, _fields: Field[]): CompletionItem[] {
  const path = pathOf(cursor);
  const section = path.findIndex((key, index) => index >= 2 && path[index - 2] === 'jobs' && (key === 'inputs' || key === 'outputs'));
  if (section < 0 || cursor.part !== 'value' || (path.length > section + 1 && cursor.key !== 'path')) return [];
  const { document } = context.ours;
  const range = rangeOf(document, cursor.word.start, cursor.word.end);
  const blank = !cursor.quote && document.text[cursor.word.start - 1] === ':' ? ' ' : '';
  return expressionsAt(context, cursor, false, '').map((each, index) => ({
    ...shown(each),
    filterText: `\${{${each.path}}} ${each.path}`,
    sortText: `0${String(index).padStart(5, '0')}`,
    textEdit: { range, newText: `${blank}\${{${each.path}}}` },
  }));
}
