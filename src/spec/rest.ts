import { isScalar, parse, stringify } from 'yaml';
import { bareReference, camelKeys, distributionToArm, duration, identityToArm, modes, resourcesToArm, servicesToArm } from './armParts.ts';
import type { FileSource } from './diagnostic.ts';
import type { SpecDocument } from './document.ts';
import { wholeExpression } from './expression.ts';
import type { Spec } from './load.ts';
import { beside, isLocalPath } from './paths.ts';
import { isMapValue } from './signature.ts';

type Map = Record<string, any>;

/**
 * The body that Azure's client sends for a file, before anything is uploaded: local paths, components and environments in place stand as they are in the file.
 * Undefined for kinds whose body is not known.
 */
export function restOf(spec: Spec, files: FileSource): Map | undefined {
  const { kind, value, document } = spec;
  const body = new Body(document, files);
  if (kind === 'commandJob') return { properties: { ...body.job(value), jobType: 'Command', ...body.command(value) } };
  if (kind === 'pipelineJob') return { properties: { ...body.job(value), jobType: 'Pipeline', ...body.pipeline(value, spec) } };
  if (kind === 'data')
    return {
      properties: {
        ...body.asset(value),
        dataType: value.type ?? 'uri_folder',
        dataUri: located(spec.file, value.path),
      },
    };
  if (kind === 'environment') return { properties: { ...body.asset(value), ...body.environment(value, spec.file, files) } };
  if (kind === 'commandComponent')
    return { properties: { ...body.component(value), componentSpec: body.commandSpec(value, spec.file, files) } };
  return undefined;
}

class Body {
  private readonly document: SpecDocument;
  private readonly files: FileSource;

  constructor(document: SpecDocument, files: FileSource) {
    this.document = document;
    this.files = files;
  }

  job(value: Map): Map {
    return given({
      description: value.description,
      properties: this.texts(value.properties, ['properties']),
      tags: this.texts(value.tags, ['tags']),
      displayName: value.display_name,
      experimentName: value.experiment_name,
      computeId: value.compute === undefined ? undefined : bareReference(String(value.compute)),
      identity: isMapValue(value.identity) ? identityToArm(value.identity) : undefined,
      services: isMapValue(value.services) ? servicesToArm(value.services) : undefined,
      isArchived: false,
    });
  }

  command(value: Map): Map {
    return given({
      command: value.command,
      codeId: typeof value.code === 'string' ? bareReference(value.code) : undefined,
      environmentId: typeof value.environment === 'string' ? bareReference(value.environment) : undefined,
      environmentVariables: this.texts(value.environment_variables, ['environment_variables']),
      distribution: isMapValue(value.distribution) ? distributionToArm(value.distribution) : undefined,
      resources: isMapValue(value.resources) ? resourcesToArm(value.resources) : undefined,
      limits: value.limits?.timeout === undefined ? undefined : { jobLimitsType: 'Command', timeout: duration(value.limits.timeout) },
      queueSettings: isMapValue(value.queue_settings) ? camelKeys(value.queue_settings) : undefined,
      inputs: this.inputs(value.inputs, ['inputs']),
      outputs: outputs(value.outputs),
    });
  }

  inputs(inputs: unknown, path: string[]): Map {
    return entries(filled(inputs), (name, input) => {
      if (!isMapValue(input)) return { jobInputType: 'literal', value: this.text(input, [...path, name]) };
      if (input.path === undefined && input.value !== undefined)
        return { jobInputType: 'literal', value: this.text(input.value, [...path, name, 'value']) };
      return given({
        jobInputType: input.type ?? 'uri_folder',
        uri: input.path === undefined ? undefined : bareReference(String(input.path)),
        mode: input.mode === undefined ? undefined : (modes[String(input.mode).toLowerCase()] ?? input.mode),
      });
    });
  }

