import { type ArmResource, creationContext, type Fields, filled, reference, seconds, shortReference, snakeKeys, some } from './parts.ts';
import { searchSpaceOf } from './searchSpace.ts';

/** A job as `az ml job show` prints it, and why it failed. */
export function jobShape({ id, name, properties, systemData }: ArmResource): Fields {
  return { ...definition(properties), ...filled({ id: `azureml:${id}`, name, creation_context: creationContext(systemData) }) };
}

/** What a job is without its name. `refer` writes what it names in the workspace: a schedule has its job's ids whole. */
export function definition(job: Fields, refer: (id: string | undefined | null) => string | undefined = shortReference): Fields {
  const kind = String(job.jobType ?? 'Command').toLowerCase();
  // Of a pipeline Azure's client leaves out what is empty.
  const shown = (map: Fields | undefined): Fields | undefined => (kind === 'pipeline' ? some(map) : map);
  return filled({
    type: kind,
    display_name: job.displayName,
    description: job.description,
    experiment_name: job.experimentName,
    compute: refer(job.computeId),
    component: refer(job.componentId),
    inputs: shown(portsOf(job.inputs)),
    outputs: shown(portsOf(job.outputs)),
    properties: shown(job.properties),
    tags: shown(job.tags),
    identity: job.identity && snakeKeys(job.identity),
    services: servicesOf(job.services, kind !== 'sweep'),
    status: job.status,
    error: job.error && snakeKeys(job.error),
    ...(kind === 'pipeline' ? pipeline(job, refer) : kind === 'sweep' ? sweep(job) : command(job, refer)),
  });
}

type Refer = typeof shortReference;

function command(job: Fields, refer: Refer): Fields {
  return {
    code: reference(job.codeId),
    command: job.command,
    environment: refer(job.environmentId),
    environment_variables: job.environmentVariables,
    distribution: distributionOf(job.distribution),
    resources: job.resources && snakeKeys(job.resources),
    limits: limitsOf(job.limits),
    queue_settings: job.queueSettings && snakeKeys(job.queueSettings),
  };
}

function sweep(job: Fields): Fields {
  const { trial = {}, samplingAlgorithm: sampling, earlyTermination: policy } = job;
  return {
    trial: filled({
      code: reference(trial.codeId),
      command: trial.command,
      environment: reference(trial.environmentId),
      environment_variables: trial.environmentVariables ?? {},
      distribution: distributionOf(trial.distribution),
      resources: trial.resources && snakeKeys(trial.resources),
    }),
    search_space: searchSpaceOf(job.searchSpace),
    sampling_algorithm: sampling && {
      type: lower(sampling.samplingAlgorithmType),
      ...without(snakeKeys(sampling), 'sampling_algorithm_type'),
    },
    objective: job.objective && snakeKeys(job.objective),
    early_termination: policy && { type: lower(policy.policyType), ...without(snakeKeys(policy), 'policy_type') },
    limits: limitsOf(job.limits),
  };
}

function pipeline({ jobs, settings = {} }: Fields, refer: Refer): Fields {
  const { _source, default_compute: compute, default_datastore: datastore, ...rest } = settings;
  return {
    jobs: jobs && Object.fromEntries(Object.entries<Fields>(jobs).map(([name, step]) => [name, stepOf(step, refer)])),
    settings: some(filled({ ...rest, default_compute: refer(compute), default_datastore: refer(datastore) })),
  };
}

function stepOf({ _source, name: _name, componentId, computeId, inputs, outputs, trial, ...rest }: Fields, refer: Refer): Fields {
  const isBinding = (value: unknown) => typeof value === 'string' && value.startsWith('${{');
  return filled({
    ...rest,
    component: refer(componentId),
    compute: refer(computeId),
    trial: trial && refer(trial.componentId),
    inputs:
      inputs && mapValues(inputs, (each) => (isBinding(each?.value) ? { path: each.value } : 'value' in each ? each.value : pathOf(each))),
    outputs: outputs && mapValues(outputs, (each) => each?.value ?? pathOf(each)),
  });
}

const pathOf = ({ uri, job_input_type: inputType, job_output_type: outputType, ...rest }: Fields): Fields =>
  filled({ ...rest, path: uri, type: inputType ?? outputType ?? rest.type });

/** Inputs or outputs: a plain value, or where it is and what. */
const portsOf = (ports: Fields | undefined): Fields | undefined =>
  ports &&
  mapValues(ports, ({ jobInputType, jobOutputType, uri, value, mode, assetName, assetVersion, description }) =>
    jobInputType === 'literal'
      ? value
      : filled({
          path: uri,
          type: jobInputType ?? jobOutputType,
          mode: mode && modes[mode],
          name: assetName,
          version: assetVersion,
          description,
        }),
  );

const modes: Record<string, string> = {
  ReadOnlyMount: 'ro_mount',
  ReadWriteMount: 'rw_mount',
  Download: 'download',
  Direct: 'direct',
  EvalMount: 'eval_mount',
  EvalDownload: 'eval_download',
  Upload: 'upload',
};

/** Azure's client leaves the type out of a sweep's. */
const servicesOf = (services: Fields | undefined, withType: boolean): Fields | undefined =>
  services && mapValues(services, ({ jobServiceType, ...rest }) => ({ ...snakeKeys(rest), ...(withType ? { type: jobServiceType } : {}) }));

const distributionOf = (given: Fields | undefined): Fields | undefined =>
  given && { type: lower(given.distributionType), ...without(snakeKeys(given), 'distribution_type') };

const limitsOf = (limits: Fields | undefined): Fields | undefined =>
  limits &&
  filled({
    ...without(snakeKeys(limits), 'job_limits_type'),
    timeout: seconds(limits.timeout),
    trial_timeout: seconds(limits.trialTimeout),
  });

const lower = (word: unknown): string =>
  String(word ?? '')
    .replace(/(?<=[a-z])(?=[A-Z])/g, '_')
    .toLowerCase();
const without = ({ ...fields }: Fields, key: string): Fields => {
  delete fields[key];
  return fields;
};
const mapValues = (map: Fields, make: (each: any) => unknown): Fields =>
  Object.fromEntries(Object.entries(map).map(([key, each]) => [key, make(each)]));
