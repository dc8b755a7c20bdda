import { Document, isMap, isScalar, type YAMLMap } from 'yaml';
import { formatBytes, plural } from '../base/text.ts';
import type { CommandJobProperties, JobInput, JobOutput, JobProperties, PipelineNode, SweepJobProperties } from '../protocol/job.ts';
import { filledOutputUri, isDefaultOutputUri } from '../protocol/jobPlaces.ts';
import { wholeExpression } from './expression.ts';

/** A job with what each of its steps is created with: of a run, or of what would run. */
export interface JobView {
  /** Of a run. Absent for what would run, whose name nobody knows yet. */
  name?: string;
  properties: JobProperties;
  /** The steps of a pipeline by name, in the order in which they are written. */
  steps: ReadonlyMap<string, JobView>;
  /** A line above a step. */
  note?: string;
}

/** What is behind the ids in a job. */
export interface JobParts {
  /** A snapshot of code: its hash, and the files with their sizes in bytes. */
  codes: ReadonlyMap<string, { hash: string; files: readonly { path: string; size: number }[] }>;
  environments: ReadonlyMap<string, { image?: string; condaFile?: string; build?: unknown }>;
}

/** Files of a snapshot that are listed; of more, the number is. */
const fileLimit = 30;

/** A job as YAML for people: ids replaced by what is behind them, values in place of references. With a `header` as the comment above, and the notes of the steps; without, facts alone. */
export function jobText(job: JobView, parts: JobParts, header?: string): string {
  const document = new Document(plainJob(job, parts));
  if (header !== undefined) {
    document.commentBefore = header.replace(/^/gm, ' ');
    noteSteps(document.contents as unknown as YAMLMap, job);
  }
  return document.toString({ lineWidth: 0 });
}

function plainJob(job: JobView, parts: JobParts): Record<string, unknown> {
  const { displayName, experimentName, description, tags, properties: facts = {} } = job.properties;
  // A job without a display name shows its name.
  const shown = displayName === job.name ? undefined : displayName;
  const git = Object.entries(facts).filter(([key]) => key in gitNames);
  return {
    ...given({ display_name: shown, experiment_name: experimentName, description: description ?? undefined, tags: filled(tags) }),
    ...given({ git: filled(Object.fromEntries(git.map(([key, value]) => [gitNames[key], value]))) }),
    ...work(job, parts),
  };
}

const gitNames: Record<string, string> = {
  'mlflow.source.git.commit': 'commit',
  'mlflow.source.git.branch': 'branch',
  'azureml.git.dirty': 'has_changes',
};

/** What a job or a step does. `node` is the step as its pipeline has it. */
function work({ name: job, properties, steps }: JobView, parts: JobParts, node?: PipelineNode): Record<string, unknown> {
  const inputs = filled(
    Object.fromEntries(
      Object.entries(properties.inputs ?? {}).map(([name, input]) => [name, inputText(input, node?.inputs?.[name]?.value)]),
    ),
  );
  const outputs = filled(
    Object.fromEntries(
      Object.entries(properties.outputs ?? {}).map(([name, output]) => [
        name,
        outputText(output, node?.outputs?.[name]?.value, { job, name }),
      ]),
    ),
  );
  switch (properties.jobType) {
    case 'Pipeline': {
      const { jobs, settings } = properties;
      const order = Object.keys(jobs).filter((step) => steps.has(step));
      const texts = order.map((step) => [step, work(steps.get(step)!, parts, jobs[step])]);
      return { type: 'pipeline', ...given({ inputs, outputs, settings: settingsText(settings) }), jobs: Object.fromEntries(texts) };
    }
    case 'Sweep': {
      const { trial, searchSpace, samplingAlgorithm, objective, limits, earlyTermination } = properties as SweepJobProperties;
      return {
        type: 'sweep',
        trial: commandText(trial as unknown as CommandJobProperties, parts),
        ...given({ inputs, outputs, search_space: searchSpace, sampling_algorithm: samplingAlgorithm, objective, limits }),
        ...given({ early_termination: earlyTermination ?? undefined }),
      };
    }
    default:
      return { type: 'command', ...commandText(properties, parts), ...given({ inputs, outputs }) };
  }
}