  pipeline(value: Map, spec: Spec): Map {
    const settings = isMapValue(value.settings) ? value.settings : {};
    return {
      inputs: this.inputs(value.inputs, ['inputs']),
      outputs: outputs(value.outputs),
      jobs: entries(value.jobs, (name, step) => (isMapValue(step) ? this.step(name, step, spec) : step)),
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

  /** A step: its own words stay as they are, but for what ARM has in other places. */
  private step(name: string, step: Map, spec: Spec): Map {
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
    const kind = type ?? (spec.components.get(name)?.kind === 'pipelineComponent' ? 'pipeline' : 'command');
    return given({
      ...rest,
      ...(kind === 'spark' ? sparkParts(step, spec.components.get(name)?.value) : {}),
      ...(kind === 'parallel' ? parallelParts(step, spec.file, this.files) : {}),
      name,
      type: kind,
      inputs: some(this.stepInputs(inputs, ['jobs', name, 'inputs'])),
      outputs: some(stepOutputs(results)),
      _source: kind === 'automl' ? undefined : sourceOf(component ?? trial),
      componentId: typeof component === 'string' && !isLocalPath(component) ? bareReference(component) : undefined,
      computeId: compute === undefined ? undefined : bareReference(String(compute)),
      limits:
        isMapValue(limits) && kind === 'command'
          ? { job_limits_type: 'Command', ...(limits.timeout === undefined ? {} : { timeout: duration(limits.timeout) }) }
          : limits,
      distribution: isMapValue(distribution) ? snakeType(distributionToArm(distribution)) : undefined,
      // Serverless Spark runs as the person who submits, an attached pool as its own identity, unless told otherwise.
      identity: isMapValue(identity)
        ? snakeType(identityToArm(identity))
        : kind === 'spark'
          ? { identity_type: compute === undefined ? 'UserIdentity' : 'Managed' }
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
        uri: input.path === undefined ? undefined : bareReference(String(input.path)),
        mode,
      });
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
  commandSpec(value: Map, file: string, files: FileSource): Map {
    const { additional_includes: includes, environment, code, distribution, inputs, version, ...rest } = value;
    return given({
      ...rest,
      tags: value.tags === undefined ? undefined : this.texts(value.tags, ['tags']),
      inputs: inputs === undefined ? undefined : entries(inputs, (name, input) => this.port(input, ['inputs', name])),
      version: version === undefined ? undefined : this.text(version, ['version']),
      code: located(file, code),
      environment: isMapValue(environment) ? inPlace(environment, file, files) : environment,
      distribution: isMapValue(distribution)
        ? { ...(distribution.type === 'tensorflow' ? { parameter_server_count: 0 } : {}), ...distribution }
        : undefined,
      additional_includes: includes,
      is_deterministic: value.is_deterministic ?? true,
      type: 'command',
      _source: 'YAML.COMPONENT',
    });
  }

  private port(input: unknown, path: string[]): unknown {
    if (!isMapValue(input)) return input;
    return entries(input, (key, each) => {
      if (!['default', 'min', 'max'].includes(key)) return each;
      // The client makes a float of what is declared as a number.
      if (input.type === 'number' && Number.isInteger(Number(each)) && typeof each !== 'boolean') return `${Number(each)}.0`;
      return this.text(each, [...path, key]);
    });
  }

  environment(value: Map, file: string, files: FileSource): Map {
    const conda = value.conda_file;
    return given({
      condaFile: typeof conda === 'string' ? files.readText(beside(file, conda)) : isMapValue(conda) ? stringify(conda) : undefined,
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
    const node = this.document.at(path);
    const source = isScalar(node) ? (node.source ?? '') : '';
    return pythonNumber(value, source);
  }
}

/** A number as Python writes it: `1.0` keeps its fraction, small ones have exponents of two digits. A source that YAML 1.1 takes for text stays. */
export function pythonNumber(value: number, source: string): string {
  const isFloat = /[.eE]/.test(source) && !/^0x/i.test(source);
  if (isFloat && !source.includes('.')) return source;
  if (!isFloat) return String(value);
  if (Number.isInteger(value) && Math.abs(value) < 1e16) return `${value}.0`;
  const magnitude = Math.abs(value);
  if (magnitude !== 0 && (magnitude < 1e-4 || magnitude >= 1e16)) return value.toExponential().replace(/e([+-])(\d)$/, 'e$10$2');
  return String(value);
}

/** An environment in place, as it goes inside of a component; its version is the hash that the client makes of it. */
function inPlace({ conda_file: conda, ...rest }: Map, file: string, files: FileSource): Map {
  const text = typeof conda === 'string' ? files.readText(beside(file, conda)) : undefined;
  return given({ ...rest, name: 'CliV2AnonymousEnvironment', conda_file: text === undefined ? conda : parseYaml(text) });
}

function parseYaml(text: string): unknown {
  try {
    return parse(text);
  } catch {
    return text;
  }
}

/** A local path as an absolute one, anything else as it stands. */
const located = (file: string, given: unknown): unknown => (typeof given === 'string' && isLocalPath(given) ? beside(file, given) : given);

/** Where a step comes from: written in place, a component's file, a registry, the workspace. */
function sourceOf(component: unknown): string {
  // The client reads `file:…` as if it stood in place.
  if (typeof component !== 'string' || component.startsWith('file:')) return 'YAML.JOB';
  if (/^azureml:\/\/registries\//.test(component)) return 'REMOTE.REGISTRY';
  return isLocalPath(component) ? 'YAML.COMPONENT' : 'REMOTE.WORKSPACE.COMPONENT';
}

function outputs(map: unknown): Map {
  return entries(map, (_name, output) => {
    const { type = 'uri_folder', path, mode, name, version, description } = isMapValue(output) ? output : ({} as Map);
    return given({
      jobOutputType: type,
      uri: path === undefined ? undefined : bareReference(String(path)),
      mode: outputMode(mode),
      assetName: name,
      assetVersion: version === undefined ? undefined : String(version),
      description,
    });
  });
}

function stepOutputs(map: unknown): Map {
  return entries(map, (_name, output) => {
    if (typeof output === 'string') return { type: 'literal', value: output };
    if (!isMapValue(output)) return {};
    const { type, path, mode, name, version } = output;
    if (typeof path === 'string' && wholeExpression(path)?.[0] === 'parent')
      return given({ type: 'literal', value: path, mode: outputMode(mode) });
    return given({
      job_output_type: type ?? 'uri_folder',
      uri: path === undefined ? undefined : bareReference(String(path)),
      mode: outputMode(mode),
      name,
      version: version === undefined ? undefined : String(version),
    });
  });
}

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

/** Sizes as numbers of files or bytes, keys as JSON text. */
function parallelParts({ mini_batch_size: size, partition_keys: keys, task }: Map, file: string, files: FileSource): Map {
  const match = /^\s*(\d+)\s*([kmg]b)?\s*$/i.exec(String(size ?? ''));
  return given({
    task: isMapValue(task)
      ? {
          ...task,
          code: located(file, task.code),
          environment: isMapValue(task.environment) ? inPlace(task.environment, file, files) : task.environment,
        }
      : undefined,
    mini_batch_size: match ? Number(match[1]) * (units[match[2]?.toLowerCase() ?? ''] ?? 1) : size,
    partition_keys: Array.isArray(keys) ? `[${keys.map((key) => JSON.stringify(key)).join(', ')}]` : undefined,
  });
}

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

const given = (fields: Map): Map => Object.fromEntries(Object.entries(fields).filter(([, each]) => each !== undefined && each !== null));
/** The client leaves empty texts out. */
const filled = (map: unknown): Map => Object.fromEntries(Object.entries(isMapValue(map) ? map : {}).filter(([, each]) => each !== ''));
const some = (map: Map): Map | undefined => (Object.keys(map).length ? map : undefined);
const entries = (map: unknown, each: (name: string, value: any) => unknown): Map =>
  Object.fromEntries(Object.entries(isMapValue(map) ? map : {}).map(([name, value]) => [name, each(name, value)]));
