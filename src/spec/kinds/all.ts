import { doesNotRun, jobTypes, type Refusal, refusalOf, worksInAzure } from '../../protocol/jobTypes.ts';
import type { Field } from '../field.ts';
import {
  data,
  dataImport,
  deploymentTemplate,
  environmentAsset,
  featureSet,
  featureSetSpec,
  featureStoreEntity,
  index,
  model,
  modelPackage,
} from './asset.ts';
import { automlComponent, automlJob } from './automl.ts';
import { commandComponent, commandJob } from './command.ts';
import { connection } from './connection.ts';
import { dataTransferComponent, dataTransferJob, importComponent, importJob } from './dataTransfer.ts';
import {
  batchDeployment,
  batchEndpoint,
  kubernetesOnlineDeployment,
  kubernetesOnlineEndpoint,
  managedOnlineDeployment,
  managedOnlineEndpoint,
  marketplaceSubscription,
  modelBatchDeployment,
  pipelineComponentBatchDeployment,
  serverlessEndpoint,
} from './endpoint.ts';
import { distillationJob, finetuningJob } from './finetuning.ts';
import { capabilityHost, computes, datastores, featureStore, hub, project, registry, workspace } from './infrastructure.ts';
import { parallelComponent, parallelJob } from './parallel.ts';
import { pipelineComponent, pipelineJob } from './pipeline.ts';
import { promptFlow, promptFlowRun } from './promptFlow.ts';
import { importDataSchedule, jobSchedule, monitorSchedule } from './schedule.ts';
import { sparkComponent, sparkJob } from './spark.ts';
import { sweepJob } from './sweep.ts';

export interface KindFacts {
  /** How a sentence calls a file of this kind: `a command job`. */
  title: string;
  schema: Field;
  /** Kinds of one family are told apart by their content, whatever `$schema` says. */
  family:
    | 'job'
    | 'component'
    | 'asset'
    | 'compute'
    | 'datastore'
    | 'workspace'
    | 'endpoint'
    | 'deployment'
    | 'schedule'
    | 'connection'
    | 'flow';
  /** `runs`: it is executed by the embedded plane; `kept`: it is stored there; `later`: it can be written and checked, no more. */
  here: 'runs' | 'kept' | 'later';
  /** Of a job or a component: its `type`, a row of `jobTypes`. */
  type?: string;
  /** Further names of its JSON Schema, without the extension. */
  names?: readonly string[];
  /** Keys with which a new file mostly begins, beside those that are required. */
  starts: readonly string[];
}

const kind = (
  title: string,
  family: KindFacts['family'],
  here: KindFacts['here'],
  schema: Field,
  { names, starts = [] }: Partial<Pick<KindFacts, 'names' | 'starts'>> = {},
): KindFacts => ({
  title,
  schema,
  family,
  here,
  starts,
  ...(names ? { names } : {}),
});

/** A job or a component of a type: its title and whether it runs here stand in `jobTypes`. */
const work = (
  type: string,
  family: 'job' | 'component',
  schema: Field,
  more: Partial<Pick<KindFacts, 'names' | 'starts'>> = {},
): KindFacts => {
  const { called, runsHere } = jobTypes[type]!;
  return { ...kind(`${called} ${family}`, family, runsHere === true ? 'runs' : 'later', schema, more), type };
};

