import { isMap, isScalar, isSeq, type Node, type Pair } from 'yaml';
import type { Block } from '../spec/blocks.ts';
import type { SpecDocument } from '../spec/document.ts';
import { beside, isLocalPath } from '../spec/paths.ts';

/**
 * One place where something with a name is declared or used; offsets in the document. `symbol` is the same for all places of one thing, across files:
 * `step|FILE|SCOPE|NAME`, `input|…`, `output|…`, `file|PATH||`, `component|||NAME`. A scope is the path of the job that has it: `` for the file's own, `jobs/train` for a step.
 */
export interface Occurrence {
  symbol: string;
  role: 'declaration' | 'binding' | 'reference';
  start: number;
  end: number;
}

export type SymbolKind = 'step' | 'input' | 'output' | 'file' | 'component';

export const symbolOf = (kind: SymbolKind, file: string, scope: string, name: string): string => `${kind}|${file}|${scope}|${name}`;
export function readSymbol(symbol: string): { kind: SymbolKind; file: string; scope: string; name: string } {
  const [kind, file, scope, name] = symbol.split('|') as [SymbolKind, string, string, string];
  return { kind, file, scope, name };
}

/** A place as one block knows it: an output of another step has no symbol until that step's component is known. */
interface Local extends Occurrence {
  stepOutput?: { scope: string; step: string; direction: string; name: string };
}

/** Length of a scope beyond which pipelines inside of pipelines are not followed: an alias may lead in a circle. */
const depthLimit = 500;

/** Every place of a document with a name, in order. Blocks that did not change are not read again. */
export function occurrencesIn(document: SpecDocument): Occurrence[] {
  const found: Occurrence[] = [];
  for (const block of document.blocks) {
    block.kept ??= new Map();
    let kept = block.kept.get('occurrences') as Local[] | undefined;
    if (!kept) {
      kept = readBlock(document, block);
      // What an alias stands for may change with another block.
      if (block.kind !== 'whole' && !block.text.includes('*')) block.kept.set('occurrences', kept);
    }
    for (const each of kept) {
      const symbol = each.stepOutput ? outputSymbol(document, each.stepOutput) : each.symbol;
      found.push({ symbol, role: each.role, start: each.start + block.start, end: each.end + block.start });
    }
  }
  return found;
}

/** The place at an offset. */
export function occurrenceAt(document: SpecDocument, offset: number): Occurrence | undefined {
  const block = document.blockAt(offset);
  const inBlock = (each: Occurrence) => !block || (each.start >= block.start && each.start <= block.start + block.text.length);
  return occurrencesIn(document)
    .filter((each) => inBlock(each) && each.start <= offset && offset <= each.end)
    .sort((a, b) => a.end - a.start - (b.end - b.start))[0];
}

/** The component file of a step, absolute; undefined for a step in place and for components of a plane. */
export function componentFileOf(document: SpecDocument, path: readonly string[]): string | undefined {
  const node = document.at([...path, 'component']);
  const text = isScalar(node) && typeof node.value === 'string' ? node.value : undefined;
  return text && isLocalPath(text) ? beside(document.file, text) : undefined;
}

function outputSymbol(document: SpecDocument, { scope, step, direction, name }: NonNullable<Local['stepOutput']>): string {
  const path = [...(scope ? scope.split('/') : []), 'jobs', step];
  const file = componentFileOf(document, path);
  const kind = direction === 'inputs' ? 'input' : 'output';
  return file ? symbolOf(kind, file, '', name) : symbolOf(kind, document.file, path.join('/'), name);
}

