import {
  anything,
  define,
  either,
  exactly,
  type Field,
  fields,
  flag,
  integer,
  list,
  mapOf,
  number,
  oneOf,
  text,
  variants,
} from '../field.ts';
import { modelFields } from './asset.ts';
import { resourceIdentity } from './infrastructure.ts';
import { steps } from './pipeline.ts';
import {
  $schema,
  article,
  componentReference,
  compute,
  description,
  environmentVariables,
  exported,
  inlineEnvironment,
  labels,
  reference,
  reserved,
  resources,
} from './shared.ts';

const served = { localNote: 'Deployments are served by processes of this machine.' };
const local = { localNote: 'Batch endpoints and serverless ones do not run on this machine yet.' };
/** A field that nothing here looks at. */
const without = (field: Field, localNote: string): Field => ({ ...field, localNote });
const fromHereAlone = 'No effect here: endpoints are called from this machine.';
const wholeMachine = 'No effect here: a server gets what this machine has.';
const endpointName = text('Name of the endpoint, unique in its region.', {
  pattern: '^[a-zA-Z]([-a-zA-Z0-9]*[a-zA-Z0-9])?$',
  patternHint: 'Use letters, digits and "-", starting with a letter and not ending with "-".',
  commandLineOption: '--name',
});
const endpointFields: Record<string, Field> = {
  $schema,
  description,
  tags: labels(),
  properties: mapOf('Facts.', anything('A fact.')),
  auth_mode: oneOf('How callers prove who they are.', {
    key: 'A key that does not expire.',
    aml_token: 'A token of Azure ML that expires.',
    aad_token: 'A token of Microsoft Entra.',
  }),
  location: text('Region; the one of the workspace when absent.'),
  identity: resourceIdentity,
  provisioning_state: text('State that the service reports.', { readOnly: true }),
  scoring_uri: text('Address that takes requests.', { readOnly: true }),
  openapi_uri: text('Address of the description.', { readOnly: true }),
  ...exported,
};
const percent = (what: string) => mapOf(what, integer('Percent.', { minimum: 0, maximum: 100 }), { examples: [{ blue: 90, green: 10 }] });
const onlineFields = {
  traffic: percent('Share of the requests by deployment, in percent.'),
  mirror_traffic: percent('Share of the requests that is copied to a deployment, in percent.'),
  kind: reserved('Kind.'),
};
export const managedOnlineEndpoint = define('managedOnlineEndpoint', () =>
  fields(
    'Answers requests at once, on machines of Azure.',
    { name: endpointName },
    {
      ...endpointFields,
      ...onlineFields,
      public_network_access: without(oneOf('Whether it is reached from outside.', ['enabled', 'disabled']), fromHereAlone),
    },
    { docLink: reference('endpoint-online'), ...served },
  ),
);
export const kubernetesOnlineEndpoint = define('kubernetesOnlineEndpoint', () =>
  fields(
    'Answers requests at once, on a Kubernetes cluster.',
    {
      name: endpointName,
      compute: text('The cluster: `azureml:NAME`.', {
        assetKind: 'computes',
        pattern: '^azureml:.+',
        patternHint: 'Start it with "azureml:".',
      }),
    },
    { ...endpointFields, ...onlineFields },
    { docLink: reference('endpoint-online'), ...served },
  ),
);
export const batchEndpoint = define('batchEndpoint', () =>
  fields(
    'Works on large data in jobs.',
    { name: endpointName },
    { ...endpointFields, defaults: fields('What is taken when a call names none.', {}, { deployment_name: text('Deployment.') }) },
    { docLink: reference('endpoint-batch'), ...local },
  ),
);

const registered = (what: string, kind: 'models' | 'environments', ...inPlace: Field[]) =>
  either(
    what,
    text(`\`azureml:NAME:VERSION\`, one of a registry, or in place.`, {
      assetKind: kind,
      pattern: '^(azureml:|file:).+|\\$\\{\\{',
      patternHint: 'Start it with "azureml:", or give it in place with its "path:" or "image:".',
    }),
    ...inPlace,
  );
