import { isMap, isScalar, type Node } from 'yaml';
import { Edges, endId, type Graph, type GraphNode } from '../../protocol/graph.ts';
import { type Reference, referencesOf } from '../../spec/checkPipeline.ts';
import type { Diagnostic } from '../../spec/diagnostic.ts';
import type { SpecDocument } from '../../spec/document.ts';
import { beside, isLocalPath } from '../../spec/paths.ts';
import { isMapValue } from '../../spec/signature.ts';
import { componentFileOf, textOf } from '../occurrences.ts';
import { placeAt } from '../place.ts';
import type { OurFile, Workspace } from '../workspace.ts';

/** Where a node of a graph is written: the key path in a file, and the component's file of a step that has one. */
export interface Origin {
  file: string;
  path: string[];
  component?: string;
}

/** The graph of a file and where each of its nodes comes from. */
export interface DrawnGraph {
  graph: Graph;
  origins: ReadonlyMap<string, Origin>;
}

/** Codicons of steps by `type`. */
const icons: Record<string, string> = {
  command: 'terminal',
  sweep: 'beaker',
  pipeline: 'type-hierarchy-sub',
  parallel: 'split-horizontal',
  spark: 'flame',
  automl: 'sparkle',
  import: 'arrow-swap',
  data_transfer: 'arrow-swap',
  do_while: 'sync',
  parallel_for: 'run-all',
  if_else: 'git-compare',
};
/** Pipelines inside of pipelines that are drawn: a component may contain itself. */
const depthLimit = 20;

/**
 * The graph of the pipeline in a file: inputs, steps, outputs, and arrows from output to input, with what `diagnostics` call an error drawn as broken. `expanded` names the
 * nested pipelines that are shown in place, by node id; ids are the names of steps joined by `/`. Undefined when the file has no pipeline.
 */
export function documentGraph(
  ours: OurFile,
  workspace: Workspace,
  diagnostics: readonly Diagnostic[],
  expanded: ReadonlySet<string>,
): DrawnGraph | undefined {
  const nodes: GraphNode[] = [];
  const edges = new Edges();
  const origins = new Map<string, Origin>();
  const start = startOf(ours, workspace);
  if (!start) return undefined;
  draw(start, [], '', 0);
  // Inputs that no step reads would only float about.
  const ends = new Set(edges.all.flatMap((edge) => [edge.source, edge.target]));
  const isShown = ({ id, kind, isBroken }: GraphNode) => (kind !== 'input' && kind !== 'output') || isBroken || ends.has(id);
  return { graph: { nodes: nodes.filter(isShown), edges: edges.all }, origins };

  /** Draws the pipeline at `path` of a document inside of the node `inside`. */
  function draw(document: SpecDocument, path: string[], inside: string, depth: number): void {
    const faults = faultsIn(document, path, diagnostics);
    const parent = inside === '' ? {} : { parent: inside };
    const idOf = (name: string) => (inside === '' ? name : `${inside}/${name}`);
    // Inside a frame the ends are left out: the arrows to the frame say it already.
    const hasEnds = inside === '';
    const ends = { inputs: new Set<string>(), outputs: new Set<string>() };
    if (hasEnds)
      for (const kind of ['inputs', 'outputs'] as const)
        for (const name of keysAt(document, [...path, kind])) {
          ends[kind].add(name);
          addEnd(kind, name, faults.at(kind, name));
          origins.set(endId(inside, kind, name), { file: document.file, path: [...path, kind, name] });
        }
    const steps = keysAt(document, [...path, 'jobs']);
    const known = new Set(steps);
    const value = document.toValue(path.length === 0 ? document.root : document.at(path));
    const bodies = isMapValue(value) && isMapValue(value.jobs) ? value.jobs : {};

    for (const name of steps) {
      const id = idOf(name);
      const at = [...path, 'jobs', name];
      const body = isMapValue(bodies[name]) ? bodies[name] : {};
      const component = componentFileOf(document, at) ?? fileAt(document, [...at, 'trial']);
      origins.set(id, { file: document.file, path: at, ...(component ? { component } : {}) });
      const within = insideOf(document, at, component, workspace);
      const isExpanded = within !== undefined && expanded.has(id) && depth < depthLimit;
      const fault = faults.of(name);
      nodes.push({
        id,
        kind: within ? 'pipeline' : 'step',
        label: name,
        ...parent,
        ...lookOf(body, within !== undefined),
        ...(fault ? { isBroken: true, detail: fault } : {}),
        ...(within ? { isExpandable: true, isExpanded } : {}),
      });
      if (isExpanded) draw(within.document, within.path, id, depth + 1);
      for (const reference of readReferences(document, at, body)) connect(reference, name, id);
    }

    function connect({ place, name, at, path: expression }: Reference, step: string, id: string): void {
      const [root, scope, first = '', direction, ...rest] = expression;
      if (root !== 'parent') return;
      const isBroken = place !== 'other' && faults.at(step, place, name) !== undefined;
      if (scope === 'inputs' && place !== 'outputs') {
        const input = expression.slice(2).join('.');
        if (!hasEnds || !input) return;
        if (!ends.inputs.has(input)) addMissing('input', endId(inside, 'inputs', input), input);
        edges.add(endId(inside, 'inputs', input), id, input, name || String(at[0]), isBroken);
      } else if (scope === 'outputs' && place === 'outputs') {
        const output = expression.slice(2).join('.');
        if (!hasEnds || !output) return;
        if (!ends.outputs.has(output)) addMissing('output', endId(inside, 'outputs', output), output);
        edges.add(id, endId(inside, 'outputs', output), name, output, isBroken);
      } else if (scope === 'jobs' && first) {
        if (!known.has(first)) addMissing('step', idOf(first), first);
        // Control flow names the steps that it runs; everything else what it reads.
        if (direction === undefined) edges.add(id, idOf(first), String(at[0]), String(at[0]), !known.has(first));
        else edges.add(idOf(first), id, rest.join('.'), name || String(at[0]), isBroken);
      }
    }

    function addEnd(kind: 'inputs' | 'outputs', name: string, fault: string | undefined): void {
      const broken = fault ? { isBroken: true, detail: fault } : {};
      nodes.push({ id: endId(inside, kind, name), kind: kind === 'inputs' ? 'input' : 'output', label: name, ...broken });
    }

    /** What is named but not there is drawn all the same: there the arrow ends. */
    function addMissing(kind: GraphNode['kind'], id: string, label: string): void {
      if (!nodes.some((each) => each.id === id)) nodes.push({ id, kind, label, ...parent, isBroken: true, detail: 'Not defined' });
    }
  }
}

