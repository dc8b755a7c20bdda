import { isScalar, stringify } from 'yaml';
import {
  bareReference,
  camelKeys,
  distributionToArm,
  duration,
  given,
  identityToArm,
  modes,
  resourcesToArm,
  servicesToArm,
} from './armParts.ts';
import type { FileSource } from './diagnostic.ts';
import type { SpecDocument } from './document.ts';
import { wholeExpression } from './expression.ts';
import { loadSpec, type Spec } from './load.ts';
import { beside, isLocalPath } from './paths.ts';
import { asWritten, located, type Places } from './places.ts';
import { automlStep, taskDetails } from './restAutoml.ts';
import { resourceBodies, without } from './restResources.ts';
import { scheduleBodies } from './restSchedules.ts';
import { isMapValue, outputTypes, typeOfInput } from './signature.ts';
import { sweepToArm } from './sweepToArm.ts';

type Map = Record<string, any>;

/**
 * The body that Azure's client sends for a file. Local paths, components and environments in place stand as they are in the file unless `places` says what
 * they became. Undefined for kinds whose body is not known.
 */
export function armBodyOf(spec: Spec, files: FileSource, places: Places = asWritten(files)): Map | undefined {
  const { kind, value, document, file } = spec;
  const body = new Body(document, files, file, places);
  switch (kind) {
    case 'commandJob':
      return { properties: { ...body.job(value), jobType: 'Command', ...body.command(value) } };
    case 'sweepJob':
      return { properties: { ...body.job(value), jobType: 'Sweep', ...body.sweep(value) } };
    case 'pipelineJob':
      return { properties: { ...body.job(value), jobType: 'Pipeline', ...body.pipeline(value, spec.components) } };
    case 'data':
      return { properties: { ...body.asset(value), dataType: value.type ?? 'uri_folder', dataUri: located(file, value.path) } };
    case 'environment':
      return { properties: { ...body.asset(value), ...body.environment(value) } };
    case 'autoMLJob':
      return { properties: { ...body.job(value), jobType: 'AutoML', ...body.automl(value) } };
    case 'sparkJob':
      return { properties: { ...body.job(value), jobType: 'Spark', ...body.spark(value) } };
    case 'commandComponent':
    case 'sparkComponent':
      return componentBodyOf(spec, files, places);
    case 'pipelineComponent':
      return { name: value.name, ...componentBodyOf(spec, files, places) };
    default:
      return (resourceBodies[kind] ?? scheduleBodies[kind])?.(value, body);
  }
}

/** The body of a component that is registered under its name. */
export function componentBodyOf(spec: Spec, files: FileSource, places: Places): Map {
  const body = new Body(spec.document, files, spec.file, places);
  return { properties: { ...body.component(spec.value), componentSpec: componentSpecOf(spec, files, places) } };
}

/** A component's YAML as it is kept: with its code and environment, or its steps, in their places. */
function componentSpecOf({ value, document, file, components }: Spec, files: FileSource, places: Places): Map {
  const body = new Body(document, files, file, places);
  if (value.jobs !== undefined) return body.pipelineSpec(value, components);
  return value.type === 'spark' ? body.sparkSpec(value) : body.commandSpec(value);
}

/** Makes the parts of a body from a file, or from what stands at `base` in it. */
export class Body {
  private readonly document: SpecDocument;
  readonly files: FileSource;
  readonly file: string;
  readonly places: Places;
  /** Where in the document what is read stands. */
  private readonly base: string[];

  constructor(document: SpecDocument, files: FileSource, file: string, places: Places, base: string[] = []) {
    this.document = document;
    this.files = files;
    this.file = file;
    this.places = places;
    this.base = base;
  }

  job(value: Map): Map {
    return given({
      description: value.description,
      properties: this.texts(value.properties, ['properties']),
      tags: this.texts(value.tags, ['tags']),
      displayName: value.display_name,
      experimentName: value.experiment_name,
      computeId: value.compute === undefined ? undefined : this.places.compute(String(value.compute)),
      identity: isMapValue(value.identity) ? identityToArm(value.identity) : undefined,
      services: isMapValue(value.services) ? servicesToArm(value.services) : undefined,
      notificationSetting: isMapValue(value.notification_settings) ? camelKeys(value.notification_settings) : undefined,
      isArchived: false,
    });
  }