const anonymousModel = define('anonymousModel', () =>
  fields('A model in place.', {}, { name: text('Name.'), ...modelFields, path: { ...modelFields.path, mustExist: true } }),
);
const deploymentModel = registered('Model that answers.', 'models', anonymousModel);
const deploymentEnvironment = registered('Environment of the server.', 'environments', inlineEnvironment);
const codeConfiguration = fields(
  'Code that scores; an MLflow model needs none.',
  {},
  {
    $schema,
    code: text('Folder with the code.', { pathKind: 'folder', isSnapshot: true }),
    scoring_script: text('Script inside of it, with `init()` and `run()`.', { pathKind: 'script' }),
  },
);
const probe = fields(
  'A check of the container.',
  {},
  {
    period: integer('Seconds between two checks.', { default: 10 }),
    initial_delay: integer('Seconds before the first.', { default: 10 }),
    timeout: integer('Seconds an answer may take.', { default: 2 }),
    success_threshold: integer('Answers that make it well.', { default: 1 }),
    failure_threshold: integer('Failures that make it ill.', { default: 30 }),
  },
);
const deploymentFields: Record<string, Field> = {
  $schema,
  description,
  tags: labels(),
  properties: mapOf('Facts.', anything('A fact.')),
  model: deploymentModel,
  code_configuration: codeConfiguration,
  environment: deploymentEnvironment,
  environment_variables: environmentVariables,
  ...exported,
  provisioning_state: text('State that the service reports.', { readOnly: true }),
};
const deploymentName = text('Name of the deployment, unique in its endpoint.', { examples: ['blue'], commandLineOption: '--name' });
const deploymentOf = text('Endpoint it belongs to.', { assetKind: 'endpoints', commandLineOption: '--endpoint-name' });
const dataCollector = fields(
  'Keeps requests and answers.',
  {},
  {
    collections: mapOf(
      'What is kept, by name: `request`, `response`, `model_inputs`, `model_outputs`.',
      fields(
        'A collection.',
        {
          enabled: either('Whether it is kept.', oneOf('`true` or `false`.', ['true', 'false']), flag('Yes or no.')),
        },
        {
          data: either(
            'Data asset that names it.',
            text('A data asset.', { assetKind: 'data' }),
            fields('A data asset.', {}, { name: text('Name.'), path: text('Where.'), version: text('Version.'), data_id: text('Id.') }),
          ),
          client_id: text('Client id.'),
        },
      ),
    ),
    rolling_rate: without(
      oneOf('How often a new file begins.', ['minute', 'day', 'hour']),
      'No effect here: what was collected is written every minute.',
    ),
    sampling_rate: number('Part that is kept.', { minimum: 0, maximum: 1 }),
    request_logging: fields('Headers.', {}, { capture_headers: list('Headers that are kept.', text('A header.')) }),
  },
);
const onlineDeploymentFields: Record<string, Field> = {
  ...deploymentFields,
  app_insights_enabled: without(flag('Logs to Application Insights.', { default: false }), 'No effect here: nothing is sent to anyone.'),
  scale_settings: without(
    variants('How it grows.', 'type', [
      fields('Stays at `instance_count`.', { type: exactly('default', 'Stays.') }),
      fields(
        'Follows the load, on Kubernetes.',
        { type: exactly('target_utilization', 'Follows the load.') },
        {
          min_instances: integer('Instances at least.', { minimum: 0 }),
          max_instances: integer('Instances at most.', { minimum: 0 }),
          polling_interval: integer('Seconds between two looks.', { minimum: 1 }),
          target_utilization_percentage: integer('Load it aims at, in percent.', { minimum: 1, maximum: 100 }),
        },
      ),
    ]),
    'No effect here: there are always `instance_count` servers.',
  ),
  request_settings: fields(
    'Requests.',
    {},
    {
      request_timeout_ms: integer('Milliseconds a request may take.', { minimum: 0, default: 5000 }),
      max_concurrent_requests_per_instance: integer('Requests at the same time.', { minimum: 1, default: 1 }),
      max_queue_wait_ms: integer('Milliseconds a request may wait.', { minimum: 0, default: 500 }),
    },
  ),
  liveness_probe: probe,
  readiness_probe: probe,
  instance_count: integer('Instances.', { minimum: 0, default: 1 }),
  model_mount_path: without(text('Path of the model in the container.'), 'No effect here: AZUREML_MODEL_DIR names the folder.'),
  data_collector: dataCollector,
};
const amounts = fields(
  'Amounts.',
  {},
  {
    cpu: text('CPUs.', { examples: ['500m', '1'] }),
    memory: text('Memory.', { examples: ['0.5Gi'] }),
    gpu: text('GPUs.', { examples: ['1'] }),
  },
);
export const managedOnlineDeployment = define('managedOnlineDeployment', () =>
  fields(
    'A model behind an online endpoint, on machines of Azure.',
    {
      name: deploymentName,
      endpoint_name: deploymentOf,
      instance_type: without(text('Size of a machine.', { examples: ['Standard_DS3_v2'] }), wholeMachine),
    },
    {
      type: oneOf('Where it runs.', { managed: 'On machines of Azure.', kubernetes: 'On Kubernetes.' }),
      ...onlineDeploymentFields,
      egress_public_network_access: without(
        oneOf('Whether it reaches the internet.', ['enabled', 'disabled']),
        'No effect here: a server reaches what you do.',
      ),
      private_network_connection: without(flag('Reaches the workspace by a private endpoint.'), fromHereAlone),
    },
    { docLink: reference('deployment-managed-online'), ...served },
  ),
);
export const kubernetesOnlineDeployment = define('kubernetesOnlineDeployment', () =>
  fields(
    'A model behind an online endpoint, on Kubernetes.',
    { name: deploymentName, endpoint_name: deploymentOf },
    {
      type: oneOf('Where it runs.', { managed: 'On machines of Azure.', kubernetes: 'On Kubernetes.' }),
      instance_type: without(text('Instance type of the cluster.'), wholeMachine),
      ...onlineDeploymentFields,
      resources: without(fields('What a container gets.', {}, { requests: amounts, limits: amounts }), wholeMachine),
    },
    { docLink: reference('deployment-kubernetes-online'), ...served },
  ),
);