function readBlock(document: SpecDocument, block: Block): Local[] {
  const found: Local[] = [];
  const { file } = document;
  const add = (symbol: string, role: Occurrence['role'], start: number, end: number, stepOutput?: Local['stepOutput']) =>
    found.push({ symbol, role, start: start - block.start, end: end - block.start, ...(stepOutput ? { stepOutput } : {}) });
  const addNode = (symbol: string, role: Occurrence['role'], node: Node) => {
    if (node.range) add(symbol, role, node.range[0], node.range[1]);
  };

  if (block.kind === 'head' || block.parsed?.contents === undefined) return found;
  if (block.kind === 'whole') {
    const root = document.resolve(document.root);
    if (isMap(root)) for (const pair of root.items) rootEntry(pair as Pair);
  } else if (block.key !== undefined) {
    const pair = block.kind === 'step' ? document.pair(['jobs'], block.key) : document.pair([], block.key);
    if (!pair) return found;
    // Of two equal keys only one is in the index.
    if ((pair.key as Node).range![0] < block.start || (pair.key as Node).range![0] > block.start + block.text.length) return found;
    if (block.kind === 'step') step(pair, '');
    else if (block.kind !== 'container') rootEntry(pair);
  }
  return found;

  function rootEntry(pair: Pair): void {
    const key = textOf(pair.key);
    if (key === 'inputs' || key === 'outputs') declarations(pair.value as Node, key, file, '', 'declaration');
    if (key === 'jobs') for (const each of pairsOf(pair.value)) step(each, '');
    else if (key === 'component' || key === 'job') reference(pair.value as Node);
    expressions(key === 'jobs' ? null : pair.value, '', undefined);
  }

  function step(pair: Pair, parent: string): void {
    const name = textOf(pair.key);
    const scope = parent ? `${parent}/jobs/${name}` : `jobs/${name}`;
    addNode(symbolOf('step', file, parent, name), 'declaration', pair.key as Node);
    if (scope.length > depthLimit) return;
    const body = document.resolve(pair.value as Node);
    if (!isMap(body)) return;
    const component = body.items.find((each) => textOf(each.key) === 'component')?.value;
    const target =
      isScalar(component) && typeof component.value === 'string' && isLocalPath(component.value)
        ? beside(file, component.value)
        : undefined;
    for (const each of body.items) {
      const key = textOf(each.key);
      if (key === 'inputs' || key === 'outputs')
        declarations(
          each.value as Node,
          key,
          target ?? file,
          target ? '' : scope,
          target ? 'binding' : component ? 'binding' : 'declaration',
        );
      if (key === 'component' || key === 'trial') reference(each.value as Node);
      // A pipeline in place has steps of its own.
      if (key === 'jobs') for (const inner of pairsOf(each.value)) step(inner, scope);
      else expressions(each.value, scope, parent);
    }
  }

  function declarations(node: Node | null, key: 'inputs' | 'outputs', owner: string, scope: string, role: Occurrence['role']): void {
    const kind = key === 'inputs' ? 'input' : 'output';
    for (const each of pairsOf(node)) addNode(symbolOf(kind, owner, scope, textOf(each.key)), role, each.key as Node);
  }

  function reference(node: Node | null): void {
    if (!isScalar(node) || typeof node.value !== 'string') return;
    if (isLocalPath(node.value) && /\.ya?ml$/i.test(node.value))
      addNode(symbolOf('file', beside(file, node.value), '', ''), 'reference', node);
    const registered = /^(azureml:)([^/:@\s]+)(?:[:@]|$)/.exec(node.value);
    if (!registered || !node.range) return;
    const [, prefix, name] = registered as unknown as [string, string, string];
    const at = node.range[0] + document.text.slice(node.range[0], node.range[1]).indexOf(prefix) + prefix.length;
    add(symbolOf('component', '', '', name), 'reference', at, at + name.length);
  }

  /** `${{ }}` of every text below a node; `scope` has the inputs it means, `parent` what it calls so. */
  function expressions(node: unknown, scope: string, parent: string | undefined): void {
    if (isScalar(node)) {
      if (typeof node.value !== 'string' || !node.value.includes('${{') || !node.range) return;
      const text = document.text.slice(node.range[0], node.range[1]);
      for (const match of text.matchAll(/\$\{\{\s*([^{}]*?)\s*\}\}/g))
        expression(match[1]!, node.range[0] + match.index + match[0].indexOf(match[1]!, 3), scope, parent);
    } else if (isSeq(node)) for (const each of node.items) expressions(each, scope, parent);
    else if (isMap(node)) for (const each of node.items) expressions(each.value, scope, parent);
  }

  function expression(path: string, at: number, scope: string, parent: string | undefined): void {
    const [first, ...rest] = path.split('.');
    if (first === 'inputs' || first === 'outputs') {
      const name = rest.join('.');
      if (name)
        add(symbolOf(first === 'inputs' ? 'input' : 'output', file, scope, name), 'reference', at + first.length + 1, at + path.length);
    } else if (first === 'parent') {
      const owner = parent ?? '';
      const [kind, ...names] = rest;
      if (kind === 'inputs' || kind === 'outputs') {
        const name = names.join('.');
        const from = at + `parent.${kind}.`.length;
        if (name) add(symbolOf(kind === 'inputs' ? 'input' : 'output', file, owner, name), 'reference', from, at + path.length);
      } else if (kind === 'jobs' && names[0]) {
        const from = at + 'parent.jobs.'.length;
        add(symbolOf('step', file, owner, names[0]), 'reference', from, from + names[0].length);
        const [, direction, ...output] = names;
        if (direction && output.length)
          add('', 'reference', from + names[0].length + direction.length + 2, at + path.length, {
            scope: owner,
            step: names[0],
            direction,
            name: output.join('.'),
          });
      }
    }
  }

  function pairsOf(node: unknown): Pair[] {
    const map = document.resolve(node as Node);
    return isMap(map) ? (map.items as Pair[]).filter((pair) => isScalar(pair.key) && pair.key.value !== '<<') : [];
  }
}

export const textOf = (key: unknown): string => (isScalar(key) ? String(key.value) : '');