  command(value: Map): Map {
    return given({
      ...this.work(value, []),
      limits: value.limits?.timeout === undefined ? undefined : { jobLimitsType: 'Command', timeout: duration(value.limits.timeout) },
      queueSettings: isMapValue(value.queue_settings) ? camelKeys(value.queue_settings) : undefined,
      inputs: this.inputs(value.inputs, ['inputs']),
      outputs: this.outputs(value.outputs),
    });
  }

  sweep(value: Map): Map {
    const trial = isMapValue(value.trial) ? value.trial : {};
    return given({
      trial: this.work({ ...trial, resources: value.resources ?? trial.resources }, ['trial']),
      queueSettings: isMapValue(value.queue_settings) ? camelKeys(value.queue_settings) : undefined,
      inputs: this.inputs(value.inputs, ['inputs']),
      outputs: this.outputs(value.outputs),
      ...sweepToArm(value),
    });
  }

  automl(value: Map): Map {
    return given({
      environmentId: value.environment_id === undefined ? undefined : bareReference(String(value.environment_id)),
      environmentVariables: value.environment_variables && this.texts(value.environment_variables, ['environment_variables']),
      outputs: this.outputs(value.outputs),
      resources: isMapValue(value.resources) ? resourcesToArm(value.resources) : undefined,
      queueSettings: isMapValue(value.queue_settings) ? camelKeys(value.queue_settings) : undefined,
      taskDetails: taskDetails(value),
    });
  }

  spark(value: Map): Map {
    const { spark_job_entry_type: sparkJobEntryType, ...entry } = sparkParts(value, undefined).entry ?? {};
    return given({
      ...camelKeys(without(sparkParts(value, undefined), 'entry')),
      codeId: this.places.code(this.file, value),
      environmentId: value.environment === undefined ? undefined : this.places.environment(this.file, value.environment),
      environmentVariables: value.environment_variables && this.texts(value.environment_variables, ['environment_variables']),
      conf: this.texts(value.conf, ['conf']),
      entry: { sparkJobEntryType, ...camelKeys(entry) },
      identity: isMapValue(value.identity) ? identityToArm(value.identity) : sparkIdentity(value.compute),
      resources: isMapValue(value.resources) ? camelKeys(sparkResources(value.resources)) : undefined,
      inputs: this.inputs(value.inputs, ['inputs']),
      outputs: this.outputs(value.outputs),
    });
  }

  /** What is run: the command with its code, environment and machines. */
  private work(value: Map, path: string[]): Map {
    return given({
      command: value.command,
      codeId: this.places.code(this.file, value),
      environmentId: this.places.environment(this.file, value.environment),
      environmentVariables: this.texts(value.environment_variables, [...path, 'environment_variables']),
      distribution: isMapValue(value.distribution) ? distributionToArm(value.distribution) : undefined,
      resources: isMapValue(value.resources) ? resourcesToArm(value.resources) : undefined,
    });
  }

  inputs(inputs: unknown, path: string[]): Map {
    return entries(filled(inputs), (name, input) => {
      if (!isMapValue(input)) return { jobInputType: 'literal', value: this.text(input, [...path, name]) };
      if (input.path === undefined && input.value !== undefined)
        return { jobInputType: 'literal', value: this.text(input.value, [...path, name, 'value']) };
      return given({
        jobInputType: input.type ?? 'uri_folder',
        uri: input.path === undefined ? undefined : this.places.data(this.file, String(input.path), input.type ?? 'uri_folder'),
        mode: input.mode === undefined ? undefined : (modes[String(input.mode).toLowerCase()] ?? input.mode),
      });
    });
  }

  private outputs(map: unknown): Map {
    return entries(map, (_name, output) => {
      const { type = 'uri_folder', path, mode, name, version, description } = isMapValue(output) ? output : ({} as Map);
      return given({
        jobOutputType: type,
        uri: path === undefined ? undefined : this.places.output(String(path)),
        mode: outputMode(mode),
        assetName: name,
        assetVersion: version === undefined ? undefined : String(version),
        description,
      });
    });
  }