/** What the client notes for the service, under keys with `_`, is no setting. */
const settingsText = (settings: object | undefined) =>
  filled(Object.fromEntries(Object.entries(settings ?? {}).filter(([key]) => !key.startsWith('_'))));

function commandText(
  { command, codeId, environmentId, environmentVariables, limits, resources, distribution }: CommandJobProperties,
  { codes, environments }: JobParts,
): Record<string, unknown> {
  const code = codeId ? codes.get(codeId) : undefined;
  const environment = environments.get(environmentId);
  return given({
    command,
    code: code ? codeText(code) : (codeId ?? undefined),
    environment: environment
      ? given({ image: environment.image, conda_file: environment.condaFile, build: buildText(environment.build) })
      : environmentId,
    environment_variables: filled(environmentVariables),
    limits: limits?.timeout ? { timeout: limits.timeout } : undefined,
    resources,
    distribution,
  });
}

function buildText(build: unknown): Record<string, unknown> | undefined {
  if (typeof build !== 'object' || build === null) return undefined;
  const { contextUri, dockerfilePath } = build as { contextUri?: string; dockerfilePath?: string };
  return given({ path: contextUri, dockerfile_path: dockerfilePath });
}

function codeText({ hash, files }: { hash: string; files: readonly { path: string; size: number }[] }): Record<string, unknown> {
  const size = files.reduce((sum, each) => sum + each.size, 0);
  return {
    snapshot: `${plural(files.length, 'file')}, ${formatBytes(size)}`,
    hash: hash.slice(0, 12),
    ...(files.length <= fileLimit ? { files: Object.fromEntries(files.map((file) => [file.path, `${file.size} bytes`])) } : {}),
  };
}

/** A value, or data. What another step writes stands as the binding; everything else as it was bound. */
function inputText(input: JobInput, binding: string | undefined): unknown {
  const bound = binding === undefined ? undefined : wholeExpression(binding);
  if (bound?.[1] === 'jobs') return binding;
  if (input.jobInputType === 'literal') return literal(input.value ?? '');
  // An output that comes through the pipeline around this one.
  if (binding !== undefined && isDefaultPlace(input.uri)) return binding;
  return given({ type: input.jobInputType, path: input.uri, mode: input.mode });
}

function outputText(
  { jobOutputType, uri, assetName, assetVersion }: JobOutput,
  binding: string | undefined,
  { job, name }: { job: string | undefined; name: string },
): unknown {
  if (binding !== undefined && wholeExpression(binding)?.[1] === 'outputs') return binding;
  const path = uri === undefined || isDefaultPlace(uri) ? undefined : unnamed(filledOutputUri(uri, { output: name }), job);
  return given({ type: jobOutputType, path, name: assetName, version: assetVersion });
}

/** An address as it is before the job has a name, so that a run and what would run can be compared. */
const unnamed = (uri: string, job: string | undefined): string =>
  uri
    .split('/')
    .map((part) => (part === job ? '${{name}}' : part))
    .join('/');

/** Where an output lands that asks for no place: told by the run's own name, so no two runs have the same. */
const isDefaultPlace = (uri: string | undefined): boolean => uri === undefined || uri.startsWith('${{') || isDefaultOutputUri(uri);

/** Text on the wire, a number or a truth value in the YAML. */
const literal = (text: string): unknown =>
  text === 'true' || text === 'false' ? text === 'true' : String(Number(text)) === text ? Number(text) : text;

const given = (fields: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined && value !== null));

function filled<T extends object>(map: T | undefined | null): T | undefined {
  return map && Object.keys(map).length > 0 ? map : undefined;
}

/** Puts each step's note above it. */
function noteSteps(map: unknown, { steps }: JobView): void {
  const jobs = isMap(map) ? map.get('jobs') : undefined;
  if (!isMap(jobs)) return;
  for (const { key, value } of jobs.items) {
    const step = isScalar(key) ? steps.get(String(key.value)) : undefined;
    if (!step) continue;
    if (step.note && isScalar(key)) key.commentBefore = ` ${step.note}`;
    noteSteps(value, step);
  }
}
