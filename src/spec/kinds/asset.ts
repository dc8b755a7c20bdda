import {
  anything,
  as,
  define,
  either,
  exactly,
  type Field,
  fields,
  integer,
  list,
  mapOf,
  number,
  oneOf,
  text,
  variants,
} from '../field.ts';
import { externalData } from './dataTransfer.ts';
import {
  $schema,
  article,
  autoDelete,
  dataTypes,
  description,
  environmentFields,
  exported,
  labels,
  modelTypes,
  reference,
  reserved,
  version,
} from './shared.ts';

const assetFields: Record<string, Field> = {
  $schema,
  version: version(),
  description,
  tags: labels(),
  ...exported,
  latest_version: reserved('Latest version that the service knows.'),
  auto_delete_setting: autoDelete,
};
const datastore = text('Datastore to which a local path is uploaded; the default one when absent.', { assetKind: 'datastores' });
const notEmpty = { pattern: '\\S', patternHint: 'Give it a name, or leave the key out.' };
const name = (what: string) =>
  text(`Name of the ${what}; the service makes one up when absent.`, { examples: [`my-${what.replace(' ', '-')}`], ...notEmpty });
const dataType = oneOf('What it is.', dataTypes, { default: 'uri_folder', anyCase: false });

export const data = define('data', () =>
  fields(
    'Data under a name and a version.',
    {
      path: text('Where it is: a local path, `azureml://datastores/STORE/paths/PATH`, or a web address.', {
        pathKind: 'fileOrFolder',
        examples: ['./data', 'azureml://datastores/workspaceblobstore/paths/sales/'],
      }),
    },
    { name: name('data asset'), type: dataType, ...assetFields, properties: reserved('Facts that the service keeps.'), datastore },
    { docLink: reference('data') },
  ),
);

export const dataImport = define('dataImport', () =>
  fields(
    'Data that is copied in from outside, once or on a schedule.',
    { source: externalData, path: text('Where it is put: `azureml://datastores/STORE/paths/PATH`.', { assetKind: 'datastores' }) },
    { name: name('data asset'), type: dataType, ...assetFields, properties: reserved('Facts that the service keeps.'), datastore },
    { docLink: article('how-to-import-data-assets') },
  ),
);

const templateReference = fields('A deployment template.', {}, { asset_id: text('Id of the template.') });
export const modelFields: Record<string, Field> = {
  ...assetFields,
  type: oneOf('Format of the model.', modelTypes, { default: 'custom_model' }),
  path: text('Where it is: a local path, `azureml://datastores/…`, `azureml://jobs/JOB/outputs/OUTPUT`, or `runs:/RUN/PATH`.', {
    pathKind: 'fileOrFolder',
    examples: ['./model', 'azureml://jobs/my-job/outputs/model'],
  }),
  properties: mapOf('Facts that stay as they are.', anything('A fact.')),
  flavors: mapOf('Flavours of an MLflow model, by name.', anything('Facts of a flavour.')),
  stage: text('Stage of its life, such as `Production`.', { examples: ['Development', 'Production', 'Archived'] }),
  datastore,
  system_metadata: mapOf('Facts that a registry keeps.', anything('A fact.')),
  default_deployment_template: templateReference,
  allowed_deployment_templates: list('Templates that may deploy it.', templateReference),
  utc_time_created: reserved('When it was created.'),
  job_name: reserved('Job that made it.'),
  intellectual_property: reserved('Publisher and protection, set by a registry.'),
};
const wholeNumber = { pattern: '^\\d*$', patternHint: 'Versions of models are whole numbers; Azure refuses others.', serviceRule: true };
export const model = define('model', () =>
  fields(
    'A model under a name and a version.',
    { name: text('Name of the model.', { examples: ['my-model'], ...notEmpty }) },
    {
      ...modelFields,
      version: either(
        'Version under which it is registered; the next number when absent.',
        number('A whole number.', wholeNumber),
        text('A whole number.', wholeNumber),
      ),
    },
    {
      docLink: reference('model'),
    },
  ),
);

export const environmentAsset = define('environment', () =>
  fields(
    'Image and packages in which commands run.',
    { name: text('Name of the environment.', { examples: ['my-environment'], commandLineOption: '--name', ...notEmpty }) },
    environmentFields,
    {
      docLink: reference('environment'),
    },
  ),
);

export const index = define('index', () =>
  fields(
    'A search index for retrieval.',
    { name: text('Name of the index.'), path: text('Folder with the `MLIndex` file.', { pathKind: 'folder' }) },
    {
      ...assetFields,
      properties: mapOf('Facts that stay as they are.', anything('A fact.')),
      stage: text('Stage of its life.'),
      datastore,
    },
    { docLink: article('concept-retrieval-augmented-generation') },
  ),
);