  pipeline(value: Map, components: Spec['components']): Map {
    const settings = isMapValue(value.settings) ? value.settings : {};
    return {
      inputs: this.inputs(value.inputs, ['inputs']),
      outputs: this.outputs(value.outputs),
      componentId: typeof value.component === 'string' ? this.componentOf(value.component) : undefined,
      jobs: this.steps(value, components),
      settings: {
        ...Object.fromEntries(
          Object.entries(settings).map(([key, each]) => [
            key,
            (key === 'default_compute' || key === 'default_datastore') && typeof each === 'string' ? bareReference(each) : each,
          ]),
        ),
        _source: typeof value.component === 'string' ? 'YAML.COMPONENT' : 'YAML.JOB',
      },
    };
  }

  /** The steps of a pipeline or of a pipeline component. */
  private steps(pipeline: Map, components: Spec['components']): Map {
    const typeOf = (path: string[]) => typeOfBinding(path, pipeline, components);
    return entries(pipeline.jobs, (name, step) => (isMapValue(step) ? this.step(name, step, components.get(name), typeOf) : step));
  }

  /** A step: its own words stay as they are, but for what ARM has in other places. */
  private step(name: string, step: Map, own: Spec | undefined, typeOf: TypeOfBinding): Map {
    const { component, trial, compute, command, code, environment, type, limits, distribution, identity, services, resources, ...others } =
      step;
    const {
      inputs,
      outputs: results,
      comment: _comment,
      description: _description,
      tags: _tags,
      experiment_name: _experiment,
      ...rest
    } = others;
    const inPlace = component === undefined && trial === undefined;
    const kind = type ?? (own?.kind === 'pipelineComponent' ? 'pipeline' : 'command');
    const componentId = this.componentOf(kind === 'sweep' ? trial : component, step, own, name, typeOf);
    const automl = kind === 'automl' ? automlStep(step) : undefined;
    return given({
      ...rest,
      ...(kind === 'spark' ? sparkParts(step, own?.value) : {}),
      ...(kind === 'parallel' ? this.parallelParts(step) : {}),
      ...automl,
      name,
      type: kind,
      inputs: some(this.stepInputs(inputs, ['jobs', name, 'inputs'])),
      outputs: some(this.stepOutputs(results)),
      _source: kind === 'automl' ? undefined : sourceOf(component ?? trial),
      ...(kind === 'sweep' ? { trial: componentId && { componentId } } : { componentId }),
      computeId: compute === undefined ? undefined : this.places.compute(String(compute)),
      limits:
        isMapValue(limits) && kind === 'command'
          ? { job_limits_type: 'Command', ...(limits.timeout === undefined ? {} : { timeout: duration(limits.timeout) }) }
          : (automl?.limits ?? limits),
      distribution: isMapValue(distribution) ? snakeType(distributionToArm(distribution)) : undefined,
      identity: isMapValue(identity)
        ? snakeType(identityToArm(identity))
        : kind === 'spark'
          ? snakeType(sparkIdentity(compute))
          : undefined,
      resources:
        isMapValue(resources) && Object.keys(resources).length
          ? kind === 'spark' && !inPlace
            ? sparkResources(resources)
            : resources
          : undefined,
      services: isMapValue(services) ? entries(servicesToArm(services), (_name, each) => snakeType(each)) : undefined,
      environment_variables:
        step.environment_variables === undefined
          ? undefined
          : this.texts(step.environment_variables, ['jobs', name, 'environment_variables']),
    });
  }

  /** The component that is named or stands in place; a step without one is a component itself. */
  private componentOf(given: unknown, step: Map = {}, own?: Spec, name = '', typeOf: TypeOfBinding = () => undefined): string | undefined {
    const { document, files, file, places, base } = this;
    const inPlace = () =>
      new Body(document, files, file, places, [
        ...base,
        'jobs',
        name,
        ...(isMapValue(given) ? [step.type === 'sweep' ? 'trial' : 'component'] : []),
      ]);
    if (isMapValue(given)) return places.component(undefined, () => inPlace().commandSpec({ name, ...given }));
    if (given === undefined) {
      if (isMapValue(step.jobs)) return places.component(undefined, () => inPlace().pipelineSpec(step, new globalThis.Map()));
      return places.component(undefined, () => inPlace().commandSpec(componentOfStep(name, step, typeOf)));
    }
    if (typeof given !== 'string') return undefined;
    return places.component(given, () => {
      const spec = own ?? loadSpec(beside(file, given), files, { mustBeOurs: true }).spec;
      return spec ? componentSpecOf(spec, files, places) : {};
    });
  }

