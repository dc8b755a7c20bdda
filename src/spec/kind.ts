import { isMap, isScalar, type YAMLMap } from 'yaml';
import { nearest } from '../base/nearest.ts';
import type { SpecDocument } from './document.ts';
import { follow } from './field.ts';
import { type Kind, type KindFacts, kindFacts, kindNames } from './kinds/all.ts';
import { flatten, plainCase } from './variant.ts';

/** What a file is. `unknownType`: its `type` is none, though the rest looks like a job or a component. */
export interface Recognised {
  kind?: Kind;
  /** The kind that `$schema` names. */
  declared?: Kind;
  unknownType?: { name: string; nearest?: string; family: 'job' | 'component' };
}

/** Whether it is a job that a plane of ours runs. */
export const isRunnableJob = (kind: Kind | undefined): boolean =>
  kind !== undefined && kindFacts[kind].family === 'job' && kindFacts[kind].here === 'runs';
export const isComponentKind = (kind: Kind | undefined): boolean => kind !== undefined && kindFacts[kind].family === 'component';

/** A map that has only its own words: `type: constructor` in a file finds nothing. */
const ownWords = <T>(map: Record<string, T>): Record<string, T> => Object.assign(Object.create(null), map);

/** `type` of the files of a family, as the SDK takes it: exactly so. */
const typesIn = (family: 'job' | 'component'): Record<string, Kind> =>
  ownWords(Object.fromEntries(kindNames.flatMap((kind) => (kindFacts[kind].family === family ? [[kindFacts[kind].type!, kind]] : []))));
const typesOfJobs = typesIn('job');
const typesOfComponents = typesIn('component');
const computeTypes = ownWords<Kind>({
  amlcompute: 'amlCompute',
  computeinstance: 'computeInstance',
  kubernetes: 'kubernetesCompute',
  virtualmachine: 'vmCompute',
  synapsespark: 'synapseSparkCompute',
});
const datastoreTypes = ownWords<Kind>({
  azure_blob: 'azureBlob',
  azure_file: 'azureFile',
  azure_data_lake_gen1: 'azureDataLakeGen1',
  azure_data_lake_gen2: 'azureDataLakeGen2',
  one_lake: 'oneLake',
  hdfs: 'hdfs',
});
export const typesOf = { job: typesOfJobs, component: typesOfComponents };

const byName = new Map(
  kindNames.flatMap((kind) => [kind, ...(kindFacts[kind].names ?? [])].map((name) => [name.toLowerCase(), kind] as const)),
);

/**
 * What a file is: by `$schema` on any host, else by its name, by `type` and by shape; undefined when it is none of ours.
 * Of a file that `mustBeOurs` the `type` alone decides, so that a mistyped key is named instead of the whole file refused.
 */
export function kindOf(document: SpecDocument, mustBeOurs = false): Recognised | undefined {
  const root = document.resolve(document.root);
  if (!isMap(root)) return undefined;
  const shape = new Shape(root);
  const declared = kindOfSchema(shape.text('$schema'), shape);
  if (declared === null) return undefined;
  if (declared) return { ...refine(declared, shape), declared };
  const file = document.file.split(/[\\/]/).at(-1) ?? '';
  if (/^flow\.dag\.ya?ml$/i.test(file)) return { kind: 'promptFlow' };
  const found = shape.isForeign ? undefined : byShape(shape);
  return found ?? (mustBeOurs && shape.type !== undefined ? byType(typesOfJobs, 'job', shape.type, 'commandJob', shape) : undefined);
}