const inputPath = variants('Where the model or data is.', 'input_path_type', [
  fields('By id.', {}, { $schema, input_path_type: exactly('path_id', 'By id.'), resource_id: text('Id of the asset.') }),
  fields('By address.', {}, { $schema, input_path_type: exactly('url', 'By address.'), url: text('Address.') }),
  fields(
    'By name and version.',
    {},
    {
      $schema,
      input_path_type: exactly('path_version', 'By name and version.'),
      resource_name: text('Name.'),
      resource_version: text('Version.'),
    },
  ),
]);
const serverRoute = fields('A route of the container.', {}, { port: integer('Port.'), path: text('Path.') });
export const modelPackage = define('modelPackage', () =>
  fields(
    'A model with its code and environment, ready to be deployed.',
    {},
    {
      $schema,
      target_environment: either('Environment that is made.', text('Its name.'), mapOf('Its name and version.', text('A value.'))),
      base_environment_source: fields(
        'Environment that is built upon.',
        {},
        {
          $schema,
          type: text('`environment_asset`.'),
          resource_id: text('Id of the environment.', { assetKind: 'environments' }),
        },
      ),
      inferencing_server: fields(
        'Server that answers requests.',
        {
          type: oneOf('Kind of server.', {
            azureml_online: 'The online server of Azure ML.',
            azureml_batch: 'The batch server of Azure ML.',
            triton: 'Triton.',
            custom: 'A server of your own.',
          }),
        },
        {
          $schema,
          code_configuration: fields(
            'Code that scores.',
            {},
            {
              $schema,
              code: text('Folder with the code.', { pathKind: 'folder' }),
              scoring_script: text('Script inside of it.', { pathKind: 'script' }),
            },
          ),
          inference_configuration: fields(
            'Routes of a server of your own.',
            {},
            {
              $schema,
              liveness_route: serverRoute,
              readiness_route: serverRoute,
              scoring_route: serverRoute,
              entry_script: text('Script that scores.'),
              configuration: mapOf('Settings.', anything('A setting.')),
            },
          ),
        },
      ),
      model_configuration: fields(
        'How the model gets in.',
        {},
        {
          $schema,
          mode: oneOf('How it gets in.', { copy: 'Copied into the image.', download: 'Fetched at start.' }),
          mount_path: text('Path inside of the container.'),
        },
      ),
      inputs: list(
        'More files of the package.',
        fields(
          'Files.',
          {},
          {
            $schema,
            type: oneOf('What it is.', { uri_file: dataTypes.uri_file, uri_folder: dataTypes.uri_folder }),
            mode: oneOf('How it gets in.', { read_only_mount: 'Mounted.', download: 'Fetched.' }),
            path: inputPath,
            mount_path: text('Path inside of the container.'),
          },
        ),
      ),
      tags: labels(),
      environment_variables: mapOf('Variables of the server.', anything('A value.')),
    },
    { docLink: article('concept-package-models') },
  ),
);

const columns = list(
  'Columns.',
  fields('A column.', {
    name: text('Name.'),
    type: oneOf('Type of its values.', ['string', 'integer', 'long', 'float', 'double', 'binary', 'datetime', 'boolean']),
  }),
);
const stage = oneOf('Stage of its life.', ['Development', 'Production', 'Archived'], { anyCase: false, default: 'Development' });
const featureDoc = { docLink: article('concept-what-is-managed-feature-store') };
const delay = fields('A time.', {}, { days: integer('Days.'), hours: integer('Hours.'), minutes: integer('Minutes.') });

/** A schedule of a recurrence, without a name: of a materialisation. */
const recurrence = fields(
  'When it happens again.',
  {
    type: exactly('recurrence', 'Again and again.'),
    frequency: oneOf('Unit of the interval.', ['minute', 'hour', 'day', 'week', 'month']),
  },
  {
    interval: integer('How many units lie between.', { minimum: 1 }),
    start_time: text('First time, ISO 8601.'),
    time_zone: text('Time zone, by its Windows name.', { default: 'UTC' }),
    schedule: anything('Hours, minutes and days.'),
  },
);