  private stepInputs(inputs: unknown, path: string[]): Map {
    return entries(inputs, (name, input) => {
      if (!isMapValue(input)) return { job_input_type: 'literal', value: this.text(input, [...path, name]) };
      const mode = input.mode === undefined ? undefined : (modes[String(input.mode).toLowerCase()] ?? input.mode);
      if (typeof input.path === 'string' && wholeExpression(input.path))
        return given({ job_input_type: 'literal', value: input.path, mode });
      if (input.path === undefined && input.value !== undefined)
        return { job_input_type: 'literal', value: this.text(input.value, [...path, name, 'value']) };
      return given({
        job_input_type: input.type ?? 'uri_folder',
        uri: input.path === undefined ? undefined : this.places.data(this.file, String(input.path), input.type ?? 'uri_folder'),
        mode,
      });
    });
  }

  private stepOutputs(map: unknown): Map {
    return entries(map, (_name, output) => {
      if (typeof output === 'string') return { type: 'literal', value: output };
      if (!isMapValue(output)) return {};
      const { type, path, mode, name, version } = output;
      if (typeof path === 'string' && wholeExpression(path)?.[0] === 'parent')
        return given({ type: 'literal', value: path, mode: outputMode(mode) });
      return given({
        job_output_type: type ?? 'uri_folder',
        uri: path === undefined ? undefined : this.places.output(String(path)),
        mode: outputMode(mode),
        name,
        version: version === undefined ? undefined : String(version),
      });
    });
  }

  /** Sizes as numbers of files or bytes, keys as JSON text. */
  private parallelParts({ mini_batch_size: size, partition_keys: keys, task }: Map): Map {
    const match = /^\s*(\d+)\s*([kmg]b)?\s*$/i.exec(String(size ?? ''));
    return given({
      task: isMapValue(task)
        ? {
            ...task,
            code: this.places.componentCode(this.file, task),
            environment: this.places.componentEnvironment(this.file, task.environment),
          }
        : undefined,
      // With keys, the client sends none as 0.
      mini_batch_size:
        size === undefined && Array.isArray(keys) ? 0 : match ? Number(match[1]) * (units[match[2]?.toLowerCase() ?? ''] ?? 1) : size,
      partition_keys: Array.isArray(keys) ? `[${keys.map((key) => JSON.stringify(key)).join(', ')}]` : undefined,
    });
  }

  asset(value: Map): Map {
    return given({
      description: value.description,
      properties: isMapValue(value.properties) ? this.texts(value.properties, ['properties']) : {},
      tags: this.texts(value.tags, ['tags']),
      isAnonymous: false,
      isArchived: false,
    });
  }

  component(value: Map): Map {
    return given({
      description: value.description,
      properties: {},
      tags: this.texts(value.tags, ['tags']),
      isAnonymous: false,
      isArchived: false,
    });
  }

  /** A component goes as its own YAML, with what the client adds. */
  commandSpec(value: Map): Map {
    const { additional_includes: includes, environment, code: _code, distribution, ...rest } = value;
    return given({
      ...this.shared(rest),
      code: this.places.componentCode(this.file, value),
      environment: this.places.componentEnvironment(this.file, environment),
      distribution: isMapValue(distribution)
        ? { ...(distribution.type === 'tensorflow' ? { parameter_server_count: 0 } : {}), ...distribution }
        : undefined,
      additional_includes: includes,
      is_deterministic: value.is_deterministic ?? true,
      type: 'command',
      _source: 'YAML.COMPONENT',
    });
  }

  sparkSpec(value: Map): Map {
    return given({
      ...this.shared(value),
      code: this.places.componentCode(this.file, value),
      environment: value.environment === undefined ? undefined : this.places.componentEnvironment(this.file, value.environment),
      is_deterministic: value.is_deterministic ?? true,
      _source: 'YAML.COMPONENT',
    });
  }

  pipelineSpec(value: Map, components: Spec['components']): Map {
    return given({
      ...this.shared(value),
      jobs: this.steps(value, components),
      type: 'pipeline',
      _source: 'YAML.COMPONENT',
    });
  }

