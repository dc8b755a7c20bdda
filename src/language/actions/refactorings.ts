import { isMap, isScalar, type Node } from 'yaml';
import { wholeExpression } from '../../spec/expression.ts';
import { schemaAddress } from '../../spec/kinds/all.ts';
import { beside, isLocalPath } from '../../spec/paths.ts';
import { cursorAt, pathOf } from '../cursor.ts';
import { jobAround, resolveExpression } from '../expressionAt.ts';
import { assetReference } from '../hover.ts';
import { interfaceOfStep, literalType } from '../interfaces.ts';
import { componentFileOf } from '../occurrences.ts';
import { folderOf, relativeTo } from '../paths.ts';
import { placeAt } from '../place.ts';
import type { Context } from '../workspace.ts';
import { type Action, inFile, replace } from './action.ts';
import { type Entry, entriesAt, reindent } from './entries.ts';

/** What can be changed at an offset without a problem that asks for it. */
export async function refactorings(context: Context, offset: number): Promise<Action[]> {
  const place = placeAt(context.ours.document, offset);
  // Between things, the lines tell where one is.
  const path = place?.path ?? pathOf(cursorAt(context.ours.document, offset));
  const found = await Promise.all([
    addSchema(context),
    fixBraces(context, offset),
    pinLatest(context, offset),
    extractComponent(context, path),
    inlineComponent(context, path),
    jobToPipeline(context),
    sortInputs(context, path),
  ]);
  return found.filter((action) => action !== undefined);
}

function addSchema({ ours: { document, kind } }: Context): Action | undefined {
  if (!kind || document.pair([], '$schema') || kind === 'promptFlow') return undefined;
  const root = document.root as Node | null;
  if (!isMap(root) || root.flow) return undefined;
  const first = (root.items[0]?.key as Node | undefined)?.range?.[0];
  if (first === undefined) return undefined;
  return {
    title: 'Add $schema',
    kind: 'refactor.rewrite',
    edits: inFile(document, replace(document, first, first, `$schema: ${schemaAddress(kind)}\n`)),
  };
}

/** `{inputs.x}` and `${inputs.x}` on the line, which nothing fills in. */
function fixBraces({ ours: { document } }: Context, offset: number): Action | undefined {
  const line = document.lineAt(offset);
  const from = document.lineStart(line);
  const text = document.text.slice(from, document.lineEnd(line));
  const edits = [...text.matchAll(/(?<![{$])\$?\{((?:parent\.)?(?:inputs|outputs|jobs|search_space)\.[\w.-]+)\}(?!\})/g)].map((match) =>
    replace(document, from + match.index, from + match.index + match[0].length, `\${{${match[1]}}}`),
  );
  return edits.length ? { title: 'Write ${{ }}', kind: 'quickfix', isPreferred: true, edits: inFile(document, ...edits) } : undefined;
}

async function pinLatest({ ours: { document }, names }: Context, offset: number): Promise<Action | undefined> {
  const place = placeAt(document, offset);
  if (place?.part !== 'value' || !isScalar(place.node) || typeof place.node.value !== 'string') return undefined;
  const reference = assetReference(place.node.value);
  if (reference?.label !== 'latest') return undefined;
  const key = String(place.path.findLast((each) => typeof each === 'string'));
  const kind = key === 'environment' ? 'environments' : key === 'component' ? 'components' : key === 'model' ? 'models' : 'data';
  const version = (await names.list(kind))?.find(({ name }) => name === reference.name)?.latestVersion;
  if (!version) return undefined;
  const pinned = `azureml:${reference.name}:${version}`;
  const at = document.text.indexOf(place.node.value, place.node.range![0]);
  return {
    title: `Pin to ${pinned}`,
    kind: 'refactor.rewrite',
    edits: inFile(document, replace(document, at, at + place.node.value.length, pinned)),
  };
}

/** Keys of a command step that belong to its component; the others stay with the step. */
const componentKeys = [
  'description',
  'display_name',
  'command',
  'code',
  'environment',
  'environment_variables',
  'distribution',
  'is_deterministic',
  'additional_includes',
  'resources',
];

