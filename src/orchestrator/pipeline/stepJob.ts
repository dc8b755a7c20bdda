import { createHash } from 'node:crypto';
import { UserError } from '../../base/userError.ts';
import { parseAssetId } from '../../protocol/arm.ts';
import { check } from '../../protocol/check.ts';
import {
  type CommandJobProperties,
  emptyInputsOf,
  type JobInput,
  type JobOutput,
  type JobProperties,
  jobProperty,
  leftEmpty,
  type PipelineJob,
  type PipelineJobProperties,
  type PipelineNode,
  type PipelineSettings,
  SweepJobProperties,
} from '../../protocol/job.ts';
import { defaultDatastoreOf, filledOutputUri } from '../../protocol/jobPlaces.ts';
import { expressionsIn, wholeExpression } from '../../spec/expression.ts';
import { sweepToArm } from '../../spec/sweepToArm.ts';
import type { ChildJob } from '../orchestration.ts';

/** A step's job, as far as its pipeline needs to know it. */
export type StepJob = ChildJob;

/** A component's YAML as JSON, as far as a step needs it. */
export interface ComponentSpec {
  type?: string;
  name?: string;
  command?: string;
  code?: string;
  environment?: string;
  is_deterministic?: boolean;
  environment_variables?: Record<string, string>;
  distribution?: unknown;
  resources?: unknown;
  inputs?: Record<string, { type: string; default?: unknown; optional?: boolean }>;
  outputs?: Record<string, { type?: string }>;
  jobs?: Record<string, PipelineNode>;
}

/** The name of a step's job: the same after every restart, so that each step is created once. At most 255 characters. */
export function stepJobName(pipeline: string, step: string): string {
  const name = `${pipeline}-${step}`;
  return name.length <= 200 ? name : `${name.slice(0, 180)}-${createHash('sha256').update(name).digest('hex').slice(0, 12)}`;
}

/** The properties with which a step's job is created: its component's definition with the step's values put in. */
export function stepProperties(
  pipeline: PipelineJob,
  step: string,
  component: ComponentSpec,
  children: ReadonlyMap<string, StepJob>,
): JobProperties {
  const node = pipeline.properties.jobs[step]!;
  const inputs: Record<string, JobInput> = {};
  const empty: string[] = [];
  for (const [name, declared] of Object.entries(component.inputs ?? {})) {
    // A trial draws it.
    if (node.search_space?.[name] !== undefined) continue;
    const given = node.inputs?.[name];
    const text = given?.value ?? given?.uri ?? '';
    const resolved = given && resolveInput(text, declared.type, pipeline, children, given.mode);
    if (resolved) {
      inputs[name] = resolved;
      if (isLeftEmpty(text, pipeline, children)) empty.push(name);
    } else if (declared.default !== undefined && declared.default !== null)
      inputs[name] = { jobInputType: 'literal', value: String(declared.default) };
    else if (!declared.optional)
      throw new UserError('MissingInput', `The step "${step}" needs the input "${name}".`, 'Give it a value in the pipeline.');
  }
  const outputs: Record<string, JobOutput> = {};
  const datastore = defaultDatastoreOf(pipeline.properties.settings);
  for (const [name, declared] of Object.entries(component.outputs ?? {})) {
    const given = node.outputs?.[name];
    const uri = given?.uri ?? boundPlace(pipeline, given?.value);
    outputs[name] = {
      jobOutputType: (declared.type ?? 'uri_folder') as JobOutput['jobOutputType'],
      ...(uri ? { uri: filledOutputUri(uri, { output: name, datastore }) } : {}),
      ...(given?.name ? { assetName: given.name } : {}),
      ...(given?.version ? { assetVersion: given.version } : {}),
    };
  }
  const { experimentName, settings, properties } = pipeline.properties;
  const computeId = node.computeId ?? settings?.default_compute ?? pipeline.properties.computeId;
  const common = {
    displayName: node.display_name ?? step,
    ...(experimentName ? { experimentName } : {}),
    ...(node.componentId ? { componentId: node.componentId } : node.trial ? { componentId: node.trial.componentId } : {}),
    ...(computeId ? { computeId } : {}),
    parentJobName: pipeline.name,
    nodeName: step,
    inputs,
    outputs,
    properties: { ...withoutEmptyInputs(properties), ...(empty.length ? { [jobProperty.emptyInputs]: empty.join() } : {}) },
  };
  if (component.type === 'pipeline') {
    return {
      ...common,
      jobType: 'Pipeline',
      jobs: component.jobs ?? {},
      ...(settings ? { settings: inherited(settings) } : {}),
    } satisfies PipelineJobProperties;
  }
  const timeout = node.limits?.timeout;
  const command = {
    command: component.command ?? '',
    environmentId: bareId(component.environment ?? ''),
    environmentVariables: { ...component.environment_variables, ...node.environment_variables },
  };
  if (node.type === 'sweep') {
    const trial = { ...command, ...(component.code ? { codeId: bareId(component.code) } : {}) };
    return check(SweepJobProperties, { ...common, jobType: 'Sweep', trial, ...sweepToArm(node) }, `The sweep step "${step}"`);
  }
  const [distribution, resources] = [node.distribution ?? component.distribution, node.resources ?? component.resources];
  const services = Object.keys((node.services ?? {}) as object).map((name): [string, { jobServiceType: string }] => [
    name,
    { jobServiceType: name },
  ]);
  return {
    ...common,
    jobType: 'Command',
    ...command,
    ...(node.identity ? { identity: node.identity } : {}),
    ...(node.queue_settings ? { queueSettings: node.queue_settings } : {}),
    ...(services.length ? { services: Object.fromEntries(services) } : {}),
    ...(distribution ? { distribution } : {}),
    ...(resources ? { resources } : {}),
    ...(component.code ? { codeId: bareId(component.code) } : {}),
    ...(timeout ? { limits: { jobLimitsType: 'Command', timeout: typeof timeout === 'number' ? `PT${timeout}S` : timeout } } : {}),
  } satisfies CommandJobProperties;
}

