import { type CompletionItem, CompletionItemKind } from 'vscode-languageserver-types';
import { isMap } from 'yaml';
import type { Cursor, OpenExpression } from '../cursor.ts';
import { pathOf } from '../cursor.ts';
import { fitsType, interfaceAt, interfaceOfStep, type Port } from '../interfaces.ts';
import { textOf } from '../occurrences.ts';
import { rangeOf } from '../positions.ts';
import type { Context } from '../workspace.ts';

/** Expressions offered at once; more come as more is typed. */
const itemLimit = 400;

/** What `${{ }}` may hold at the cursor: the job's own inputs and outputs in a command, `parent.…` in the bindings of a step; only what fits the type of the input. */
export function completeExpression(context: Context, cursor: Cursor, expression: OpenExpression, isCommand: boolean): CompletionItem[] {
  const { document } = context.ours;
  const written = document.text.slice(expression.start, expression.end);
  const lead = /^\s*/.exec(written)![0].length;
  const trail = /\s*$/.exec(written)![0].length;
  const start = Math.min(expression.start + lead, cursor.offset);
  const typed = document.text.slice(start, cursor.offset);
  const range = rangeOf(document, start, Math.max(cursor.offset, expression.end - trail));
  return expressionsAt(context, cursor, isCommand, typed).map((each, index) => ({
    ...shown(each),
    filterText: each.path,
    sortText: String(index).padStart(5, '0'),
    textEdit: { range, newText: expression.isClosed ? each.path : `${each.path}}}` },
  }));
}

export interface Offer {
  path: string;
  /** Its last part: what sets it apart from others. */
  name: string;
  /** Where it comes from. */
  from: string;
  detail: string;
  kind: CompletionItemKind;
}

/** How an offer looks in a list: a path is longer than the list is wide, and its end is what matters. */
export const shown = ({ path, name, from, detail, kind }: Offer): CompletionItem => ({
  label: name,
  labelDetails: { description: from },
  kind,
  detail: `\${{${path}}}: ${detail}`,
});

/** Every expression that makes sense at the cursor and begins as typed, the fitting ones alone where a type is wanted. */
export function expressionsAt(context: Context, cursor: Cursor, isCommand: boolean, typed: string): Offer[] {
  const path = pathOf(cursor).map(String);
  const jobs = path.lastIndexOf('jobs');
  const step = jobs >= 0 && path.length > jobs + 1 ? path.slice(0, jobs + 2) : undefined;
  return isCommand || !step ? ownScope(context, step ?? [], cursor.key ?? '') : parentScope(context, cursor, step, typed);
}

function ownScope({ ours: { document } }: Context, path: string[], key: string): Offer[] {
  const { inputs, outputs } = interfaceAt(document, path);
  const searchSpace = document.at([...path, 'search_space']);
  const offers = [
    ...inputs.map((port) => offer(`inputs.${port.name}`, port, CompletionItemKind.Variable, 'input')),
    ...outputs.map((port) => offer(`outputs.${port.name}`, port, CompletionItemKind.Field, 'output')),
  ];
  if (isMap(searchSpace))
    for (const { key } of searchSpace.items)
      offers.push({
        path: `search_space.${textOf(key)}`,
        name: textOf(key),
        from: 'search space',
        detail: 'search space',
        kind: CompletionItemKind.Variable,
      });
  // In a job of its own these are all; `compute:` of a pipeline reads inputs as `parent.inputs`.
  return key === 'compute' || key === 'default_compute' ? offers.filter(({ path: each }) => each.startsWith('inputs.')) : offers;
}

function parentScope({ ours: { document }, workspace }: Context, cursor: Cursor, step: string[], typed: string): Offer[] {
  const parent = step.slice(0, -2);
  const own = step.at(-1)!;
  const section = pathOf(cursor)[step.length];
  const { inputs, outputs } = interfaceAt(document, parent);
  const name = section === 'inputs' || section === 'outputs' ? String(pathOf(cursor)[step.length + 1] ?? cursor.key ?? '') : undefined;
  const target = name === undefined ? undefined : interfaceOfStep(document, step, workspace);
  const wanted =
    target?.path.join('/') === step.join('/') && target.document === document
      ? declaredType(document, step, section, name)
      : (section === 'outputs' ? target?.outputs : target?.inputs)?.find((port) => port.name === name)?.type;
  const fits = (port: Port) => fitsType(port.type, wanted);
  if (section === 'outputs')
    return outputs.filter(fits).map((port) => offer(`parent.outputs.${port.name}`, port, CompletionItemKind.Field, 'pipeline output'));
  const offers = inputs
    .filter(fits)
    .map((port) => offer(`parent.inputs.${port.name}`, port, CompletionItemKind.Variable, 'pipeline input'));
  const chosen = /^parent\.jobs\.([^.]+)\./.exec(typed)?.[1];
  const jobs = document.at([...parent, 'jobs']);
  for (const { key } of isMap(jobs) ? jobs.items : []) {
    const other = textOf(key);
    if (other === own || other === '' || (chosen && other !== chosen)) continue;
    if (!chosen && typed.length > 'parent.jobs.'.length && !`parent.jobs.${other}`.startsWith(typed)) continue;
    if (offers.length >= itemLimit) break;
    for (const port of interfaceOfStep(document, [...parent, 'jobs', other], workspace)?.outputs ?? [])
      if (fits(port)) offers.push(offer(`parent.jobs.${other}.outputs.${port.name}`, port, CompletionItemKind.Field, `output of ${other}`));
  }
  return offers;
}

/** The type that a step in place says its input has. */
function declaredType(
  document: Context['ours']['document'],
  step: string[],
  section: unknown,
  name: string | undefined,
): string | undefined {
  if (name === undefined) return undefined;
  const node = document.at([...step, String(section), name, 'type']);
  return typeof (node as { value?: unknown } | null)?.value === 'string' ? String((node as { value?: unknown }).value) : undefined;
}

const offer = (path: string, port: Port, kind: CompletionItemKind, from: string): Offer => ({
  path,
  name: port.name,
  from,
  kind,
  detail: `${port.type}${port.optional ? ', optional' : ''}${port.description ? `: ${port.description}` : ''}`,
});