export const featureSet = define('featureSet', () =>
  fields(
    'Features that are computed from data.',
    {
      name: text('Name of the feature set.', notEmpty),
      version: text('Version of the feature set.'),
      specification: fields('What it is made of.', { path: text('Folder with `FeatureSetSpec.yaml`.', { pathKind: 'folder' }) }),
      entities: list('Entities it belongs to.', text('`azureml:NAME:VERSION` of an entity.')),
    },
    {
      $schema,
      description,
      tags: labels(),
      stage,
      ...exported,
      latest_version: reserved('Latest version that the service knows.'),
      materialization_settings: fields(
        'How features are computed ahead.',
        {},
        {
          schedule: recurrence,
          notification: fields('Who hears of it.', {
            email_on: list('What is told.', oneOf('An event.', ['JobCompleted', 'JobFailed', 'JobCancelled'], { anyCase: false })),
            emails: list('Addresses.', text('An address.')),
          }),
          resource: fields('Machines.', {}, { instance_type: text('Size of a machine.') }),
          spark_configuration: mapOf('Properties of Spark.', anything('A property.')),
          offline_enabled: { type: 'boolean', description: 'Keeps features for training.' },
          online_enabled: { type: 'boolean', description: 'Keeps features for serving.' },
        },
      ),
    },
    featureDoc,
  ),
);
export const featureSetSpec = define('featureSetSpec', () =>
  fields(
    'Where features come from and how they are computed.',
    {
      source: fields(
        'Source of the data.',
        { type: text('`parquet`, `csv`, `mltable`, `custom` or `featureSet`.') },
        {
          path: text('Where it is.'),
          timestamp_column: fields('Column with the time.', { name: text('Name.') }, { format: text('Format.') }),
          source_delay: as(delay, 'How late data arrives.'),
          source_process_code: fields('Code that reads the source.', {
            path: text('Folder.', { pathKind: 'folder' }),
            process_class: text('Class.'),
          }),
          kwargs: mapOf('Arguments of the code.', text('A value.')),
        },
      ),
      features: list('The features.', fields('A feature.', { name: text('Name.'), type: text('Type.') }, { description, tags: labels() })),
    },
    {
      $schema,
      feature_transformation_code: fields(
        'Code that computes them.',
        {},
        { path: text('Folder.', { pathKind: 'folder' }), transformer_class: text('Class.') },
      ),
      index_columns: columns,
      source_lookback: as(delay, 'How far back the source is read.'),
      temporal_join_lookback: as(delay, 'How old a feature may be.'),
    },
    featureDoc,
  ),
);
export const featureStoreEntity = define('featureStoreEntity', () =>
  fields(
    'What features belong to: its index columns.',
    { name: text('Name of the entity.'), version: version('Version of the entity.'), index_columns: columns },
    {
      $schema,
      description,
      tags: labels(),
      stage,
      properties: mapOf('Facts.', anything('A fact.')),
      ...exported,
      latest_version: reserved('Latest version that the service knows.'),
    },
    featureDoc,
  ),
);

const probe = fields(
  'A check of the container.',
  {},
  {
    period: integer('Seconds between two checks.'),
    initial_delay: integer('Seconds before the first.'),
    timeout: integer('Seconds an answer may take.'),
    success_threshold: integer('Answers that make it well.'),
    failure_threshold: integer('Failures that make it ill.'),
    scheme: text('`http` or `https`.'),
    method: text('HTTP method.'),
    path: text('Path.'),
    port: integer('Port.'),
  },
);
export const deploymentTemplate = define('deploymentTemplate', () =>
  fields(
    'How models of a registry are deployed.',
    { name: text('Name of the template.') },
    {
      $schema,
      display_name: text('What people read.'),
      description,
      version: version(),
      tags: labels(),
      type: text('`deploymenttemplates`.'),
      deployment_template_type: text('`managed`.'),
      environment: text('Environment of the server.', { assetKind: 'environments' }),
      environment_variables: mapOf('Variables of the server.', anything('A value.')),
      request_settings: fields(
        'Requests.',
        {},
        {
          request_timeout_ms: integer('Milliseconds of a request.'),
          max_concurrent_requests_per_instance: integer('Requests at the same time.'),
        },
      ),
      liveness_probe: probe,
      readiness_probe: probe,
      instance_count: integer('Machines.', { minimum: 1 }),
      model_mount_path: text('Path of the model in the container.'),
      allowed_instance_types: list('Sizes that may be used.', text('A size.')),
      default_instance_type: text('Size when none is asked for.'),
      scoring_port: integer('Port that takes requests.'),
      scoring_path: text('Path that takes requests.'),
      accelerator_maps: list(
        'Accelerators.',
        fields(
          'An accelerator.',
          { accelerator_type: text('Kind.'), number_of_accelerators_per_model_instance: number('How many.') },
          { default: { type: 'boolean', description: 'Taken when none is asked for.' } },
        ),
      ),
    },
  ),
);