/** The document whose `jobs:` are the pipeline's: its own, or of the component that it runs. */
function startOf({ document, kind }: OurFile, workspace: Workspace): SpecDocument | undefined {
  if (kind !== 'pipelineJob' && kind !== 'pipelineComponent') return undefined;
  const file = document.pair([], 'jobs') ? undefined : componentFileOf(document, []);
  const component = file === undefined || file === document.file ? undefined : workspace.open(file);
  return component?.kind === 'pipelineComponent' ? component.document : document;
}

/** The pipeline that a step stands for: a component's file, or in place. */
function insideOf(
  document: SpecDocument,
  at: string[],
  component: string | undefined,
  workspace: Workspace,
): { document: SpecDocument; path: string[] } | undefined {
  if (component !== undefined) {
    const found = workspace.open(component);
    return found?.kind === 'pipelineComponent' ? { document: found.document, path: [] } : undefined;
  }
  for (const path of [at, [...at, 'component']]) if (isMap(document.at([...path, 'jobs']))) return { document, path };
  return undefined;
}

/** The file of this machine that stands at a path. */
function fileAt(document: SpecDocument, path: string[]): string | undefined {
  const node = document.at(path);
  return isScalar(node) && typeof node.value === 'string' && isLocalPath(node.value) ? beside(document.file, node.value) : undefined;
}

/** Icon, and in words what a step runs. */
function lookOf(body: Record<string, unknown>, isPipeline: boolean): Pick<GraphNode, 'icon' | 'detail'> {
  const type = isPipeline ? 'pipeline' : typeof body.type === 'string' ? body.type : 'command';
  const runs = [body.component, body.trial].find((each) => typeof each === 'string') as string | undefined;
  const command = typeof body.command === 'string' ? (body.command.trim().split('\n')[0] ?? '') : undefined;
  return { icon: icons[type] ?? 'circle-large-outline', detail: (runs && shortPath(runs)) ?? command ?? type.replace('_', ' ') };
}

/** The end of a path: the folder tells files apart that are all called `component.yml`. */
const shortPath = (path: string) => (isLocalPath(path) ? path.split('/').slice(-2).join('/').replace(/^\.\//, '') : path);

/** The references of a step, read again only when its text changed. */
function readReferences(document: SpecDocument, at: string[], body: Record<string, unknown>): Reference[] {
  const text = at.length === 2 ? document.blockOf(at)?.text : undefined;
  // What an alias stands for may change with another block.
  if (text === undefined || /[*&]|<</.test(text)) return referencesOf(body);
  return document.remember(at, 'references', [], () => referencesOf(body));
}

const keysAt = (document: SpecDocument, path: string[]): string[] => {
  const map = document.at(path);
  return isMap(map) ? map.items.filter(({ key }) => isScalar(key) && key.value !== '<<').map(({ key }) => textOf(key as Node)) : [];
};

/** The errors of a pipeline by the place that they are about. */
function faultsIn(document: SpecDocument, path: string[], diagnostics: readonly Diagnostic[]) {
  const found = new Map<string, string>();
  const note = (key: string, message: string) => {
    if (!found.has(key)) found.set(key, message);
  };
  for (const { file, severity, message, range } of diagnostics) {
    if (file !== document.file || severity !== 'error') continue;
    const offset = document.lineStart(range.start.line - 1) + range.start.column - 1;
    const place = placeAt(document, offset)?.path.map(String);
    if (!place || path.some((key, index) => place[index] !== key)) continue;
    const own = place.slice(path.length);
    if (own[0] !== 'jobs') note(own.slice(0, 2).join('\n'), message);
    else if (own[1] !== undefined) {
      note(`step\n${own[1]}`, message);
      note(own.slice(1, 4).join('\n'), message);
    }
  }
  return {
    /** What is wrong with a step, wherever in it. */
    of: (step: string) => found.get(`step\n${step}`),
    /** What is wrong with an input or output: of the pipeline (`inputs`, name), or of a step (step, `inputs`, name). */
    at: (...key: string[]) => found.get(key.join('\n')),
  };
}
