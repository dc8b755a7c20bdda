import { isMap, isScalar } from 'yaml';
import { nearest } from '../base/nearest.ts';
import { checkText, type TextScope } from './checkText.ts';
import { codes } from './codes.ts';
import type { SpecDocument } from './document.ts';
import { expressionsIn } from './expression.ts';
import { keyOf } from './validate.ts';

/** Where a kind of work has text that is filled in, below the job, the component or the step. */
const texts: Record<string, string[][]> = {
  command: [['command']],
  sweep: [['trial', 'command']],
  parallel: [['task', 'program_arguments'], ['input_data'], ['task', 'append_row_to']],
  spark: [['args']],
};
/** Keys whose text is for people, whatever stands in it. */
export const forPeople: readonly string[] = ['description', 'tags', 'properties', 'display_name', 'comment', 'name'];

const namesOf = (map: unknown): string[] => (typeof map === 'object' && map !== null && !Array.isArray(map) ? Object.keys(map) : []);

/** Checks the expressions of the work that stands at `path`: of a job, a component, or a step in place. Reads nothing else of the file. */
export function checkCommand(document: SpecDocument, path: string[], value: Record<string, any>, type: string): void {
  const inputs = namesOf(value.inputs);
  const outputs = namesOf(value.outputs);
  const scope: TextScope = {
    inputs,
    outputs,
    optional: inputs.filter((name) => value.inputs[name]?.optional === true && value.inputs[name]?.default === undefined),
    searchSpace: type === 'sweep' ? namesOf(value.search_space) : undefined,
  };
  const used = new Set<string>();
  let hasText = false;
  const ownTexts = Object.hasOwn(texts, type) ? texts[type]! : [];
  for (const below of ownTexts) {
    const node = document.at([...path, ...below]);
    if (isScalar(node) && typeof node.value === 'string') hasText = true;
    const key = below.at(-1)!;
    const reader = key === 'command' ? 'The command reads' : `"${key}" is`;
    for (const each of checkText(document, node, { ...scope, reader })) used.add(each);
  }
  // Inputs reach the program by variables, by the data that is split and by other fields too.
  // What the texts name is known already, and there is seldom more.
  const known = ['inputs', 'outputs', ...ownTexts.map((below) => below.join('.'))];
  const others = Object.fromEntries(Object.entries(value).filter(([key]) => !known.includes(key)));
  for (const { at, expression } of hasExpression(others) ? referencesIn(others) : []) {
    used.add(expression.join('.'));
    if (![...forPeople, 'jobs', 'component'].includes(String(at[0])) && !ownTexts.some((below) => below.join() === at.join()))
      checkReference(document, [...path, ...at], expression, scope, path.length === 0);
  }
  if (!hasText) return;
  for (const [kind, names] of [
    ['inputs', inputs],
    ['outputs', outputs],
  ] as const) {
    const map = document.at([...path, kind]);
    const pairs = new Map(isMap(map) ? map.items.map((pair) => [keyOf(pair), pair]) : []);
    for (const name of names) {
      if (used.has(`${kind}.${name}`) || isUnreadable(name, value[kind][name], type, kind)) continue;
      document.report(
        pairs.get(name),
        'UnusedInput',
        `The command does not name the ${kind === 'inputs' ? 'input' : 'output'} "${name}".`,
        `Write \${{${kind}.${name}}} in the command, unless the program reads it from its environment.`,
        codes.UnusedInput.severity,
      );
    }
  }
}

/** Outputs with a place of their own or that the service fills (`default`, `artifacts`), and what Spark and mini-batches read by themselves. */
const isUnreadable = (name: string, entry: any, type: string, kind: 'inputs' | 'outputs'): boolean =>
  (type !== 'command' && type !== 'sweep') ||
  (kind === 'outputs' && (name === 'default' || name === 'artifacts' || (typeof entry === 'object' && typeof entry?.path === 'string')));

/** Whether a name is far from all that Azure fills in, as of a file whose expressions another program fills in first. */
export const isForeign = (root: string): boolean => nearest(root, ['inputs', 'outputs', 'search_space', 'parent']) === undefined;

/** An expression outside of texts that are filled in: of a variable, a compute, a limit. */
function checkReference(document: SpecDocument, at: (string | number)[], expression: string[], scope: TextScope, isAlone: boolean): void {
  const [root = '', ...rest] = expression;
  const name = rest.join('.');
  const report = (message: string, hint?: string) =>
    document.report(document.at(at), 'InvalidReference', message, hint, isForeign(root) ? 'warning' : codes.InvalidReference.severity);
  if (root === 'inputs' || root === 'outputs' || root === 'search_space') {
    const declared = scope[root === 'search_space' ? 'searchSpace' : root];
    if (!declared || declared.includes(name) || (root === 'inputs' && scope.searchSpace?.includes(name))) return;
    const close = nearest(name, declared);
    report(
      `"${at.at(-1)}" is \${{${root}.${name}}}, but ${root} has no "${name}".`,
      close ? `Did you mean \${{${root}.${close}}}?` : `Declare "${name}" under "${root}:".`,
    );
    // Steps take what is of their pipeline.
  } else if (isAlone)
    report(
      `\${{${expression.join('.')}}} is not known here.`,
      root === 'parent' ? 'There is no pipeline around this; only its steps know "parent".' : 'Use ${{inputs.NAME}} or ${{outputs.NAME}}.',
    );
}

interface FoundExpression {
  /** Key path of the text. */
  at: (string | number)[];
  expression: string[];
}

function hasExpression(value: unknown, depth = 0): boolean {
  if (typeof value === 'string') return value.includes('${{');
  if (typeof value !== 'object' || value === null || depth > 12) return false;
  for (const each of Object.values(value)) if (hasExpression(each, depth + 1)) return true;
  return false;
}

function referencesIn(value: unknown, at: (string | number)[] = [], found: FoundExpression[] = []): FoundExpression[] {
  if (typeof value === 'string') {
    if (value.includes('${{')) for (const { path } of expressionsIn(value)) found.push({ at: [...at], expression: path });
  } else if (typeof value === 'object' && value !== null && at.length < 13)
    for (const key in value) {
      at.push(Array.isArray(value) ? Number(key) : key);
      referencesIn((value as Record<string, unknown>)[key], at, found);
      at.pop();
    }
  return found;
}