/** A command step in place becomes a component file beside the pipeline, and a step that names it. */
function extractComponent({ ours: { document }, workspace }: Context, path: readonly (string | number)[]): Action | undefined {
  const step = jobAround(path);
  const name = step.at(-1);
  const entries = step.length ? entriesAt(document, step) : undefined;
  if (!name || !entries?.some(({ key }) => key === 'command') || entries.some(({ key }) => key === 'component')) return undefined;
  const of = (key: string) => entries.find((each) => each.key === key);
  const column = entries[0]!.column;
  let file = `${folderOf(document.file)}/${name}.yml`;
  for (let count = 2; workspace.files.kind(file); count++) file = `${folderOf(document.file)}/${name}_${count}.yml`;

  const declare = (section: 'inputs' | 'outputs') => {
    const ports = entriesAt(document, [...step, section]);
    if (!ports?.length) return '';
    return `${section}:\n${ports.map(({ key }) => `  ${key}:\n    type: ${typeOfBinding(key, section)}\n`).join('')}`;
  };
  const typeOfBinding = (key: string, section: 'inputs' | 'outputs'): string => {
    const node = document.at([...step, section, key]);
    const declared = isMap(node) ? node.get('type') : undefined;
    if (typeof declared === 'string') return declared;
    const text = isMap(node) ? node.get('path') : isScalar(node) ? node.value : undefined;
    const expression = typeof text === 'string' ? wholeExpression(text) : undefined;
    const bound = expression && resolveExpression(document, { path: expression, start: 0, end: 0, job: step }, workspace)?.port.type;
    return bound ?? (section === 'outputs' || isMap(node) ? 'uri_folder' : literalType(text));
  };
  const component = [
    `$schema: ${schemaAddress('commandComponent')}\n`,
    `name: ${name.toLowerCase()}\n`,
    'type: command\n',
    ...['display_name', 'description'].map((key) => part(of(key), 0)),
    declare('inputs'),
    declare('outputs'),
    ...componentKeys.filter((key) => key !== 'display_name' && key !== 'description').map((key) => part(of(key), 0)),
  ].join('');
  // What only says a type is said by the component now.
  const outputs = (entriesAt(document, [...step, 'outputs']) ?? []).filter(({ key }) => {
    const node = document.at([...step, 'outputs', key]);
    return isMap(node)
      ? node.items.some((item) => String((item.key as { value?: unknown }).value) !== 'type')
      : isScalar(node) && node.value !== null;
  });
  const kept = entries.filter(({ key }) => !componentKeys.includes(key) && !['type', 'inputs', 'outputs'].includes(key));
  const pad = ' '.repeat(column);
  const body = [
    `${pad}type: command\n`,
    `${pad}component: ./${file.split('/').at(-1)}\n`,
    ...kept.map((each) => part(each, column)),
    bindings(document, step, of('inputs'), column),
    outputs.length ? `${pad}outputs:\n${outputs.map((each) => reindent(each.text, each.column, column + 2)).join('')}` : '',
  ].join('');
  return {
    title: `Extract "${name}" to a component file`,
    kind: 'refactor.extract',
    edits: inFile(document, replace(document, entries[0]!.start, entries.at(-1)!.end, body)),
    create: [{ file, text: component }],
  };
}

/** A step's inputs without the types that its component says. */
function bindings(document: Context['ours']['document'], step: string[], inputs: Entry | undefined, column: number): string {
  const entries = entriesAt(document, [...step, 'inputs']);
  if (!inputs) return '';
  if (!entries?.length) return part(inputs, column);
  return `${' '.repeat(column)}inputs:\n${entries.map((each) => reindent(each.text, each.column, column + 2)).join('')}`;
}

const part = (entry: Entry | undefined, column: number): string => (entry ? reindent(entry.text, entry.column, column) : '');

