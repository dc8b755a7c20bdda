import {
  anything,
  as,
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
import { dataImport } from './asset.ts';
import { commandOptions } from './command.ts';
import { pipelineSettings } from './pipeline.ts';
import {
  $schema,
  article,
  dataInput,
  description,
  environment,
  exported,
  jobFields,
  jobInputs,
  jobOutputs,
  labels,
  reserved,
  tableInput,
} from './shared.ts';
import { cronTrigger, recurrenceTrigger } from './trigger.ts';

const trigger = variants('When it happens.', 'type', [cronTrigger, recurrenceTrigger]);
const scheduleFields: Record<string, Field> = {
  $schema,
  display_name: text('What people read.'),
  description,
  tags: labels(),
  properties: mapOf('Facts.', either('A fact.', text('A fact.'), { type: 'null' })),
  trigger,
  is_enabled: reserved('Whether it holds.'),
  provisioning_state: reserved('State.'),
  ...exported,
};
const name = text('Name of the schedule.', {
  pattern: '^[a-zA-Z0-9][a-zA-Z0-9_-]*$',
  patternHint: 'Use letters, digits, "-" and "_".',
  serviceRule: true,
});
const local = { localNote: 'Jobs are started while the control plane runs; monitors and imports are not.' };
const jobFile = text('File of a job, or `azureml:NAME` of one that ran.', { pathKind: 'file', mustExist: true, assetKind: 'jobs' });
const { id: _id, creation_context: _created, ...overrides } = jobFields;

const createJob = either(
  'Job that is submitted: a file, `azureml:NAME`, or a job with what is changed in it.',
  jobFile,
  variants(
    'A job with what is changed in it.',
    'type',
    [
      fields(
        'A pipeline job.',
        { job: jobFile },
        { type: exactly('pipeline', 'A pipeline job.'), ...overrides, inputs: jobInputs, outputs: jobOutputs, settings: pipelineSettings },
      ),
      fields(
        'A command job.',
        { job: jobFile },
        { type: exactly('command', 'A command job.'), ...overrides, ...commandOptions, environment },
      ),
      fields(
        'A Spark job.',
        { job: jobFile },
        { type: exactly('spark', 'A Spark job.'), ...overrides, conf: mapOf('Properties of Spark.', anything('A property.')), environment },
      ),
    ],
    { defaultVariant: 'pipeline' },
  ),
);

const input = variants('Data.', 'type', [dataInput, tableInput], { defaultVariant: 'uri_folder' });
const dataContext = oneOf('What the data is.', ['model_inputs', 'model_outputs', 'training', 'test', 'validation', 'ground_truth']);
const window = fields(
  'Time that is looked at.',
  {},
  {
    lookback_window_size: text('Length, ISO 8601.', { examples: ['P7D'] }),
    lookback_window_offset: text('Distance from now, ISO 8601.', { examples: ['P0D'] }),
    window_start: text('Begin.'),
    window_end: text('End.'),
  },
);
const columnNames = mapOf('What columns are, by what they are called.', text('A column.'));
const component = text('Component that prepares the data.', { assetKind: 'components' });
const production = fields(
  'Data from production.',
  {},
  {
    input_data: input,
    data_context: dataContext,
    pre_processing_component: component,
    data_window: window,
    data_column_names: columnNames,
  },
);
const referenceData = fields(
  'Data to compare with.',
  {},
  {
    input_data: input,
    data_context: dataContext,
    pre_processing_component: component,
    target_column_name: text('Column with the target.'),
    data_window: window,
    data_column_names: columnNames,
  },
);
const features = either(
  'Features that are looked at.',
  oneOf('All of them.', ['all_features']),
  list('These.', text('A feature.')),
  fields('The most important.', {}, { top_n_feature_importance: integer('How many.', { minimum: 1 }) }),
);
const signalFields = {
  production_data: production,
  reference_data: referenceData,
  properties: mapOf('Facts.', anything('A fact.')),
  alert_enabled: flag('Tells when a threshold is crossed.', { default: false }),
};
const featureSignal = {
  ...signalFields,
  features,
  feature_type_override: mapOf('What features are.', anything('`numerical` or `categorical`.')),
};
const limit = number('A limit.');
const kindOfData = oneOf('Kind of data.', ['numerical', 'categorical']);
const drift = fields(
  'From where on it is told.',
  {},
  {
    threshold: limit,
    data_type: kindOfData,
    numerical: fields(
      'For numbers.',
      {},
      {
        jensen_shannon_distance: limit,
        normalized_wasserstein_distance: limit,
        population_stability_index: limit,
        two_sample_kolmogorov_smirnov_test: limit,
      },
    ),
    categorical: fields(
      'For categories.',
      {},
      { jensen_shannon_distance: limit, population_stability_index: limit, pearsons_chi_squared_test: limit },
    ),
  },
);
const rates = fields('Rates.', {}, { null_value_rate: limit, data_type_error_rate: limit, out_of_bounds_rate: limit });
const llmData = fields(
  'Data of a language model.',
  {},
  { input_data: input, data_column_names: mapOf('Columns.', anything('A column.')), data_window: window },
);
const byMetric = mapOf('Limits by name.', limit);
const signal = (type: string, what: string, more: Record<string, Field>): Field => fields(what, { type: exactly(type, what) }, more);

const monitor = fields(
  'What is looked at.',
  {},
  {
    compute: fields(
      'Spark that looks.',
      {},
      {
        compute_type: text('`spark`.'),
        runtime_version: text('Version of Spark.'),
        instance_type: text('Size of a machine.', { examples: ['standard_e4s_v3'] }),
      },
    ),
    monitoring_target: fields(
      'What is watched.',
      {},
      {
        ml_task: oneOf('Task of the model.', ['classification', 'regression', 'questionanswering']),
        endpoint_deployment_id: text('Deployment: `azureml:ENDPOINT:DEPLOYMENT`.'),
        model_id: text('Model: `azureml:NAME:VERSION`.', { assetKind: 'models' }),
      },
    ),
    monitoring_signals: mapOf(
      'Signals by name.',
      variants('A signal.', 'type', [
        signal('data_drift', 'Inputs move away.', {
          ...featureSignal,
          metric_thresholds: drift,
          data_segment: fields(
            'Part of the data.',
            {},
            { feature_name: text('Feature.'), feature_values: list('Values.', text('A value.')) },
          ),
        }),
        signal('data_quality', 'Inputs are broken.', {
          ...featureSignal,
          metric_thresholds: fields('Limits.', {}, { threshold: limit, data_type: kindOfData, numerical: rates, categorical: rates }),
        }),
        signal('prediction_drift', 'Answers move away.', { ...signalFields, metric_thresholds: drift }),
        signal('model_performance', 'Answers get worse.', {
          ...signalFields,
          data_segment: fields(
            'Part of the data.',
            {},
            { feature_name: text('Feature.'), feature_values: list('Values.', text('A value.')) },
          ),
          metric_thresholds: fields(
            'Limits.',
            {},
            {
              threshold: limit,
              classification: fields('Of a classifier.', {}, { accuracy: limit, precision: limit, recall: limit }),
              regression: fields('Of a regression.', {}, { mae: limit, mse: limit, rmse: limit }),
            },
          ),
        }),
        signal('feature_attribution_drift', 'Reasons move away.', {
          alert_enabled: signalFields.alert_enabled,
          reference_data: referenceData,
          production_data: list('Data from production.', production),
          metric_thresholds: fields('Limits.', {}, { threshold: limit, normalized_discounted_cumulative_gain: limit }),
        }),
        signal('custom', 'A component of your own decides.', {
          component_id: text('The component.', { assetKind: 'components' }),
          connection: fields(
            'What it needs.',
            {},
            {
              environment_variables: mapOf('Variables.', text('A value.')),
              secret_config: mapOf('Secrets, by their address in a key vault.', text('An address.')),
            },
          ),
          metric_thresholds: list('Limits.', fields('A limit.', {}, { metric_name: text('Metric.'), threshold: limit })),
          input_data: mapOf('Data by name.', referenceData),
          inputs: mapOf('Inputs.', either('A value or data.', text('Text.'), limit, { type: 'boolean' }, input)),
          properties: mapOf('Facts.', anything('A fact.')),
          alert_enabled: signalFields.alert_enabled,
        }),
        signal('generation_safety_quality', 'Generated text is unsafe or poor.', {
          production_data: list('Data from production.', llmData),
          connection_id: text('Connection to the judge.'),
          sampling_rate: number('Part that is judged.', { minimum: 0, maximum: 1 }),
          properties: mapOf('Facts.', anything('A fact.')),
          alert_enabled: signalFields.alert_enabled,
          metric_thresholds: fields(
            'Limits.',
            {},
            { groundedness: byMetric, relevance: byMetric, coherence: byMetric, fluency: byMetric, similarity: byMetric },
          ),
        }),
        signal('generation_token_statistics', 'Generated text costs more.', {
          production_data: llmData,
          sampling_rate: number('Part that is counted.', { minimum: 0, maximum: 1 }),
          properties: mapOf('Facts.', anything('A fact.')),
          alert_enabled: signalFields.alert_enabled,
          metric_thresholds: fields('Limits.', {}, { totaltoken: byMetric }),
        }),
      ]),
    ),
    alert_notification: either(
      'Who is told.',
      oneOf('Azure Monitor.', ['azmonitoring']),
      fields('By mail.', {}, { emails: list('Addresses.', text('An address.')) }),
    ),
  },
);

export const jobSchedule = define('schedule', () =>
  fields('Submits a job again and again.', { name, create_job: createJob }, scheduleFields, {
    docLink: article('reference-yaml-schedule'),
    ...local,
  }),
);
export const monitorSchedule = define('monitorSchedule', () =>
  fields('Watches a model in production.', { name, create_monitor: monitor }, scheduleFields, {
    docLink: article('reference-yaml-monitor'),
    ...local,
  }),
);
export const importDataSchedule = define('importDataSchedule', () =>
  fields(
    'Copies data in again and again.',
    {
      name,
      import_data: either(
        'What is copied.',
        text('File of a data import.', { pathKind: 'file', mustExist: true }),
        as(dataImport, 'What is copied.'),
      ),
    },
    scheduleFields,
    { docLink: article('reference-yaml-schedule-data-import'), ...local },
  ),
);
