import { type DocumentHighlight, DocumentHighlightKind, type Location } from 'vscode-languageserver-types';
import { isScalar } from 'yaml';
import { beside, isLocalPath } from '../spec/paths.ts';
import { scriptParameters } from '../spec/scriptParameters.ts';
import { jobAround } from './expressionAt.ts';
import { occurrenceAt, occurrencesIn, readSymbol, symbolOf } from './occurrences.ts';
import { placeAt } from './place.ts';
import { rangeOf } from './positions.ts';
import { scriptsIn } from './scripts.ts';
import type { Context, Workspace } from './workspace.ts';

/** A place in a file of this machine; the server makes the uri. */
export interface FilePlace {
  file: string;
  range: Location['range'];
}

const top: Location['range'] = { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } };

/** Where what stands at an offset is declared: steps, inputs, outputs, components, files, scripts and their parameters. */
export function definition({ ours: { document }, workspace }: Context, offset: number): FilePlace[] {
  const place = placeAt(document, offset);
  const here = occurrenceAt(document, offset);
  if (here) {
    const { kind, file } = readSymbol(here.symbol);
    if (kind === 'file') return [{ file, range: top }];
    const declared = declarationsOf(workspace, here.symbol);
    if (declared.length) return declared;
  }
  if (place?.part !== 'value' || !isScalar(place.node) || typeof place.node.value !== 'string') return [];
  const { value } = place.node;
  const inScript = scriptPlace(document, offset, place.path, workspace);
  if (inScript) return [inScript];
  if (!value.includes('\n') && isLocalPath(value)) {
    const file = beside(document.file, value);
    if (workspace.files.kind(file) === 'file') return [{ file, range: top }];
  }
  return [];
}

/** Every place where what stands at an offset is used, in all files. */
export function references({ ours: { document }, workspace }: Context, offset: number, withDeclaration: boolean): FilePlace[] {
  const here = occurrenceAt(document, offset);
  const symbols = here ? [here.symbol] : ownSymbolsAt(offset, document);
  const found = symbols.flatMap((symbol) => placesOf(workspace, symbol)).filter(({ role }) => withDeclaration || role !== 'declaration');
  // The file and the component are declared by the same name.
  return found.filter(
    (each, index) => each.role !== 'declaration' || found.findIndex(({ role }) => role === 'declaration') === index || here,
  );
}

/** The places of the same thing in this file. */
export function highlights({ ours: { document } }: Context, offset: number): DocumentHighlight[] {
  const here = occurrenceAt(document, offset);
  if (!here) return [];
  return occurrencesIn(document)
    .filter(({ symbol }) => symbol === here.symbol)
    .map(({ role, start, end }) => ({
      range: rangeOf(document, start, end),
      kind: role === 'reference' ? DocumentHighlightKind.Read : DocumentHighlightKind.Write,
    }));
}

export function placesOf(workspace: Workspace, symbol: string): (FilePlace & { role: string })[] {
  return workspace.occurrences([symbol]).flatMap(({ file, start, end, role }) => {
    const found = workspace.open(file);
    return found ? [{ file, role, range: rangeOf(found.document, start, end) }] : [];
  });
}

const declarationsOf = (workspace: Workspace, symbol: string): FilePlace[] =>
  placesOf(workspace, symbol)
    .filter(({ role }) => role === 'declaration')
    .map(({ file, range }) => ({ file, range }));

/** The name of a component in its own file stands for the file, and for what is registered under that name. */
function ownSymbolsAt(offset: number, document: Context['ours']['document']): string[] {
  const place = placeAt(document, offset);
  if (place?.path.length !== 1 || place.path[0] !== 'name' || !isScalar(place.node)) return [];
  return [symbolOf('file', document.file, '', ''), symbolOf('component', '', '', String(place.node.value))];
}

/** The script under the cursor in a command, or the parameter of it. */
function scriptPlace(
  document: Context['ours']['document'],
  offset: number,
  path: readonly (string | number)[],
  workspace: Workspace,
): FilePlace | undefined {
  const job = jobAround(path);
  const node = placeAt(document, offset)!.node;
  const command = document.text.slice(node.range![0], node.range![1]);
  const at = offset - node.range![0];
  const scripts = scriptsIn(document, job, command);
  for (const script of scripts)
    if (script.at <= at && at <= script.at + script.written.length)
      return workspace.files.kind(script.file) === 'file' ? { file: script.file, range: top } : undefined;
  const word = /[^\s"']*$/.exec(command.slice(0, at))![0] + /^[\w-]*/.exec(command.slice(at))![0];
  if (!word.startsWith('-')) return undefined;
  for (const script of scripts) {
    const text = workspace.files.readText(script.file);
    const parameter = text === undefined ? undefined : scriptParameters(text).find(({ name }) => name === word.split('=')[0]);
    if (!text || !parameter) continue;
    const line = text.slice(0, parameter.start).split('\n').length - 1;
    const character = parameter.start - (text.lastIndexOf('\n', parameter.start - 1) + 1);
    return {
      file: script.file,
      range: { start: { line, character }, end: { line, character: character + parameter.end - parameter.start } },
    };
  }
  return undefined;
}
