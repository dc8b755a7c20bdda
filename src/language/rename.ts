import type { Range, TextEdit } from 'vscode-languageserver-types';
import { UserError } from '../base/userError.ts';
import { occurrenceAt, readSymbol } from './occurrences.ts';
import { positionOf, rangeOf } from './positions.ts';
import type { Context } from './workspace.ts';

const stepName = /^[a-z_][a-z0-9_]*$/;
const portName = /^[A-Za-z_][A-Za-z0-9_.]*$/;

/** What would be renamed at an offset; undefined where nothing can be. */
export function renameRange({ ours: { document } }: Context, offset: number): { range: Range; placeholder: string } | undefined {
  const here = occurrenceAt(document, offset);
  if (here && readSymbol(here.symbol).kind !== 'file')
    return { range: rangeOf(document, here.start, here.end), placeholder: readSymbol(here.symbol).name };
  return undefined;
}

/** The edits, by file, that give a step, input or output another name everywhere. Throws `UserError` for a name that can't be. */
export function rename({ ours: { document }, workspace }: Context, offset: number, name: string): Map<string, TextEdit[]> {
  const here = occurrenceAt(document, offset);
  const symbol = here && readSymbol(here.symbol);
  if (!symbol || symbol.kind === 'file')
    throw new UserError('InvalidArgument', 'There is nothing to rename here.', 'Steps, inputs and outputs can be renamed.');
  const rule = symbol.kind === 'step' ? stepName : portName;
  if (!rule.test(name))
    throw new UserError(
      'InvalidArgument',
      `"${name}" is no name for ${symbol.kind === 'step' ? 'a step' : `an ${symbol.kind}`}.`,
      symbol.kind === 'step'
        ? 'Use small letters, digits and "_", not starting with a digit.'
        : 'Use letters, digits and "_", not starting with a digit.',
    );
  const places = workspace.occurrences([here.symbol]);
  const taken = `${symbol.kind}|${symbol.file}|${symbol.scope}|${name}`;
  if (name !== symbol.name && workspace.occurrences([taken]).some(({ role }) => role === 'declaration'))
    throw new UserError(
      'Conflict',
      `There is ${symbol.kind === 'step' ? 'a step' : `an ${symbol.kind}`} "${name}" already.`,
      'Choose another name.',
    );
  const edits = new Map<string, TextEdit[]>();
  for (const { file, start, end } of places) {
    const found = file === document.file ? document : workspace.open(file)?.document;
    if (!found) continue;
    // A quoted key keeps its quotes.
    const quoted = /^["']/.test(found.text[start] ?? '') ? 1 : 0;
    const range = { start: positionOf(found, start + quoted), end: positionOf(found, end - quoted) };
    edits.set(file, [...(edits.get(file) ?? []), { range, newText: name }]);
  }
  return edits;
}