/** The address that a pipeline gives to its own output, for the step that is bound to it. */
function boundPlace({ properties: { outputs } }: PipelineJob, binding: string | undefined): string | undefined {
  const path = wholeExpression(binding ?? '');
  return path?.[0] === 'parent' && path[1] === 'outputs' ? outputs?.[path.slice(2).join('.')]?.uri : undefined;
}

/** What holds for the pipelines in a pipeline too: all but its own first and last step. */
const inherited = ({ on_init: _first, on_finalize: _last, ...settings }: PipelineSettings): PipelineSettings => settings;

/** Ids inside a component carry `azureml:`; a curated registry name keeps it as its scheme. */
export function bareId(id: string): string {
  return id.startsWith('azureml:/') && !id.startsWith('azureml://') ? id.slice('azureml:'.length) : id;
}

/** Whether what an input is bound to is a folder that a step left empty. */
function isLeftEmpty(text: string, pipeline: PipelineJob, children: ReadonlyMap<string, StepJob>): boolean {
  const [, scope, first = '', , ...output] = wholeExpression(text) ?? [];
  if (scope === 'inputs') return emptyInputsOf(pipeline.properties).includes(wholeExpression(text)!.slice(2).join('.'));
  const step = scope === 'jobs' ? children.get(first) : undefined;
  return step !== undefined && leftEmpty(step.properties, output.join('.'));
}

/** The properties of a pipeline that its steps have too. */
function withoutEmptyInputs(properties: JobProperties['properties']): Record<string, string> {
  const { [jobProperty.emptyInputs]: _own, ...others } = properties ?? {};
  return others;
}

function resolveInput(
  text: string,
  type: string,
  pipeline: PipelineJob,
  children: ReadonlyMap<string, StepJob>,
  mode: string | undefined,
): JobInput | undefined {
  const isAsset = /^(uri_|mltable|.*_model)/.test(type);
  const path = wholeExpression(text);
  if (!path) {
    if (isAsset) return { jobInputType: type as JobInput['jobInputType'], uri: text, ...(mode ? { mode } : {}) };
    return { jobInputType: 'literal', value: replaceLiterals(text, pipeline) };
  }
  const [, scope, first = '', , output = ''] = path;
  if (scope === 'inputs') {
    const found = pipeline.properties.inputs?.[path.slice(2).join('.')];
    return (
      found && {
        ...found,
        ...(isAsset && found.jobInputType !== 'literal' ? { jobInputType: type as JobInput['jobInputType'] } : {}),
        ...(mode ? { mode } : {}),
      }
    );
  }
  const uri = children.get(first)?.properties.outputs?.[output]?.uri;
  if (!uri) throw new UserError('InvalidReference', `The step "${first}" has no output "${output}".`);
  return { jobInputType: (isAsset ? type : 'uri_folder') as JobInput['jobInputType'], uri, ...(mode ? { mode } : {}) };
}

function replaceLiterals(text: string, pipeline: PipelineJob): string {
  let result = text;
  for (const { path, start, end } of expressionsIn(text).reverse()) {
    const value = path[1] === 'inputs' ? pipeline.properties.inputs?.[path.slice(2).join('.')]?.value : undefined;
    if (value !== undefined) result = result.slice(0, start) + value + result.slice(end);
  }
  return result;
}

/** The id of the component that a step names; throws `InvalidReference` when it names none. */
export function componentIdOf(node: PipelineNode, step: string): string {
  const id = node.componentId ?? node.trial?.componentId ?? '';
  if (parseAssetId(id)?.kind !== 'components') throw new UserError('InvalidReference', `The step "${step}" names no component.`);
  return id;
}
