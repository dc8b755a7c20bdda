import { datastoreUri } from '../protocol/asset.ts';
import type {
  CommandJobProperties,
  JobInput,
  JobOutput,
  PipelineJobProperties,
  PipelineNode,
  SweepJobProperties,
} from '../protocol/job.ts';
import { sweepToArm } from './sweepToArm.ts';

/** What a YAML value became on the plane: ids and uris in place of local paths and short names. */
export interface Resolved {
  /** ARM id or undefined without code. */
  codeId?: string | undefined;
  environmentId: string;
}

const modes: Record<string, string> = {
  ro_mount: 'ReadOnlyMount',
  mount: 'ReadOnlyMount',
  rw_mount: 'ReadWriteMount',
  download: 'Download',
  direct: 'Direct',
  eval_mount: 'EvalMount',
  eval_download: 'EvalDownload',
  upload: 'Upload',
};

/** A job's inputs in ARM's shape: literals as text, data by uri. `resolve` turns a path into a uri or id. */
export async function inputsToArm(
  inputs: Record<string, any> | undefined,
  resolve: (path: string, type: string) => Promise<string>,
): Promise<Record<string, JobInput>> {
  const result: Record<string, JobInput> = {};
  for (const [name, input] of Object.entries(inputs ?? {})) {
    if (input === null || input === undefined) continue;
    if (typeof input !== 'object') {
      result[name] = { jobInputType: 'literal', value: String(input) };
    } else if (input.path === undefined) {
      const value = input.value ?? input.default;
      if (value !== undefined) result[name] = { jobInputType: 'literal', value: String(value) };
    } else {
      const type = input.type ?? 'uri_folder';
      result[name] = {
        jobInputType: type,
        uri: await resolve(String(input.path), type),
        ...(input.mode ? { mode: modes[input.mode] ?? input.mode } : {}),
      };
    }
  }
  return result;
}

/** A job's outputs in ARM's shape. */
export function outputsToArm(outputs: Record<string, any> | undefined): Record<string, JobOutput> {
  return Object.fromEntries(
    Object.entries(outputs ?? {}).map(([name, output]) => {
      const { type = 'uri_folder', path, mode, name: assetName, version } = typeof output === 'object' && output !== null ? output : {};
      return [
        name,
        {
          jobOutputType: type,
          ...(path ? { uri: outputUri(String(path)) } : {}),
          ...(mode ? { mode: mode === 'upload' || mode === 'direct' ? modes[mode] : 'ReadWriteMount' } : {}),
          ...(assetName ? { assetName: String(assetName) } : {}),
          ...(version !== undefined ? { assetVersion: String(version) } : {}),
        } as JobOutput,
      ];
    }),
  );
}

const outputUri = (path: string): string | undefined => (path.startsWith('azureml:') ? path : datastoreUri(path.replace(/^\/+/, '')));

const text = (value: unknown): string | undefined => (value === undefined || value === null ? undefined : String(value));
const texts = (map: Record<string, unknown> | undefined): Record<string, string> =>
  Object.fromEntries(Object.entries(map ?? {}).map(([key, value]) => [key, String(value)]));

/** Fields that command and pipeline jobs share. */
function common(value: Record<string, any>) {
  const optional = {
    displayName: text(value.display_name),
    experimentName: text(value.experiment_name),
    description: text(value.description),
  };
  return {
    ...Object.fromEntries(Object.entries(optional).filter(([, each]) => each !== undefined)),
    tags: texts(value.tags),
    properties: texts(value.properties),
  };
}

/** A command job's YAML as ARM properties. */
export async function commandJobToArm(
  value: Record<string, any>,
  resolved: Resolved,
  resolve: (path: string, type: string) => Promise<string>,
): Promise<CommandJobProperties> {
  return {
    ...common(value),
    jobType: 'Command',
    command: String(value.command),
    ...(resolved.codeId ? { codeId: resolved.codeId } : {}),
    environmentId: resolved.environmentId,
    environmentVariables: texts(value.environment_variables),
    inputs: await inputsToArm(value.inputs, resolve),
    outputs: outputsToArm(value.outputs),
    ...(value.limits?.timeout ? { limits: { jobLimitsType: 'Command', timeout: duration(value.limits.timeout) } } : {}),
    ...(value.resources ? { resources: value.resources } : {}),
    ...(value.distribution ? { distribution: value.distribution } : {}),
  };
}