/** Every kind of Azure ML YAML by the name of its JSON Schema. A schema is built when it is first followed. */
export const kinds = {
  commandJob: work('command', 'job', commandJob, { starts: ['code'] }),
  pipelineJob: work('pipeline', 'job', pipelineJob, { starts: ['jobs'] }),
  sweepJob: work('sweep', 'job', sweepJob, { starts: ['search_space'] }),
  parallelJob: work('parallel', 'job', parallelJob),
  sparkJob: work('spark', 'job', sparkJob, { starts: ['code', 'conf', 'resources'] }),
  autoMLJob: work('automl', 'job', automlJob, { starts: ['primary_metric', 'training_data', 'limits'] }),
  finetuningJob: work('finetuning', 'job', finetuningJob, { names: ['fineTuningJob'] }),
  distillationJob: work('distillation', 'job', distillationJob),
  importJob: work('import', 'job', importJob),
  dataTransferJob: work('data_transfer', 'job', dataTransferJob),
  commandComponent: work('command', 'component', commandComponent, { starts: ['code'] }),
  pipelineComponent: work('pipeline', 'component', pipelineComponent, { starts: ['jobs'] }),
  parallelComponent: work('parallel', 'component', parallelComponent),
  sparkComponent: work('spark', 'component', sparkComponent),
  autoMLComponent: work('automl', 'component', automlComponent),
  importComponent: work('import', 'component', importComponent),
  dataTransferComponent: work('data_transfer', 'component', dataTransferComponent),
  data: kind('a data asset', 'asset', 'kept', data, { starts: ['name', 'type'] }),
  model: kind('a model', 'asset', 'kept', model, { starts: ['path', 'type'] }),
  environment: kind('an environment', 'asset', 'kept', environmentAsset, { starts: ['image'] }),
  dataImport: kind('a data import', 'asset', 'later', dataImport),
  index: kind('an index', 'asset', 'later', index),
  modelPackage: kind('a model package', 'asset', 'later', modelPackage, { names: ['modelVersionPackage'] }),
  featureSet: kind('a feature set', 'asset', 'later', featureSet),
  featureSetSpec: kind('a feature set specification', 'asset', 'later', featureSetSpec, {
    names: ['featureSetSpecification', 'featuresetSpec'],
  }),
  featureStoreEntity: kind('a feature store entity', 'asset', 'later', featureStoreEntity),
  deploymentTemplate: kind('a deployment template', 'asset', 'later', deploymentTemplate),
  amlCompute: kind('a compute cluster', 'compute', 'later', computes.amlCompute),
  computeInstance: kind('a compute instance', 'compute', 'later', computes.computeInstance),
  kubernetesCompute: kind('a Kubernetes compute', 'compute', 'later', computes.kubernetesCompute),
  vmCompute: kind('a virtual machine compute', 'compute', 'later', computes.vmCompute, { names: ['virtualMachineCompute'] }),
  synapseSparkCompute: kind('a Synapse Spark pool', 'compute', 'later', computes.synapseSparkCompute),
  azureBlob: kind('a blob datastore', 'datastore', 'later', datastores.azureBlob),
  azureFile: kind('a file share datastore', 'datastore', 'later', datastores.azureFile),
  azureDataLakeGen1: kind('a Data Lake Gen1 datastore', 'datastore', 'later', datastores.azureDataLakeGen1),
  azureDataLakeGen2: kind('a Data Lake Gen2 datastore', 'datastore', 'later', datastores.azureDataLakeGen2),
  oneLake: kind('a OneLake datastore', 'datastore', 'later', datastores.oneLake),
  hdfs: kind('an HDFS datastore', 'datastore', 'later', datastores.hdfs),
  workspace: kind('a workspace', 'workspace', 'later', workspace),
  hub: kind('a hub', 'workspace', 'later', hub),
  project: kind('a project', 'workspace', 'later', project),
  featureStore: kind('a feature store', 'workspace', 'later', featureStore),
  registry: kind('a registry', 'workspace', 'kept', registry),
  capabilityHost: kind('a capability host', 'workspace', 'later', capabilityHost),
  connection: kind('a connection', 'connection', 'later', connection, { names: ['workspaceConnection'] }),
  managedOnlineEndpoint: kind('an online endpoint', 'endpoint', 'later', managedOnlineEndpoint, { names: ['onlineEndpoint'] }),
  kubernetesOnlineEndpoint: kind('a Kubernetes online endpoint', 'endpoint', 'later', kubernetesOnlineEndpoint),
  batchEndpoint: kind('a batch endpoint', 'endpoint', 'later', batchEndpoint),
  serverlessEndpoint: kind('a serverless endpoint', 'endpoint', 'later', serverlessEndpoint),
  marketplaceSubscription: kind('a marketplace subscription', 'endpoint', 'later', marketplaceSubscription),
  managedOnlineDeployment: kind('an online deployment', 'deployment', 'later', managedOnlineDeployment, { names: ['onlineDeployment'] }),
  kubernetesOnlineDeployment: kind('a Kubernetes online deployment', 'deployment', 'later', kubernetesOnlineDeployment),
  batchDeployment: kind('a batch deployment', 'deployment', 'later', batchDeployment),
  modelBatchDeployment: kind('a model batch deployment', 'deployment', 'later', modelBatchDeployment),
  pipelineComponentBatchDeployment: kind('a pipeline batch deployment', 'deployment', 'later', pipelineComponentBatchDeployment),
  schedule: kind('a schedule', 'schedule', 'runs', jobSchedule, { names: ['jobSchedule'] }),
  monitorSchedule: kind('a monitor', 'schedule', 'later', monitorSchedule, { names: ['monitor'] }),
  importDataSchedule: kind('a data import schedule', 'schedule', 'later', importDataSchedule, { names: ['dataImportSchedule'] }),
  promptFlow: kind('a prompt flow', 'flow', 'later', promptFlow, { names: ['flow'] }),
  promptFlowRun: kind('a run of a prompt flow', 'flow', 'later', promptFlowRun, { names: ['run', 'batchRun'] }),
} satisfies Record<string, KindFacts>;

export type Kind = keyof typeof kinds;
/** `kinds` seen as a plain map. */
export const kindFacts: Record<Kind, KindFacts> = kinds;
export const kindNames = Object.keys(kinds) as Kind[];

/** What stands behind `$schema:` in a file of the kind. */
export const schemaAddress = (kind: Kind): string => `https://azuremlschemas.azureedge.net/latest/${kind}.schema.json`;

/** Why a file of the kind can't be run or kept on this machine; undefined where it can. */
export function refusalOfKind(kind: Kind): Refusal | undefined {
  const { here, type, family, title } = kindFacts[kind];
  if (here !== 'later') return undefined;
  return type ? refusalOf(jobTypes[type]!, family as 'job' | 'component') : { message: doesNotRun(title), hint: worksInAzure };
}
