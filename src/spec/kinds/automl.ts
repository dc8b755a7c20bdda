import {
  anything,
  define,
  either,
  exactly,
  type Facts,
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
import {
  article,
  componentFields,
  componentName,
  environmentVariables,
  jobFields,
  jobOutputs,
  open,
  queueSettings,
  reserved,
  resources,
  tableInput,
} from './shared.ts';
import { drawn, earlyTermination, samplingAlgorithm } from './sweep.ts';

const type = exactly('automl', 'An AutoML job.');
const shared: Record<string, Field> = {
  outputs: jobOutputs,
  resources,
  queue_settings: queueSettings,
  environment_id: text('Environment in which models are trained; the one of AutoML when absent.', { assetKind: 'environments' }),
  environment_variables: environmentVariables,
  log_verbosity: oneOf('How much is logged.', ['not_set', 'debug', 'info', 'warning', 'error', 'critical'], { default: 'info' }),
  training_data: tableInput,
  validation_data: tableInput,
};
const target = text('Column that is to be predicted.');
const part = (description: string) => number(description, { minimum: 0, maximum: 1 });

const classificationMetrics = {
  auc_weighted: 'Area under the ROC curve, weighted by class.',
  accuracy: 'Part of the predictions that are right.',
  norm_macro_recall: 'Recall averaged over classes, 0 for chance.',
  average_precision_score_weighted: 'Average precision, weighted by class.',
  precision_score_weighted: 'Precision, weighted by class.',
};
const regressionMetrics = {
  spearman_correlation: 'Correlation of the ranks.',
  normalized_root_mean_squared_error: 'Root of the mean squared error, by the range of the target.',
  r2_score: 'Coefficient of determination.',
  normalized_mean_absolute_error: 'Mean absolute error, by the range of the target.',
};
const primary = (words: Record<string, string>, by: string) => oneOf('Metric by which models are compared.', words, { default: by });

const regressors = [
  'elastic_net',
  'gradient_boosting',
  'decision_tree',
  'knn',
  'lasso_lars',
  'sgd',
  'random_forest',
  'extreme_random_trees',
  'light_gbm',
  'xg_boost_regressor',
];
const classifiers = [
  'logistic_regression',
  'sgd',
  'multinomial_naive_bayes',
  'bernoulli_naive_bayes',
  'svm',
  'linear_svm',
  'knn',
  'decision_tree',
  'random_forest',
  'extreme_random_trees',
  'light_gbm',
  'gradient_boosting',
  'xg_boost_classifier',
];
const forecasters = [
  'auto_arima',
  'prophet',
  'naive',
  'seasonal_naive',
  'average',
  'seasonal_average',
  'exponential_smoothing',
  'arimax',
  'tcn_forecaster',
  ...regressors,
];
const training = (algorithms: string[]) =>
  fields(
    'How models are trained.',
    {},
    {
      enable_dnn_training: flag('Tries neural networks too.', { default: false }),
      enable_model_explainability: flag('Explains the best model.', { default: true }),
      enable_onnx_compatible_models: flag('Tries only what ONNX can carry.', { default: false }),
      enable_stack_ensemble: flag('Stacks the best models.'),
      enable_vote_ensemble: flag('Lets the best models vote.', { default: true }),
      ensemble_model_download_timeout_minutes: integer('Minutes to fetch models for an ensemble.', { minimum: 0, default: 5 }),
      stack_ensemble_settings: fields(
        'How models are stacked.',
        {},
        {
          stack_meta_learner_type: oneOf('Model on top.', [
            'none',
            'logistic_regression',
            'logistic_regression_cv',
            'light_gbm_classifier',
            'elastic_net',
            'elastic_net_cv',
            'light_gbm_regressor',
            'linear_regression',
          ]),
          stack_meta_learner_train_percentage: part('Part of the data kept for the model on top.'),
          stack_meta_learner_kwargs: mapOf('Arguments of the model on top.', anything('An argument.')),
        },
      ),
      training_mode: oneOf('Spread over machines or not.', { auto: 'As it fits.', distributed: 'Spread.', non_distributed: 'On one.' }),
      allowed_training_algorithms: list('Only these algorithms.', oneOf('An algorithm.', algorithms)),
      blocked_training_algorithms: list('None of these algorithms.', oneOf('An algorithm.', algorithms)),
    },
  );
const featurization = fields(
  'How columns become features.',
  {},
  {
    mode: oneOf(
      'Who decides.',
      { auto: 'AutoML.', off: 'Columns stay as they are.', custom: 'What stands here, AutoML for the rest.' },
      { default: 'auto' },
    ),
    dataset_language: text('Language of text columns, three letters.', { examples: ['eng'] }),
    blocked_transformers: list(
      'Transformers that are not used.',
      oneOf('A transformer.', [
        'text_target_encoder',
        'one_hot_encoder',
        'cat_target_encoder',
        'tf_idf',
        'wo_e_target_encoder',
        'label_encoder',
        'word_embedding',
        'naive_bayes',
        'count_vectorizer',
        'hash_one_hot_encoder',
      ]),
    ),
    column_name_and_types: mapOf('What columns are, by name.', text('`Numeric`, `Categorical`, `CategoricalHash`, `DateTime` or `Text`.')),
    transformer_params: mapOf(
      'Parameters of transformers, by name.',
      list(
        'Columns and parameters.',
        fields(
          'Columns and parameters.',
          {},
          {
            fields: list('Columns.', text('A column.')),
            parameters: mapOf('Parameters.', anything('A parameter.')),
          },
        ),
      ),
    ),
    enable_dnn_featurization: flag('Embeds text with a neural network.', { default: false }),
  },
);
const tableLimits = fields(
  'How much is tried.',
  {},
  {
    timeout_minutes: integer('Minutes in all.', { minimum: 0, default: 360 }),
    trial_timeout_minutes: integer('Minutes of one trial.', { minimum: 0 }),
    max_trials: integer('Trials in all.', { minimum: 1, default: 1000 }),
    max_concurrent_trials: integer('Trials at the same time.', { minimum: 1, default: 1 }),
    max_cores_per_trial: integer('Cores of a trial; -1 for all.', { minimum: -1, default: -1 }),
    max_nodes: integer('Machines in all.', { minimum: 1 }),
    enable_early_termination: flag('Ends when the score no longer gets better.', { default: true }),
    exit_score: number('Ends when a model reaches this score.'),
  },
);
const autoOr = (description: string, ...others: Field[]) => either(description, oneOf('Found out from the data.', ['auto']), ...others);
const tableFields = {
  ...shared,
  test_data: tableInput,
  test_data_size: part('Part of the training data kept for a test.'),
  validation_data_size: part('Part of the training data kept for validation.'),
  n_cross_validations: autoOr('Folds of the cross-validation.', integer('A number of folds.', { minimum: 2 })),
  cv_split_column_names: list('Columns that say how the folds are cut.', text('A column.')),
  weight_column_name: text('Column with the weight of each row.'),
  limits: tableLimits,
  featurization,
};
const tableDoc: Facts = { docLink: article('reference-automated-ml-forecasting') };

const forecasting = fields(
  'What is particular to time series.',
  {},
  {
    time_column_name: text('Column with the time.'),
    forecast_horizon: autoOr('Periods to forecast.', integer('A number of periods.', { minimum: 1 })),
    frequency: text('Period of the data, as pandas names it.', { examples: ['D', 'W', 'H'] }),
    time_series_id_column_names: either('Columns that tell series apart.', text('A column.'), list('Columns.', text('A column.'))),
    target_lags: autoOr('Lags of the target.', integer('A lag.', { minimum: 1 }), list('Lags.', integer('A lag.', { minimum: 1 }))),
    target_rolling_window_size: autoOr('Periods of the rolling window.', integer('A number of periods.', { minimum: 1 })),
    feature_lags: oneOf('Lags of the features.', { none: 'None.', auto: 'Found out from the data.' }),
    seasonality: autoOr('Periods of a season.', integer('A number of periods.', { minimum: 1 })),
    use_stl: oneOf('Decomposition of the series.', { none: 'None.', season: 'The season.', seasontrend: 'The season and the trend.' }),
    short_series_handling_config: oneOf('What happens to short series.', {
      none: 'Nothing.',
      auto: 'As it fits.',
      pad: 'They are filled up.',
      drop: 'They are left out.',
    }),
    target_aggregate_function: oneOf('How rows of one period are put together.', ['none', 'sum', 'max', 'min', 'mean']),
    country_or_region_for_holidays: text('Country whose holidays are features, two letters.', { examples: ['DE'] }),
    cv_step_size: integer('Periods between two folds.', { minimum: 1 }),
    features_unknown_at_forecast_time: either('Columns that are not known ahead.', text('A column.'), list('Columns.', text('A column.'))),
  },
);

const sweep = fields(
  'How hyperparameters are searched.',
  {},
  { sampling_algorithm: samplingAlgorithm, early_termination: earlyTermination },
);
const schedulerNames = ['none', 'linear', 'cosine', 'cosine_with_restarts', 'polynomial', 'constant', 'constant_with_warmup'];
const textParameters: Record<string, Field> = {
  model_name: text('Pretrained model.', { examples: ['bert-base-cased'] }),
  number_of_epochs: integer('Passes over the data.', { minimum: 1 }),
  learning_rate: number('Learning rate at the start.'),
  learning_rate_scheduler: oneOf('How the learning rate goes on.', schedulerNames),
  warmup_ratio: part('Part of the steps in which the rate rises.'),
  weight_decay: number('Decay of the weights.'),
  training_batch_size: integer('Examples of a training step.', { minimum: 1 }),
  validation_batch_size: integer('Examples of a validation step.', { minimum: 1 }),
  gradient_accumulation_steps: integer('Steps whose gradients are added up.', { minimum: 1 }),
};
const searchable = (parameters: Record<string, Field>, more: Record<string, Field> = {}) =>
  list(
    'Search spaces; each trial draws from one of them.',
    fields(
      'A search space: values, or how they are drawn.',
      {},
      {
        ...Object.fromEntries(Object.entries(parameters).map(([name, field]) => [name, { ...drawn, ...drawnAs(field) }])),
        ...more,
      },
    ),
  );
function drawnAs(field: Field): Field {
  return { anyOf: [drawn], ...(field.description ? { description: field.description } : {}) };
}
const nlpFields = {
  ...shared,
  limits: fields(
    'How much is tried.',
    {},
    {
      timeout_minutes: integer('Minutes in all.', { minimum: 0, default: 10080 }),
      trial_timeout_minutes: integer('Minutes of one trial.', { minimum: 0 }),
      max_trials: integer('Trials in all.', { minimum: 1, default: 1 }),
      max_concurrent_trials: integer('Trials at the same time.', { minimum: 1, default: 1 }),
      max_nodes: integer('Machines in all.', { minimum: 1, default: 1 }),
    },
  ),
  sweep,
  training_parameters: fields('Hyperparameters that stay as they are.', {}, textParameters),
  search_space: searchable(textParameters),
  featurization: fields('How text is read.', {}, { dataset_language: text('Language of the text, three letters.', { examples: ['eng'] }) }),
};

const imageParameters: Record<string, Field> = {
  model_name: text('Pretrained model.', { examples: ['vitb16r224', 'yolov5'] }),
  number_of_epochs: integer('Passes over the data.', { minimum: 1 }),
  learning_rate: number('Learning rate at the start.'),
  learning_rate_scheduler: oneOf('How the learning rate goes on.', {
    none: 'It stays.',
    warmup_cosine: 'It rises, then falls along a cosine.',
    step: 'It falls in steps.',
  }),
  optimizer: oneOf('Optimiser.', ['none', 'sgd', 'adam', 'adamw']),
  momentum: number('Momentum of SGD.', { minimum: 0, maximum: 1 }),
  nesterov: flag('Nesterov momentum.'),
  beta1: part('First beta of Adam.'),
  beta2: part('Second beta of Adam.'),
  ams_gradient: flag('AMSGrad variant of Adam.'),
  weight_decay: number('Decay of the weights.', { minimum: 0 }),
  step_lr_gamma: number('Factor of a step of the learning rate.'),
  step_lr_step_size: integer('Epochs between two steps of the learning rate.', { minimum: 1 }),
  warmup_cosine_lr_cycles: number('Cycles of the cosine.'),
  warmup_cosine_lr_warmup_epochs: integer('Epochs in which the rate rises.', { minimum: 0 }),
  training_batch_size: integer('Images of a training step.', { minimum: 1 }),
  validation_batch_size: integer('Images of a validation step.', { minimum: 1 }),
  gradient_accumulation_step: integer('Steps whose gradients are added up.', { minimum: 1 }),
  early_stopping: flag('Ends when the metric no longer gets better.'),
  early_stopping_delay: integer('Epochs before the first look.', { minimum: 0 }),
  early_stopping_patience: integer('Epochs without a better metric.', { minimum: 0 }),
  evaluation_frequency: integer('Epochs between two validations.', { minimum: 1 }),
  enable_onnx_normalization: flag('Writes the normalisation into the ONNX model.'),
  layers_to_freeze: integer('Layers that stay as they are.', { minimum: 0 }),
  distributed: flag('Trains on all GPUs.'),
  number_of_workers: integer('Processes that load images.', { minimum: 0 }),
  random_seed: integer('Seed.', { minimum: 0 }),
};
const fixedImageParameters: Record<string, Field> = {
  ...imageParameters,
  advanced_settings: text('Settings of the trainer, as JSON.'),
  checkpoint_frequency: integer('Epochs between two checkpoints.', { minimum: 1 }),
  checkpoint_run_id: text('Run whose checkpoint is the start.'),
};
const classifierParameters: Record<string, Field> = {
  training_crop_size: integer('Size to which training images are cut.', { minimum: 1 }),
  validation_crop_size: integer('Size to which validation images are cut.', { minimum: 1 }),
  validation_resize_size: integer('Size to which validation images are scaled first.', { minimum: 1 }),
  weighted_loss: integer('0: none, 1: by the root of the class weights, 2: by the class weights.', { minimum: 0, maximum: 2 }),
};
const detectorParameters: Record<string, Field> = {
  box_detections_per_image: integer('Boxes of an image at most.', { minimum: 1 }),
  box_score_threshold: part('Boxes below this score are dropped.'),
  nms_iou_threshold: part('Overlap from which boxes are merged.'),
  validation_iou_threshold: part('Overlap from which a box counts as right.'),
  validation_metric_type: oneOf('How validation counts.', ['none', 'coco', 'voc', 'coco_voc']),
  image_size: integer('Size of training images, for YOLO.', { minimum: 1 }),
  min_size: integer('Smallest side of an image.', { minimum: 1 }),
  max_size: integer('Largest side of an image.', { minimum: 1 }),
  model_size: oneOf('Size of the model, for YOLO.', ['none', 'small', 'medium', 'large', 'extra_large']),
  multi_scale: flag('Varies the size of images, for YOLO.'),
  tile_grid_size: text('Grid of tiles for small objects.', { examples: ['3x2'] }),
  tile_overlap_ratio: number('Overlap of tiles.', { minimum: 0, maximum: 1 }),
  tile_predictions_nms_threshold: part('Overlap from which boxes of tiles are merged.'),
};
const imageLimits = fields(
  'How much is tried.',
  {},
  {
    timeout_minutes: integer('Minutes in all.', { minimum: 0, default: 10080 }),
    max_trials: integer('Trials in all.', { minimum: 1, default: 1 }),
    max_concurrent_trials: integer('Trials at the same time.', { minimum: 1, default: 1 }),
  },
);
const imageFields = (own: Record<string, Field>, logs: Record<string, Field> = {}) => ({
  ...shared,
  limits: imageLimits,
  sweep,
  validation_data_size: part('Part of the training data kept for validation.'),
  test_data: tableInput,
  test_data_size: part('Part of the training data kept for a test.'),
  training_parameters: fields('Hyperparameters that stay as they are.', {}, { ...fixedImageParameters, ...own, ...logs }),
  search_space: searchable(
    { ...imageParameters, ...own },
    { augmentations: { ...drawnAs({ description: 'Changes to training images.' }) } },
  ),
});
const detectorLogs = {
  log_training_metrics: text('Whether training metrics are logged.'),
  log_validation_loss: text('Whether the validation loss is logged.'),
};

interface Task {
  name: string;
  description: string;
  metrics: Record<string, string>;
  by: string;
  fields: () => Record<string, Field>;
  more?: Record<string, Field>;
  targetIsOptional?: true;
  docLink: string;
}
const docs = (page: string) => article(page);
/** The ten tasks of AutoML. */
const tasks: Task[] = [
  {
    name: 'classification',
    description: 'Predicts a class from a table.',
    metrics: classificationMetrics,
    by: 'auc_weighted',
    fields: () => ({ ...tableFields, training: training(classifiers), positive_label: text('Class that counts as positive.') }),
    docLink: docs('how-to-configure-auto-train'),
  },
  {
    name: 'regression',
    description: 'Predicts a number from a table.',
    metrics: regressionMetrics,
    by: 'normalized_root_mean_squared_error',
    fields: () => ({ ...tableFields, training: training(regressors) }),
    docLink: docs('how-to-configure-auto-train'),
  },
  {
    name: 'forecasting',
    description: 'Predicts a time series.',
    metrics: regressionMetrics,
    by: 'normalized_root_mean_squared_error',
    fields: () => ({ ...tableFields, training: training(forecasters), forecasting }),
    docLink: tableDoc.docLink!,
  },
  {
    name: 'image_classification',
    description: 'Predicts the class of an image.',
    metrics: classificationMetrics,
    by: 'accuracy',
    fields: () => imageFields(classifierParameters),
    docLink: docs('reference-automl-images-cli-classification'),
  },
  {
    name: 'image_classification_multilabel',
    description: 'Predicts the classes of an image.',
    metrics: { ...classificationMetrics, iou: 'Part of the labels that both have.' },
    by: 'iou',
    fields: () => imageFields(classifierParameters),
    docLink: docs('reference-automl-images-cli-multilabel-classification'),
  },
  {
    name: 'image_object_detection',
    description: 'Finds objects in an image.',
    metrics: { mean_average_precision: 'Mean average precision.' },
    by: 'mean_average_precision',
    fields: () => imageFields(detectorParameters, detectorLogs),
    docLink: docs('reference-automl-images-cli-object-detection'),
  },
  {
    name: 'image_instance_segmentation',
    description: 'Outlines objects in an image.',
    metrics: { mean_average_precision: 'Mean average precision.' },
    by: 'mean_average_precision',
    fields: () => imageFields(detectorParameters, detectorLogs),
    docLink: docs('reference-automl-images-cli-instance-segmentation'),
  },
  {
    name: 'text_classification',
    description: 'Predicts the class of a text.',
    metrics: classificationMetrics,
    by: 'accuracy',
    fields: () => nlpFields,
    docLink: docs('reference-automl-nlp-cli-text-classification'),
  },
  {
    name: 'text_classification_multilabel',
    description: 'Predicts the classes of a text.',
    metrics: { accuracy: 'Part of the predictions that are right.' },
    by: 'accuracy',
    fields: () => nlpFields,
    docLink: docs('reference-automl-nlp-cli-multilabel-classification'),
  },
  {
    name: 'text_ner',
    description: 'Finds names in a text.',
    metrics: { accuracy: 'Part of the predictions that are right.' },
    by: 'accuracy',
    fields: () => nlpFields,
    targetIsOptional: true,
    docLink: docs('reference-automl-nlp-cli-ner'),
  },
];

const byTask = (more: Record<string, Field>, extra: Partial<Field> = {}): Field[] =>
  tasks.map((task) =>
    fields(
      task.description,
      {
        type,
        task: exactly(task.name, task.description),
        ...(task.targetIsOptional ? {} : { target_column_name: target }),
      },
      {
        ...(task.targetIsOptional ? { target_column_name: target } : {}),
        primary_metric: primary(task.metrics, task.by),
        ...task.fields(),
        ...more,
      },
      { docLink: task.docLink, ...extra },
    ),
  );

export const automlJob = define('autoMLJob', () => variants('Finds a model by itself.', 'task', byTask(jobFields)));
/** A step of type automl, by task. */
export const automlStep = (shared: Record<string, Field>): Field =>
  define('automlStep', () =>
    variants(
      'Finds a model by itself.',
      'task',
      byTask({ ...shared, experiment_name: jobFields.experiment_name, status: reserved('State.') }, { additionalProperties: true }),
    ),
  );

export const automlComponent = define('autoMLComponent', () =>
  fields(
    'An AutoML task as a component.',
    {
      name: componentName,
      type,
      task: oneOf('What is predicted.', Object.fromEntries(tasks.map((task) => [task.name, task.description]))),
    },
    componentFields,
    open,
  ),
);
