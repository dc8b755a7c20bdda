import type { TSchema } from 'typebox';
import { isMap } from 'yaml';
import { nearest } from '../base/nearest.ts';
import type { SpecDocument } from './document.ts';
import { Data, Environment, Model } from './kinds/assets.ts';
import { CommandComponent } from './kinds/commandComponent.ts';
import { CommandJob } from './kinds/commandJob.ts';
import { PipelineComponent, PipelineJob } from './kinds/pipelineJob.ts';

/** The kinds that run or are kept locally, each with its one schema. */
export const kinds = {
  commandJob: CommandJob,
  pipelineJob: PipelineJob,
  commandComponent: CommandComponent,
  pipelineComponent: PipelineComponent,
  environment: Environment,
  data: Data,
  model: Model,
} satisfies Record<string, TSchema>;
export type Kind = keyof typeof kinds;
export const isJobKind = (kind: Kind | undefined): kind is 'commandJob' | 'pipelineJob' => kind === 'commandJob' || kind === 'pipelineJob';

/** Kinds of Azure ML that are known and not run here yet, by their `type`. */
const later = [
  'sweep',
  'parallel',
  'spark',
  'automl',
  'finetuning',
  'distillation',
  'import',
  'data_transfer',
  'do_while',
  'if_else',
  'parallel_for',
];
/** Schema names without a version that stand for kinds which come later. */
const laterSchema =
  /^(?:sweep|parallel|spark|autoML|fineTun|schedule|monitor|managed|kubernetes|batch|serverless|online|workspace|hub|project|registry|connection|compute|amlCompute|azure|feature|data(?:Import|Transfer)|import)/i;

/**
 * What a file is: by `$schema`, by `type`, by shape. `unsupported` names a kind of Azure ML that is not run here yet; undefined means it is none of ours.
 * Of a file that `mustBeOurs` the `type` alone decides, so that a mistyped key is named instead of the whole file refused.
 */
export function kindOf(
  document: SpecDocument,
  mustBeOurs = false,
): { kind?: Kind; unsupported?: string; unknownType?: { name: string; nearest?: string } } | undefined {
  const root = document.resolve(document.root);
  if (!isMap(root)) return undefined;
  const value = (key: string) => {
    const found = root.get(key);
    return typeof found === 'string' ? found : undefined;
  };
  const type = value('type');
  const schema = /([A-Za-z]+)\.schema\.json$/.exec(value('$schema') ?? '')?.[1];
  if (schema) {
    const known = Object.keys(kinds).find((kind) => kind.toLowerCase() === schema.toLowerCase());
    if (known) return { kind: known as Kind };
    if (laterSchema.test(schema)) return { unsupported: schema };
    return undefined;
  }
  if (type && later.includes(type))
    return root.has('trial') || root.has('task') || root.has('entry') || root.has('jobs') || root.has('experiment_name')
      ? { unsupported: type }
      : undefined;
  if (root.has('jobs') && (type === 'pipeline' || root.has('experiment_name') || root.has('settings'))) {
    if (type !== 'pipeline' && type !== undefined) return { unknownType: named(type) };
    const inputs = document.at(['inputs']);
    const declares = isMap(inputs) && inputs.items.some((item) => isMap(item.value) && item.value.has('type') && !item.value.has('path'));
    return { kind: declares && !root.has('experiment_name') && !root.has('settings') ? 'pipelineComponent' : 'pipelineJob' };
  }
  if (root.has('command') && root.has('environment')) {
    if (type !== undefined && type !== 'command') return { unknownType: named(type) };
    const inputs = document.at(['inputs']);
    const isComponent =
      root.has('version') ||
      root.has('is_deterministic') ||
      (isMap(inputs) && inputs.items.some((item) => isMap(item.value) && (item.value.has('default') || item.value.has('optional'))));
    return { kind: isComponent && !root.has('experiment_name') && !root.has('compute') ? 'commandComponent' : 'commandJob' };
  }
  if (root.has('path') && root.has('name') && type?.startsWith('uri_')) return { kind: 'data' };
  if (root.has('path') && root.has('name') && type?.endsWith('_model')) return { kind: 'model' };
  if (root.has('name') && (root.has('conda_file') || root.has('image')) && !root.has('services')) return { kind: 'environment' };
  if (mustBeOurs && type !== undefined)
    return type === 'command' ? { kind: 'commandJob' } : type === 'pipeline' ? { kind: 'pipelineJob' } : { unknownType: named(type) };
  return undefined;
}

function named(name: string): { name: string; nearest?: string } {
  const close = nearest(name, ['command', 'pipeline', ...later]);
  return { name, ...(close ? { nearest: close } : {}) };
}
