import { type CallHierarchyItem, SymbolKind } from 'vscode-languageserver-types';
import { isMap, type Node } from 'yaml';
import type { FilePlace } from './navigation.ts';
import { occurrencesIn, readSymbol, textOf } from './occurrences.ts';
import { placeAt } from './place.ts';
import { rangeOf } from './positions.ts';
import type { Context, Workspace } from './workspace.ts';

/** A step of a pipeline as an item of the hierarchy; `file` and `step` find it again. */
export interface StepItem {
  file: string;
  step: string;
  detail: string;
  range: CallHierarchyItem['range'];
  selectionRange: CallHierarchyItem['range'];
  kind: SymbolKind;
}

/** A neighbour along the pipeline and the places that bind the two. */
export interface StepCall {
  item: StepItem;
  places: FilePlace['range'][];
}

/** The step around an offset. */
export function stepAt({ ours: { document } }: Context, offset: number): StepItem | undefined {
  const path = placeAt(document, offset)?.path;
  const step = path?.[0] === 'jobs' && path.length > 1 ? String(path[1]) : undefined;
  return step === undefined ? undefined : itemOf(document, step);
}

/** Steps that read an output of the step: who consumes it. */
export function consumers(workspace: Workspace, { file, step }: StepItem): StepCall[] {
  return neighbours(workspace, file, (from, to) => (to === step ? from : undefined));
}

/** Steps whose outputs the step reads. */
export function sources(workspace: Workspace, { file, step }: StepItem): StepCall[] {
  return neighbours(workspace, file, (from, to) => (from === step ? to : undefined));
}

/** All references from one step to another, grouped by what `pick` answers for (reader, read). */
function neighbours(workspace: Workspace, file: string, pick: (from: string, to: string) => string | undefined): StepCall[] {
  const document = workspace.open(file)?.document;
  if (!document) return [];
  const calls = new Map<string, FilePlace['range'][]>();
  for (const { symbol, role, start, end } of occurrencesIn(document)) {
    const { kind, scope, name } = readSymbol(symbol);
    if (kind !== 'step' || role !== 'reference' || scope !== '') continue;
    const path = placeAt(document, start)?.path;
    const reader = path?.[0] === 'jobs' ? String(path[1]) : undefined;
    const other = reader === undefined ? undefined : pick(reader, name);
    if (other !== undefined) calls.set(other, [...(calls.get(other) ?? []), rangeOf(document, start, end)]);
  }
  return [...calls].flatMap(([step, places]) => {
    const item = itemOf(document, step);
    return item ? [{ item, places }] : [];
  });
}

function itemOf(document: Context['ours']['document'], step: string): StepItem | undefined {
  const pair = document.pair(['jobs'], step);
  const key = pair?.key as Node | undefined;
  if (!pair || !key?.range) return undefined;
  const component = isMap(pair.value) ? pair.value.get('component') : undefined;
  const end = Math.max(key.range[1], (pair.value as Node | null)?.range?.[1] ?? 0);
  return {
    file: document.file,
    step: textOf(key),
    detail: typeof component === 'string' ? component : 'a step in place',
    range: rangeOf(document, key.range[0], end),
    selectionRange: rangeOf(document, key.range[0], key.range[1]),
    kind: SymbolKind.Function,
  };
}
