import { stringify } from 'yaml';
import { isDataType } from '../spec/signature.ts';
import { fitsType, type Interface, interfaceAt, type Port } from './interfaces.ts';
import { relativeTo } from './paths.ts';
import type { Workspace } from './workspace.ts';

type Map = Record<string, unknown>;

/**
 * The YAML of a pipeline at `target` whose steps run these components in this order. An input that a step must have is bound to an output of a step before it: of the same
 * name and type, else of the same type, else of the same name and a type that fits, the latest first; everything else becomes an input of the pipeline. What the last step gives is the pipeline's output.
 */
export function assemblePipeline(workspace: Workspace, target: string, components: readonly string[]): string {
  const inputs: Map = {};
  const outputs: Map = {};
  const jobs: Map = {};
  const before: { step: string; outputs: Port[] }[] = [];
  for (const [index, file] of components.entries()) {
    const found = workspace.open(file);
    if (!found) continue;
    const { name, inputs: wanted, outputs: given } = interfaceAt(found.document, []);
    const step = freeName(nameOf(name, file), jobs);
    const bound = wanted
      .filter(({ optional }) => !optional)
      .map((port) => [port.name, source(port, before) ?? ownInput(port, step, inputs)]);
    const results = index === components.length - 1 ? given : [];
    for (const { name: output, type } of results) outputs[output] = { type };
    jobs[step] = {
      type: found.kind === 'pipelineComponent' ? 'pipeline' : 'command',
      component: relativeTo(target, file),
      ...(bound.length ? { inputs: Object.fromEntries(bound) } : {}),
      ...(results.length ? { outputs: Object.fromEntries(results.map((port) => [port.name, `\${{parent.outputs.${port.name}}}`])) } : {}),
    };
    before.unshift({ step, outputs: given });
  }
  const some = (key: string, map: Map) => (Object.keys(map).length ? { [key]: map } : {});
  return stringify(
    {
      $schema: 'https://azuremlschemas.azureedge.net/latest/pipelineJob.schema.json',
      type: 'pipeline',
      ...some('inputs', inputs),
      ...some('outputs', outputs),
      jobs,
    },
    { lineWidth: 0 },
  );
}

/** The output that fits an input best. */
function source(wanted: Port, before: readonly { step: string; outputs: Interface['outputs'] }[]): string | undefined {
  if (!isDataType(wanted.type)) return undefined;
  const fitting = before.flatMap(({ step, outputs }) =>
    outputs.filter(({ type }) => fitsType(type, wanted.type)).map(({ name, type }) => ({ step, name, type })),
  );
  const best =
    fitting.find(({ name, type }) => name === wanted.name && type === wanted.type) ??
    fitting.find(({ type }) => type === wanted.type) ??
    fitting.find(({ name }) => name === wanted.name);
  return best && `\${{parent.jobs.${best.step}.outputs.${best.name}}}`;
}

const samples: Map = { integer: 1, number: 0.1, boolean: true };

/** An input of the pipeline for what no step gives. Steps that want the same share it. */
function ownInput({ name, type }: Port, step: string, inputs: Map): string {
  const value = isDataType(type) ? { type, path: './data' } : (samples[type] ?? 'text');
  const isSame = (key: string) => JSON.stringify(inputs[key]) === JSON.stringify(value);
  const key = name in inputs && !isSame(name) ? freeName(`${step}_${name}`, inputs) : name;
  inputs[key] = value;
  return `\${{parent.inputs.${key}}}`;
}

/** The name of a step: its component's, by the rules of steps. */
function nameOf(name: string | undefined, file: string): string {
  const given =
    name ??
    file
      .split('/')
      .at(-1)!
      .replace(/\.ya?ml$/i, '');
  return (
    given
      .toLowerCase()
      .replace(/[^a-z0-9_]+/g, '_')
      .replace(/^[^a-z_]+/, '') || 'step'
  );
}

function freeName(name: string, taken: Map): string {
  let free = name;
  for (let count = 2; free in taken; count++) free = `${name}_${count}`;
  return free;
}