  /** What components of every type have. */
  private shared(value: Map): Map {
    const { inputs, version, tags } = value;
    return {
      ...value,
      tags: tags === undefined ? undefined : this.texts(tags, ['tags']),
      inputs: inputs === undefined ? undefined : entries(inputs, (name, input) => this.port(input, ['inputs', name])),
      version: version === undefined ? undefined : this.text(version, ['version']),
    };
  }

  private port(input: unknown, path: string[]): unknown {
    if (!isMapValue(input)) return input;
    return entries(input, (key, each) => {
      if (!['default', 'min', 'max'].includes(key)) return each;
      // The client makes a float of what is declared as a number.
      if (input.type === 'number' && typeof each !== 'boolean' && Number.isFinite(Number(each))) return pythonNumber(Number(each), '0.0');
      return this.text(each, [...path, key]);
    });
  }

  environment(value: Map): Map {
    const conda = value.conda_file;
    return given({
      condaFile:
        typeof conda === 'string' ? this.files.readText(beside(this.file, conda)) : isMapValue(conda) ? stringify(conda) : undefined,
      image: value.image,
      build: isMapValue(value.build) ? given({ contextUri: value.build.path, dockerfilePath: value.build.dockerfile_path }) : undefined,
      osType: value.os_type === undefined ? undefined : { linux: 'Linux', windows: 'Windows' }[String(value.os_type).toLowerCase()],
      inferenceConfig: isMapValue(value.inference_config) ? camelKeys(value.inference_config) : undefined,
    });
  }

  texts(map: unknown, path: string[]): Record<string, string> {
    return entries(map, (name, each) => (each === null ? null : this.text(each, [...path, name])));
  }

  /** A value as text, in the client's own way: Python's, of what YAML 1.1 makes of it. */
  text(value: unknown, path: (string | number)[]): string {
    if (typeof value === 'boolean') return value ? 'True' : 'False';
    if (typeof value !== 'number') return String(value);
    const node = this.document.at([...this.base, ...path]);
    const source = isScalar(node) ? (node.source ?? '') : '';
    return pythonNumber(value, source);
  }
}

/** A number as Python writes it: `1.0` keeps its fraction, small ones have exponents of two digits, and no digit is lost. */
export function pythonNumber(value: number, source: string): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'nan' : value > 0 ? 'inf' : '-inf';
  const isFloat = source.includes('.') || !Number.isInteger(value);
  // A number of ours has 53 bits, one of Python as many as it needs.
  if (!isFloat && Number.isSafeInteger(value)) return String(value);
  if (!isFloat) return /^[-+]?[1-9][\d_]*$/.test(source) ? source.replace(/[+_]/g, '') : BigInt(value).toString();
  if (Number.isInteger(value) && Math.abs(value) < 1e16) return `${Object.is(value, -0) ? '-0' : value}.0`;
  const magnitude = Math.abs(value);
  if (magnitude !== 0 && (magnitude < 1e-4 || magnitude >= 1e16)) return value.toExponential().replace(/e([+-])(\d)$/, 'e$10$2');
  return String(value);
}

/** The type of what an expression such as `parent.jobs.train.outputs.model` stands for; undefined where that is not known. */
type TypeOfBinding = (path: string[]) => string | undefined;

function typeOfBinding([root, scope, ...rest]: string[], pipeline: Map, components: Spec['components']): string | undefined {
  if (root !== 'parent') return undefined;
  if (scope === 'inputs') return typeOfInput(pipeline.inputs?.[rest.join('.')]);
  if (scope === 'outputs') return outputTypes(pipeline.outputs)[rest.join('.')];
  const [other = '', , ...output] = rest;
  const step = pipeline.jobs?.[other];
  const component = components.get(other)?.value ?? step?.component ?? step?.trial;
  const name = output.join('.');
  if (isMapValue(component)) return outputTypes(component.outputs)[name];
  const given = isMapValue(step) ? step.outputs?.[name] : undefined;
  const bound = typeof given === 'string' ? wholeExpression(given) : undefined;
  return bound?.[1] === 'outputs' ? typeOfBinding(bound, pipeline, components) : isMapValue(given) ? given.type : undefined;
}

