import type { Range, TextEdit } from 'vscode-languageserver-types';
import { UserError } from '../base/userError.ts';
import type { SpecDocument } from '../spec/document.ts';
import { isComponentKind } from '../spec/kind.ts';
import { type Occurrence, occurrenceAt, readSymbol, type SymbolKind, symbolOf } from './occurrences.ts';
import { folderOf } from './paths.ts';
import { placeAt } from './place.ts';
import { positionOf, rangeOf } from './positions.ts';
import type { Context } from './workspace.ts';

/** What may be a name of each kind, and how that is said. */
const rules: Record<SymbolKind, { what: string; pattern: RegExp; hint: string }> = {
  step: { what: 'a step', pattern: /^[a-z_][a-z0-9_]*$/, hint: 'Use small letters, digits and "_", not starting with a digit.' },
  input: { what: 'an input', pattern: /^[A-Za-z_][A-Za-z0-9_.]*$/, hint: 'Use letters, digits and "_", not starting with a digit.' },
  output: { what: 'an output', pattern: /^[A-Za-z_][A-Za-z0-9_.]*$/, hint: 'Use letters, digits and "_", not starting with a digit.' },
  component: { what: 'a component', pattern: /^[a-z][a-z\d_]*$/, hint: 'Use small letters, digits and "_", starting with a letter.' },
  file: { what: 'a file of a component', pattern: /^[^/\\:*?"<>|\s]+\.ya?ml$/, hint: 'Write a file name that ends with ".yml".' },
};

/** The edits, by file, of a rename, and the file that gets another name. */
export interface Renamed {
  edits: Map<string, TextEdit[]>;
  move?: { from: string; to: string };
}

/** What would be renamed at an offset; undefined where nothing can be. */
export function renameRange(context: Context, offset: number): { range: Range; placeholder: string } | undefined {
  const here = nameAt(context, offset);
  if (!here) return undefined;
  const { document } = context.ours;
  const { start, end } = nameIn(document, here);
  return { range: rangeOf(document, start, end), placeholder: document.text.slice(start, end) };
}

/**
 * The edits that give a step, an input, an output, a component or a component's file another name everywhere. On a component's own `name:` and on
 * `azureml:NAME` the component is meant, on a path its file. Throws `UserError` for a name that can't be.
 */
export function rename(context: Context, offset: number, name: string): Renamed {
  const { ours, workspace } = context;
  const here = nameAt(context, offset);
  if (!here)
    throw new UserError(
      'InvalidArgument',
      'There is nothing to rename here.',
      'Steps, inputs, outputs, components and their files can be renamed.',
    );
  const symbol = readSymbol(here.symbol);
  const { what, pattern, hint } = rules[symbol.kind];
  if (!pattern.test(name)) throw new UserError('InvalidArgument', `"${name}" is no name for ${what}.`, hint);
  const target = `${folderOf(symbol.file)}/${name}`;
  const isTaken =
    symbol.kind === 'file'
      ? target !== symbol.file && workspace.files.kind(target) !== undefined
      : name !== symbol.name &&
        workspace.occurrences([symbolOf(symbol.kind, symbol.file, symbol.scope, name)]).some(({ role }) => role === 'declaration');
  if (isTaken) throw new UserError('Conflict', `There is ${what} "${name}" already.`, 'Choose another name.');
  const edits = new Map<string, TextEdit[]>();
  for (const { file, ...place } of workspace.occurrences([here.symbol])) {
    // A file's own `name:` is the component's.
    if (symbol.kind === 'file' && place.role === 'declaration') continue;
    const found = file === ours.document.file ? ours.document : workspace.open(file)?.document;
    if (!found) continue;
    const { start, end } = nameIn(found, place);
    const range = { start: positionOf(found, start), end: positionOf(found, end) };
    edits.set(file, [...(edits.get(file) ?? []), { range, newText: name }]);
  }
  return { edits, ...(symbol.kind === 'file' && target !== symbol.file ? { move: { from: symbol.file, to: target } } : {}) };
}

function nameAt({ ours: { document, kind } }: Context, offset: number): Occurrence | undefined {
  const here = occurrenceAt(document, offset);
  if (here) return here;
  const place = isComponentKind(kind) ? placeAt(document, offset) : undefined;
  if (place?.part !== 'value' || place.path.length !== 1 || place.path[0] !== 'name') return undefined;
  const [start, end] = place.node.range!;
  const occurrence: Occurrence = { symbol: '', role: 'declaration', start, end };
  const own = nameIn(document, occurrence);
  return { ...occurrence, symbol: symbolOf('component', '', '', document.text.slice(own.start, own.end)) };
}

/** The name itself in a place: without quotes, of a path what is behind the last slash. */
function nameIn({ text }: SpecDocument, { symbol, start, end }: Occurrence): { start: number; end: number } {
  const quoted = /^["']/.test(text[start] ?? '') ? 1 : 0;
  const from = start + quoted;
  const to = end - quoted;
  return { start: symbol.startsWith('file|') ? from + text.slice(from, to).lastIndexOf('/') + 1 : from, end: to };
}
