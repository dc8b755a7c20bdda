import { isMap, isScalar } from 'yaml';
import { checkText, type TextScope } from './checkText.ts';
import { codes } from './codes.ts';
import type { SpecDocument } from './document.ts';
import { expressionsIn } from './expression.ts';
import { keyOf } from './validate.ts';

/** Where a kind of work has text that is filled in, below the job, the component or the step. */
const texts: Record<string, string[][]> = {
  command: [['command']],
  sweep: [['trial', 'command']],
  parallel: [['task', 'program_arguments']],
  spark: [['args']],
};

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
  for (const below of Object.hasOwn(texts, type) ? texts[type]! : []) {
    const node = document.at([...path, ...below]);
    if (isScalar(node) && typeof node.value === 'string') hasText = true;
    for (const each of checkText(document, node, scope)) used.add(each);
  }
  if (!hasText) return;
  // Inputs reach the program by variables, by the data that is split and by other fields too.
  const { inputs: _inputs, outputs: _outputs, ...others } = value;
  for (const each of referencesIn(others)) used.add(each);
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
        `The command never uses the ${kind === 'inputs' ? 'input' : 'output'} "${name}".`,
        `Write \${{${kind}.${name}}} in the command, or remove it.`,
        codes.UnusedInput.severity,
      );
    }
  }
}

/** Outputs with a place of their own or that the service fills (`default`, `artifacts`), and what Spark and mini-batches read by themselves. */
const isUnreadable = (name: string, entry: any, type: string, kind: 'inputs' | 'outputs'): boolean =>
  (type !== 'command' && type !== 'sweep') ||
  (kind === 'outputs' && (name === 'default' || name === 'artifacts' || (typeof entry === 'object' && typeof entry?.path === 'string')));

function referencesIn(value: unknown, depth = 0): string[] {
  if (typeof value === 'string') return value.includes('${{') ? expressionsIn(value).map(({ path }) => path.join('.')) : [];
  if (typeof value !== 'object' || value === null || depth > 12) return [];
  return Object.values(value).flatMap((each) => referencesIn(each, depth + 1));
}