/** A command in place as a component: what it is given becomes typed inputs, what it is bound to says of which type. */
function componentOfStep(
  name: string,
  { inputs, outputs, command, code, environment, environment_variables, additional_includes }: Map,
  typeOf: TypeOfBinding,
): Map {
  const bound = (text: unknown) => (typeof text === 'string' ? wholeExpression(text) : undefined);
  const inputType = (input: unknown): string => {
    const path = bound(isMapValue(input) ? input.path : input);
    if (isMapValue(input)) return input.type ?? (path && typeOf(path)) ?? typeOfInput(input) ?? 'uri_folder';
    return (path ? typeOf(path) : typeOfInput(input)) ?? (path?.[1] === 'jobs' ? 'uri_folder' : 'string');
  };
  const outputType = (output: unknown): string => {
    const path = bound(isMapValue(output) ? output.path : output);
    return (isMapValue(output) ? output.type : undefined) ?? (path && typeOf(path)) ?? 'uri_folder';
  };
  return given({
    name,
    type: 'command',
    command,
    inputs: entries(inputs, (_name, input) => ({ type: inputType(input) })),
    outputs: entries(outputs, (_name, output) => ({ type: outputType(output) })),
    code,
    environment,
    environment_variables,
    additional_includes,
  });
}

/** Where a step comes from: written in place, a component's file, a registry, the workspace. */
function sourceOf(component: unknown): string {
  // The client reads `file:…` as if it stood in place.
  if (typeof component !== 'string' || component.startsWith('file:')) return 'YAML.JOB';
  if (/^azureml:\/\/registries\//.test(component)) return 'REMOTE.REGISTRY';
  return isLocalPath(component) ? 'YAML.COMPONENT' : 'REMOTE.WORKSPACE.COMPONENT';
}

/** Serverless Spark runs as the person who submits, an attached pool as its own identity, unless told otherwise. */
const sparkIdentity = (compute: unknown): Map => ({ identityType: compute === undefined ? 'UserIdentity' : 'Managed' });

/** What a Spark step says, and what it takes from its component. */
function sparkParts(step: Map, component: Map | undefined): Map {
  const keys = ['entry', 'conf', 'args', 'py_files', 'jars', 'files', 'archives'];
  const all: Map = Object.fromEntries(keys.map((key) => [key, step[key] ?? component?.[key]]));
  if (isMapValue(all.entry))
    all.entry = { spark_job_entry_type: 'file' in all.entry ? 'SparkJobPythonEntry' : 'SparkJobScalaEntry', ...all.entry };
  // Dynamic allocation begins with its smallest number of executors.
  const conf = all.conf;
  if (isMapValue(conf) && conf['spark.dynamicAllocation.minExecutors'] !== undefined)
    all.conf = { 'spark.executor.instances': conf['spark.dynamicAllocation.minExecutors'], ...conf };
  return given(all);
}

const sparkResources = ({ instance_type: size, runtime_version: runtime, ...rest }: Map): Map =>
  given({
    ...rest,
    instance_type: typeof size === 'string' ? size.toLowerCase() : size,
    runtime_version: runtime === undefined ? undefined : String(runtime),
  });

const units: Record<string, number> = { kb: 1024, mb: 1024 ** 2, gb: 1024 ** 3 };

const outputMode = (mode: unknown): string | undefined =>
  mode === undefined
    ? undefined
    : ({ rw_mount: 'ReadWriteMount', mount: 'ReadWriteMount', upload: 'Upload', direct: 'Direct' }[String(mode).toLowerCase()] ??
      String(mode));

/** `{distributionType, processCountPerInstance}` -> `{distribution_type, process_count_per_instance}`. */
function snakeType(value: Map): Map {
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`), each]),
  );
}

/** The client leaves empty texts out. */
const filled = (map: unknown): Map => Object.fromEntries(Object.entries(isMapValue(map) ? map : {}).filter(([, each]) => each !== ''));
const some = (map: Map): Map | undefined => (Object.keys(map).length ? map : undefined);
const entries = (map: unknown, each: (name: string, value: any) => unknown): Map =>
  Object.fromEntries(Object.entries(isMapValue(map) ? map : {}).map(([name, value]) => [name, each(name, value)]));