const retry = fields(
  'What happens to a mini-batch that fails.',
  {},
  {
    max_retries: integer('Tries after the first.', { minimum: 0, default: 3 }),
    timeout: integer('Seconds a try may take.', { minimum: 1, default: 30 }),
  },
);
const batchSettings: Record<string, Field> = {
  error_threshold: integer('Failed files after which the job fails; -1 for any number.', { minimum: -1, default: -1 }),
  retry_settings: retry,
  mini_batch_size: integer('Files of a mini-batch.', { minimum: 1, default: 10 }),
  logging_level: text('`error`, `warning`, `info` or `debug`.', { default: 'info' }),
  output_action: oneOf(
    'What becomes of the results.',
    { append_row: 'They are collected in one file.', summary_only: 'Only how it went is kept.' },
    { default: 'append_row' },
  ),
  output_file_name: text('File of the results.', { default: 'predictions.csv' }),
  max_concurrency_per_instance: integer('Processes on each instance.', { minimum: 1 }),
};
const pipelineOf = componentReference('Pipeline component that runs.');
const modelKind = oneOf('What is deployed.', { model: 'A model.', pipeline: 'A pipeline component.' });
export const batchDeployment = define('batchDeployment', () =>
  fields(
    'A model or pipeline behind a batch endpoint, as older files say it.',
    { name: deploymentName, endpoint_name: deploymentOf },
    {
      type: modelKind,
      ...deploymentFields,
      compute: compute('Cluster that works: `azureml:NAME`.'),
      resources,
      ...batchSettings,
      settings: mapOf('Settings of a pipeline.', anything('A setting.')),
      component: pipelineOf,
      job_definition: text('Pipeline job that runs.', { assetKind: 'jobs' }),
    },
    { docLink: reference('deployment-batch'), ...local },
  ),
);
const definition = either(
  'What runs.',
  text('`azureml:NAME` of a pipeline job, or its file.', { pathKind: 'file', mustExist: true }),
  fields(
    'A pipeline.',
    {},
    {
      type: exactly('pipeline', 'A pipeline.'),
      component: pipelineOf,
      job: text('Pipeline job.', { assetKind: 'jobs' }),
      component_id: text('Id of the component.'),
      settings: mapOf('Settings.', anything('A setting.')),
      name: text('Name.'),
      description,
      tags: labels(),
      jobs: steps,
    },
  ),
);
export const pipelineComponentBatchDeployment = define('pipelineComponentBatchDeployment', () =>
  fields(
    'A pipeline component behind a batch endpoint.',
    { name: deploymentName, endpoint_name: deploymentOf },
    {
      $schema,
      type: modelKind,
      description,
      tags: labels(),
      component: pipelineOf,
      settings: mapOf('Settings of the pipeline.', anything('A setting.')),
      job_definition: definition,
      ...exported,
    },
    { docLink: reference('deployment-batch'), ...local },
  ),
);
export const modelBatchDeployment = define('modelBatchDeployment', () =>
  fields(
    'A model behind a batch endpoint.',
    { name: deploymentName, endpoint_name: deploymentOf, compute: compute('Cluster that works: `azureml:NAME`.') },
    {
      type: modelKind,
      ...deploymentFields,
      resources,
      error_threshold: batchSettings.error_threshold!,
      settings: fields(
        'How it works.',
        {},
        { instance_count: integer('Machines.', { minimum: 1, default: 1 }), ...batchSettings, environment_variables: environmentVariables },
      ),
    },
    { docLink: reference('deployment-batch'), ...local },
  ),
);

export const serverlessEndpoint = define('serverlessEndpoint', () =>
  fields(
    'A model of the catalogue, paid by use.',
    { name: endpointName, model_id: text('Id of the model in the catalogue.', { assetKind: 'models' }) },
    {
      $schema,
      auth_mode: oneOf('How callers prove who they are.', { key: 'A key.', aad: 'Microsoft Entra.' }),
      description,
      tags: labels(),
      properties: mapOf('Facts.', anything('A fact.')),
      headers: reserved('Headers.'),
      location: text('Region.'),
      provisioning_state: reserved('State.'),
      scoring_uri: reserved('Address.'),
      system_data: reserved('Who made it.'),
      display_name: text('What people read.'),
      ...exported,
    },
    { docLink: article('how-to-deploy-models-serverless'), ...local },
  ),
);
export const marketplaceSubscription = define('marketplaceSubscription', () =>
  fields(
    'A subscription to a model of the marketplace.',
    { name: text('Name of the subscription.'), model_id: text('Id of the model in the catalogue.', { assetKind: 'models' }) },
    {
      $schema,
      description,
      tags: labels(),
      properties: mapOf('Facts.', anything('A fact.')),
      marketplace_plan: reserved('Plan.'),
      status: reserved('State.'),
      provisioning_state: reserved('State.'),
      system_data: reserved('Who made it.'),
      ...exported,
    },
    { docLink: article('how-to-deploy-models-serverless'), ...local },
  ),
);