/** A step of a command component's file becomes a command in place. The file stays. */
function inlineComponent({ ours: { document }, workspace }: Context, path: readonly (string | number)[]): Action | undefined {
  const step = jobAround(path);
  const entries = step.length ? entriesAt(document, step) : undefined;
  const file = componentFileOf(document, step);
  const component = file && entries ? workspace.open(file) : undefined;
  if (!file || !entries || component?.kind !== 'commandComponent') return undefined;
  const source = component.document;
  const parts = entriesAt(source, []) ?? [];
  const of = (key: string) => parts.find((each) => each.key === key);
  const own = (key: string) => entries.find((each) => each.key === key);
  const column = entries[0]!.column;
  const pad = ' '.repeat(column);
  const moved = (key: string) => {
    const entry = of(key);
    if (!entry || own(key)) return '';
    return reindent(entry.text, 0, column).replace(
      /^(\s*(?:code|environment|conda_file|path):\s+)(["']?)((?:file:)?\.{0,2}[^\s"'#:]*)\2/gm,
      (whole, lead: string, quote: string, text: string) =>
        isLocalPath(text) && workspace.files.kind(beside(file, text))
          ? `${lead}${quote}${text.startsWith('file:') ? 'file:' : ''}${relativeTo(document.file, beside(file, text))}${quote}`
          : whole,
    );
  };
  const given = document.at([...step, 'inputs']);
  const defaults = (interfaceOfStep(document, step, workspace)?.inputs ?? []).filter(
    (port) => port.default !== undefined && !(isMap(given) && given.has(port.name)),
  );
  const inputs = own('inputs');
  const inputText =
    inputs || defaults.length
      ? `${inputs ? part(inputs, column) : `${pad}inputs:\n`}${isMap(given) && given.flow ? '' : defaults.map((port) => `${pad}  ${port.name}: ${JSON.stringify(port.default)}\n`).join('')}`
      : '';
  const stepOutputs = entriesAt(document, [...step, 'outputs']) ?? [];
  const declared = entriesAt(source, ['outputs']) ?? [];
  const outputs = [...declared.filter(({ key }) => !stepOutputs.some((each) => each.key === key)), ...stepOutputs];
  const body = [
    `${pad}type: command\n`,
    ...entries.filter(({ key }) => !['type', 'component', 'inputs', 'outputs'].includes(key)).map((each) => part(each, column)),
    ...['command', 'code', 'environment', 'environment_variables', 'distribution', 'resources'].map(moved),
    inputText,
    outputs.length ? `${pad}outputs:\n${outputs.map((each) => reindent(each.text, each.column, column + 2)).join('')}` : '',
  ].join('');
  return {
    title: `Put the component of "${step.at(-1)}" in place`,
    kind: 'refactor.inline',
    edits: inFile(document, replace(document, entries[0]!.start, entries.at(-1)!.end, body)),
  };
}

/** Keys of a command job that stay with the pipeline around it. */
const pipelineKeys = ['name', 'display_name', 'experiment_name', 'description', 'tags', 'properties', 'identity'];

/** A command job becomes a pipeline with one step. */
function jobToPipeline({ ours: { document, kind } }: Context): Action | undefined {
  const entries = kind === 'commandJob' ? entriesAt(document, []) : undefined;
  if (!entries?.length) return undefined;
  const compute = entries.find(({ key }) => key === 'compute');
  const named = document.at(['display_name']) ?? document.at(['name']);
  const step =
    (isScalar(named) ? String(named.value) : '')
      .toLowerCase()
      .replace(/[^a-z0-9_]+/g, '_')
      .replace(/^[^a-z_]+|_+$/g, '') || 'train';
  const text = [
    `$schema: ${schemaAddress('pipelineJob')}\n`,
    'type: pipeline\n',
    ...entries.filter(({ key }) => pipelineKeys.includes(key)).map((each) => part(each, 0)),
    compute ? `settings:\n  default_compute:${compute.text.slice(compute.text.indexOf(':') + 1).replace(/\r?\n?$/, '\n')}` : '',
    `jobs:\n  ${step}:\n    type: command\n`,
    ...entries
      .filter(({ key }) => !pipelineKeys.includes(key) && !['$schema', 'type', 'compute'].includes(key))
      .map((each) => part(each, 4)),
  ].join('');
  return {
    title: 'Turn this job into a step of a pipeline',
    kind: 'refactor.rewrite',
    edits: inFile(document, replace(document, entries[0]!.start, entries.at(-1)!.end, text)),
  };
}

/** Sorts the inputs or outputs around the cursor by name. */
function sortInputs({ ours: { document } }: Context, path: readonly (string | number)[]): Action | undefined {
  const at = path.findLastIndex((key) => key === 'inputs' || key === 'outputs');
  if (at < 0) return undefined;
  const entries = entriesAt(document, path.slice(0, at + 1));
  if (!entries || entries.length < 2) return undefined;
  const sorted = [...entries].sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  if (sorted.every((each, index) => each === entries[index])) return undefined;
  const text = sorted.map((each) => (each.text.endsWith('\n') ? each.text : `${each.text}\n`)).join('');
  return {
    title: `Sort ${path[at]}`,
    kind: 'refactor.rewrite',
    edits: inFile(document, replace(document, entries[0]!.start, entries.at(-1)!.end, text)),
  };
}