/** A sweep job's YAML as ARM properties; `resolved` is of its trial. */
export async function sweepJobToArm(
  value: Record<string, any>,
  resolved: Resolved,
  resolve: (path: string, type: string) => Promise<string>,
): Promise<SweepJobProperties> {
  const { trial, resources = trial.resources } = value;
  return {
    ...common(value),
    jobType: 'Sweep',
    trial: {
      command: String(trial.command),
      ...(resolved.codeId ? { codeId: resolved.codeId } : {}),
      environmentId: resolved.environmentId,
      environmentVariables: texts(trial.environment_variables),
      ...(resources ? { resources } : {}),
      ...(trial.distribution ? { distribution: trial.distribution } : {}),
    },
    inputs: await inputsToArm(value.inputs, resolve),
    outputs: outputsToArm(value.outputs),
    ...sweepToArm(value),
  };
}

/** A pipeline job's YAML as ARM properties; `nodes` are its steps, made by `stepToArm`. */
export async function pipelineJobToArm(
  value: Record<string, any>,
  nodes: Record<string, PipelineNode>,
  resolve: (path: string, type: string) => Promise<string>,
): Promise<PipelineJobProperties> {
  return {
    ...common(value),
    jobType: 'Pipeline',
    inputs: await inputsToArm(value.inputs, resolve),
    outputs: outputsToArm(value.outputs),
    jobs: nodes,
    settings: value.settings ?? {},
  };
}

/** A step's YAML as Azure sends it: snake_case, bindings as text. */
export async function stepToArm(
  name: string,
  step: Record<string, any>,
  type: string,
  componentId: string,
  resolve: (path: string, type: string) => Promise<string>,
): Promise<PipelineNode> {
  const inputs: NonNullable<PipelineNode['inputs']> = {};
  for (const [key, input] of Object.entries((step.inputs ?? {}) as Record<string, any>)) {
    if (input === null || input === undefined) continue;
    const path = typeof input === 'object' ? input.path : undefined;
    const mode = typeof input === 'object' && input.mode ? { mode: modes[input.mode] ?? input.mode } : {};
    if (path === undefined)
      inputs[key] = { job_input_type: 'literal', value: String(typeof input === 'object' ? (input.value ?? input.default ?? '') : input) };
    else if (/^\$\{\{/.test(path)) inputs[key] = { job_input_type: 'literal', value: path, ...mode };
    else
      inputs[key] = { job_input_type: input.type ?? 'uri_folder', uri: await resolve(String(path), input.type ?? 'uri_folder'), ...mode };
  }
  const outputs: NonNullable<PipelineNode['outputs']> = {};
  for (const [key, output] of Object.entries((step.outputs ?? {}) as Record<string, any>)) {
    if (typeof output === 'string') outputs[key] = { type: 'literal', value: output };
    else if (output?.path && /^\$\{\{/.test(output.path)) outputs[key] = { type: 'literal', value: output.path };
    else if (output) {
      const uri = output.path ? outputUri(String(output.path)) : undefined;
      outputs[key] = {
        job_output_type: output.type ?? 'uri_folder',
        ...(uri ? { uri } : {}),
        ...(output.name ? { name: String(output.name) } : {}),
        ...(output.version !== undefined ? { version: String(output.version) } : {}),
      };
    }
  }
  const { search_space, sampling_algorithm, objective, early_termination } = step;
  // The settings of a sweep stay in the words of the YAML on the wire, as Azure's own client sends them.
  const sweep = { trial: { componentId }, search_space, sampling_algorithm, objective, limits: step.limits, early_termination };
  return {
    name,
    type,
    ...(type === 'sweep'
      ? (Object.fromEntries(Object.entries(sweep).filter(([, each]) => each !== undefined)) as Partial<PipelineNode>)
      : { componentId }),
    inputs,
    outputs,
    ...(step.display_name ? { display_name: String(step.display_name) } : {}),
    ...(step.environment_variables ? { environment_variables: texts(step.environment_variables) } : {}),
    ...(step.limits?.timeout && type !== 'sweep' ? { limits: { timeout: step.limits.timeout } } : {}),
    ...(step.resources ? { resources: step.resources } : {}),
  };
}

const duration = (timeout: number | string): string => (typeof timeout === 'number' || /^\d+$/.test(timeout) ? `PT${timeout}S` : timeout);