/** The kind that `$schema` names; undefined without one, null when it names something that is not ours. */
function kindOfSchema(address: string | undefined, shape: Shape): Kind | undefined | null {
  if (!address) return undefined;
  const file = address.split(/[?#]/)[0]!.split(/[\\/]/).at(-1)!;
  const name = /^(\w+?)(\.schema)?\.json$/.exec(file);
  if (!name) return null;
  const ours = /azureml|promptflow/i.test(address);
  const found = byName.get(name[1]!.toLowerCase()) ?? (ours ? looseName(name[1]!, shape) : undefined);
  // Azure's client does not look at the address: of one of Azure's hosts with a name of earlier days, the content says what it is.
  if (!found) return ours && name[2] ? undefined : null;
  if (ours) return found;
  // On a foreign host only `NAME.schema.json` counts, and a plain word such as `data` or `project` may be anybody's.
  if (!name[2]) return null;
  return /^[a-z]+$/.test(found) && /^https?:/.test(address) && shape.missing(found) > 0 ? null : found;
}

/** Names of Azure's own hosts that name a family rather than a kind. */
function looseName(name: string, shape: Shape): Kind | undefined {
  if (/connection$/i.test(name)) return 'connection';
  if (/monitor/i.test(name)) return 'monitorSchedule';
  if (/schedule$/i.test(name)) return 'schedule';
  if (/compute$/i.test(name)) return computeTypes[shape.type ?? ''];
  if (/datastore$/i.test(name)) return datastoreTypes[shape.type ?? ''];
  if (/component$/i.test(name)) return typesOfComponents[shape.type ?? ''];
  return undefined;
}

/** Kinds of a family are told apart as the SDK does it, by content. */
function refine(kind: Kind, shape: Shape): Recognised {
  const { family } = kindFacts[kind];
  const { type } = shape;
  if (family === 'job') return byType(typesOfJobs, 'job', type ?? 'command', kind, shape);
  if (family === 'component') return byType(typesOfComponents, 'component', type ?? 'command', kind, shape);
  if (family === 'compute') return { kind: computeTypes[(type ?? '').toLowerCase()] ?? kind };
  if (family === 'datastore') return { kind: datastoreTypes[(type ?? '').toLowerCase()] ?? kind };
  if (family === 'schedule')
    return {
      kind: shape.has('create_monitor')
        ? 'monitorSchedule'
        : shape.has('import_data')
          ? 'importDataSchedule'
          : shape.has('create_job')
            ? 'schedule'
            : kind,
    };
  if (kind === 'batchDeployment' || kind === 'modelBatchDeployment' || kind === 'pipelineComponentBatchDeployment')
    return { kind: type === 'pipeline' ? 'pipelineComponentBatchDeployment' : type === 'model' ? 'modelBatchDeployment' : kind };
  if (kind === 'managedOnlineDeployment' && type === 'kubernetes') return { kind: 'kubernetesOnlineDeployment' };
  if (kind === 'workspace' && (shape.text('kind') === 'hub' || shape.text('kind') === 'project'))
    return { kind: shape.text('kind') as Kind };
  if (kind === 'promptFlow' && !shape.has('nodes')) return shape.has('flow') ? { kind: 'promptFlowRun' } : {};
  return { kind };
}

function byType(types: Record<string, Kind>, family: 'job' | 'component', type: string, declared: Kind, shape: Shape): Recognised {
  if (shape.type === undefined && declared !== types.command) return { kind: declared };
  if (types[type]) return { kind: types[type] };
  return unknownType(type, family);
}

/** A type that is none, with the one that is meant: `sweep_job`, `SweepJob` and `sweepjob` are earlier names of `sweep`. */
function unknownType(name: string, family: 'job' | 'component'): Recognised {
  const words = Object.keys(typesOf[family]);
  const bare = plainCase(name).replace(/_?(?:job|component)$/, '');
  const close = words.find((each) => each === bare || each.replace('_', '') === bare.replace('_', '')) ?? nearest(name, words);
  return { unknownType: { name, family, ...(close ? { nearest: close } : {}) } };
}

/** Without `$schema`: only what could hardly be anything else. */
function byShape(shape: Shape): Recognised | undefined {
  const { type } = shape;
  if (shape.has('create_job') && shape.has('trigger')) return { kind: 'schedule' };
  if (shape.has('create_monitor') && shape.has('trigger')) return { kind: 'monitorSchedule' };
  if (shape.has('import_data') && shape.has('trigger')) return { kind: 'importDataSchedule' };
  if (shape.has('endpoint_name') && shape.has('name')) {
    if (type === 'pipeline') return { kind: 'pipelineComponentBatchDeployment' };
    if (type === 'model') return { kind: 'modelBatchDeployment' };
    if (shape.has('mini_batch_size', 'output_action', 'retry_settings')) return { kind: 'batchDeployment' };
    if (type === 'kubernetes') return { kind: 'kubernetesOnlineDeployment' };
    if (shape.has('instance_type', 'model', 'environment')) return { kind: 'managedOnlineDeployment' };
  }
  const work = workByShape(shape);
  if (work) return work;
  if (shape.isListOfMaps('nodes') && (shape.isMapOf('inputs') || shape.isMapOf('outputs')) && !shape.has('edges'))
    return { kind: 'promptFlow' };
  if (shape.has('flow') && shape.has('data', 'column_mapping', 'column_mappings') && shape.fits('promptFlowRun'))
    return { kind: 'promptFlowRun' };
  const lower = (type ?? '').toLowerCase();
  const candidates: (Kind | undefined)[] = [
    computeTypes[lower],
    shape.credentialType === undefined ? datastoreTypes[lower] : undefined,
    shape.has('credentials', 'target', 'api_key', 'endpoint', 'azure_endpoint', 'api_base') && type ? 'connection' : undefined,
    shape.text('kind') === 'hub' ? 'hub' : shape.text('kind') === 'project' ? 'project' : undefined,
    shape.has('index_columns') ? 'featureStoreEntity' : undefined,
    shape.has('specification') && shape.has('entities') ? 'featureSet' : undefined,
    shape.has('features') && shape.has('source') && shape.has('index_columns', 'feature_transformation_code')
      ? 'featureSetSpec'
      : undefined,
    shape.has('source') && shape.has('path') ? 'dataImport' : undefined,
    shape.has('path') && (type?.startsWith('uri_') || type === 'mltable') ? 'data' : undefined,
    shape.has('path') && type?.endsWith('_model') ? 'model' : undefined,
    shape.has('conda_file', 'image', 'build') && !type ? 'environment' : undefined,
    shape.has('auth_mode')
      ? shape.has('defaults')
        ? 'batchEndpoint'
        : shape.has('compute')
          ? 'kubernetesOnlineEndpoint'
          : 'managedOnlineEndpoint'
      : undefined,
    shape.has('inferencing_server') ? 'modelPackage' : undefined,
    shape.has('offline_store', 'online_store', 'compute_runtime') ? 'featureStore' : undefined,
    shape.has('replication_locations') ? 'registry' : undefined,
    shape.has('location', 'resource_group') &&
    shape.has('storage_account', 'hbi_workspace', 'public_network_access', 'managed_network', 'key_vault')
      ? 'workspace'
      : undefined,
  ];
  const found = candidates.find((kind) => kind !== undefined && shape.fits(kind));
  return found ? { kind: found } : undefined;
}

/** Keys that only a job has, and keys that only a component has. */
const jobOnly = ['experiment_name', 'compute', 'settings', 'services', 'identity', 'parent_job_name'];
const componentOnly = ['is_deterministic', 'version', 'additional_includes'];

/** Jobs and components: by the keys that their kind of work needs. */
function workByShape(shape: Shape): Recognised | undefined {
  const { type } = shape;
  const needs = ownWords<boolean>({
    command: shape.has('command') && shape.has('environment'),
    pipeline: shape.has('jobs') && (type === 'pipeline' || shape.has('experiment_name', 'settings')) && !shape.has('on', 'stages'),
    sweep: shape.has('trial') && shape.has('objective', 'search_space', 'sampling_algorithm'),
    parallel: shape.has('task') && shape.has('input_data', 'mini_batch_size'),
    spark: shape.has('entry') && shape.has('code', 'conf', 'args', 'inputs', 'py_files'),
    automl: shape.has('task') && shape.has('training_data', 'target_column_name', 'primary_metric'),
    finetuning: shape.has('model_provider') && shape.has('task'),
    distillation: shape.has('teacher_model_endpoint_connection', 'student_model'),
    import: shape.has('source') && shape.has('output'),
    data_transfer: shape.has('task') && shape.has('source', 'sink', 'data_copy_mode', 'outputs'),
  });
  // The type as it stands, where the rest fits; else a type that is none, beside what only one kind of work has.
  const named =
    type !== undefined && (needs[type] || (type === 'pipeline' && shape.has('component') && shape.has('experiment_name', 'inputs')))
      ? type
      : undefined;
  const meant = named ?? (type === undefined || !(type in needs) ? Object.keys(needs).find((each) => needs[each]) : undefined);
  if (!meant || (!named && !(['command', 'pipeline'].includes(meant) || type === meant))) return undefined;
  const isComponent = shape.declaresPorts || (shape.has(...componentOnly) && !shape.has(...jobOnly));
  const family = isComponent && !shape.has('experiment_name') ? 'component' : 'job';
  if (named === undefined && type !== undefined) {
    return unknownType(type, family);
  }
  const kind = typesOf[family][meant] ?? typesOfJobs[meant];
  return kind ? { kind } : undefined;
}

/** The top level of a file, as far as recognition looks at it. */
class Shape {
  private readonly root: YAMLMap;
  private readonly keys: string[];

  constructor(root: YAMLMap) {
    this.root = root;
    this.keys = root.items.map((item) => (isScalar(item.key) ? String(item.key.value) : ''));
  }

  /** Whether one of the keys is there. */
  has(...keys: string[]): boolean {
    return keys.some((key) => this.keys.includes(key));
  }

  text(key: string): string | undefined {
    const value = this.root.get(key);
    return typeof value === 'string' ? value : undefined;
  }

  get type(): string | undefined {
    return this.text('type');
  }

  get credentialType(): string | undefined {
    const credentials = this.root.get('credentials');
    const type = isMap(credentials) ? credentials.get('type') : undefined;
    return typeof type === 'string' ? type : undefined;
  }

  /** Kubernetes, Helm, compose, GitHub, GitLab and Azure pipelines, conda, Ansible. */
  get isForeign(): boolean {
    return (
      (this.has('apiVersion') && this.has('kind')) ||
      (this.has('services') && !this.has('command') && !this.has('type')) ||
      this.has('on', 'stages', 'dependencies', 'channels', 'hosts', 'pool', 'repos', 'version_manager') ||
      (this.has('steps') && !this.has('jobs')) ||
      (this.has('trigger') && !this.has('create_job', 'create_monitor', 'import_data'))
    );
  }

  isMapOf(key: string): boolean {
    return isMap(this.root.get(key));
  }

  isListOfMaps(key: string): boolean {
    const list = this.root.get(key) as { items?: unknown[] } | undefined;
    return Array.isArray(list?.items) && list.items.length > 0 && list.items.every((item) => isMap(item) && item.has('name'));
  }

  /** Inputs are declared (typed, with a default or optional) rather than given. */
  get declaresPorts(): boolean {
    const inputs = this.root.get('inputs');
    if (!isMap(inputs) || inputs.items.length === 0) return false;
    const declared = inputs.items.filter(
      (item) => isMap(item.value) && item.value.has('type') && !item.value.has('path') && !item.value.has('value'),
    );
    return (
      declared.length > 0 &&
      declared.length === inputs.items.filter((item) => isMap(item.value)).length &&
      declared.length === inputs.items.length
    );
  }

  /** Required keys of a kind that are not there. */
  missing(kind: Kind): number {
    return Math.min(...this.alternatives(kind).map((each) => (each.required ?? []).filter((key) => !this.has(key)).length));
  }

  /** Everything that is required is there, and at most one key in four is not known. */
  fits(kind: Kind): boolean {
    return this.alternatives(kind).some((each) => {
      const unknown = this.keys.filter((key) => !(each.properties && key in each.properties)).length;
      return (each.required ?? []).every((key) => this.has(key)) && unknown * 4 <= this.keys.length && this.keys.length - unknown >= 2;
    });
  }

  private alternatives(kind: Kind) {
    return flatten(follow((kindFacts[kind] as KindFacts).schema));
  }
}
