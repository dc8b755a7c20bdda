import { bareReference, camel, camelKeys, duration, given } from './armParts.ts';
import { isMapValue } from './signature.ts';

type Map = Record<string, any>;

/** Words whose capitals are not those of the rule. */
const words: Record<string, string> = {
  auc_weighted: 'AUCWeighted',
  iou: 'IOU',
  light_gbm: 'LightGBM',
  xg_boost_regressor: 'XGBoostRegressor',
  xg_boost_classifier: 'XGBoostClassifier',
  xgboost_regressor: 'XGBoostRegressor',
  xgboost_classifier: 'XGBoostClassifier',
  svm: 'SVM',
  linear_svm: 'LinearSVM',
  knn: 'KNN',
  sgd: 'SGD',
  lasso_lars: 'LassoLars',
  tcn_forecaster: 'TCNForecaster',
  text_ner: 'TextNER',
};
const tabular = ['classification', 'regression', 'forecasting'];
/** Tasks that have one metric, which the client leaves out. */
const withoutMetric = ['text_ner', 'text_classification_multilabel'];

/** What an AutoML job is to do, in ARM's words. */
export function taskDetails(value: Map): Map {
  const task = String(value.task).toLowerCase();
  const isTabular = tabular.includes(task);
  const limits: Map = isMapValue(value.limits) ? value.limits : {};
  const minutes = (given_: unknown) => (given_ === undefined ? undefined : duration(Number(given_) * 60));
  return given({
    taskType: word(task),
    logVerbosity: word(value.log_verbosity ?? 'info'),
    primaryMetric: value.primary_metric === undefined || withoutMetric.includes(task) ? undefined : word(value.primary_metric),
    targetColumnName: value.target_column_name,
    trainingData: data(value.training_data),
    validationData: data(value.validation_data),
    testData: data(value.test_data),
    validationDataSize: value.validation_data_size,
    testDataSize: value.test_data_size,
    weightColumnName: value.weight_column_name,
    cvSplitColumnNames: value.cv_split_column_names,
    positiveLabel: value.positive_label,
    nCrossValidations: mode(value.n_cross_validations),
    limitSettings: given({
      enableEarlyTermination: limits.enable_early_termination ?? (isTabular ? true : undefined),
      exitScore: limits.exit_score,
      maxConcurrentTrials: limits.max_concurrent_trials,
      maxCoresPerTrial: limits.max_cores_per_trial,
      maxNodes: limits.max_nodes ?? (task.startsWith('text_') ? 1 : undefined),
      maxTrials: limits.max_trials ?? (task.startsWith('text_') ? 1 : undefined),
      // The client sends its defaults along.
      ...(isTabular ? { sweepConcurrentTrials: 0, sweepTrials: 0 } : {}),
      timeout: minutes(limits.timeout_minutes),
      trialTimeout: minutes(limits.trial_timeout_minutes),
    }),
    featurizationSettings: isMapValue(value.featurization) ? featurization(value.featurization) : undefined,
    trainingSettings: isMapValue(value.training) ? training(value.training) : undefined,
    forecastingSettings: isMapValue(value.forecasting) ? forecasting(value.forecasting) : undefined,
    modelSettings: isMapValue(value.training_parameters) && task.startsWith('image_') ? camelKeys(value.training_parameters) : undefined,
    fixedParameters: isMapValue(value.training_parameters) && task.startsWith('text_') ? camelKeys(value.training_parameters) : undefined,
    sweepSettings: isMapValue(value.sweep)
      ? given({
          samplingAlgorithm: value.sweep.sampling_algorithm,
          earlyTermination: isMapValue(value.sweep.early_termination) ? policy(value.sweep.early_termination) : undefined,
        })
      : undefined,
    searchSpace: Array.isArray(value.search_space) ? value.search_space.map(space) : undefined,
  });
}

/** What of an AutoML step of a pipeline is not in the words of its YAML, and the client's defaults. */
export function automlStep({ task, limits, search_space: searchSpace, sweep, log_verbosity: verbosity }: Map): Map {
  const bandit =
    isMapValue(sweep?.early_termination) && sweep.early_termination.type === 'bandit' ? { slack_amount: 0, slack_factor: 0 } : {};
  return given({
    log_verbosity: verbosity ?? 'info',
    limits: isMapValue(limits) && String(task).startsWith('text_') ? { max_nodes: 1, ...limits } : limits,
    search_space: Array.isArray(searchSpace)
      ? searchSpace.map((one: Map) =>
          Object.fromEntries(Object.entries(one).map(([name, each]) => [name, isMapValue(each) ? expression(each) : each])),
        )
      : undefined,
    sweep: isMapValue(sweep?.early_termination) ? { ...sweep, early_termination: { ...bandit, ...sweep.early_termination } } : sweep,
  });
}

const data = (input: unknown): Map | undefined =>
  isMapValue(input)
    ? given({ jobInputType: input.type ?? 'mltable', uri: input.path === undefined ? undefined : bareReference(String(input.path)) })
    : undefined;

/** `auto`, or a number. */
const mode = (value: unknown): Map | undefined =>
  value === undefined ? undefined : String(value).toLowerCase() === 'auto' ? { mode: 'Auto' } : { mode: 'Custom', value };

function featurization({ mode: how, transformer_params: parameters, blocked_transformers: blocked, ...rest }: Map): Map {
  return given({
    ...camelKeys(rest),
    mode: how,
    blockedTransformers: Array.isArray(blocked) ? blocked.map(word) : undefined,
    transformerParams: isMapValue(parameters)
      ? Object.fromEntries(Object.entries(parameters).map(([name, each]) => [word(name), each]))
      : undefined,
  });
}

const training = ({ allowed_training_algorithms: allowed, blocked_training_algorithms: blocked, ...rest }: Map): Map =>
  given({
    ...camelKeys(rest),
    allowedTrainingAlgorithms: Array.isArray(allowed) ? allowed.map(word) : undefined,
    blockedTrainingAlgorithms: Array.isArray(blocked) ? blocked.map(word) : undefined,
    // The client sends its defaults along.
    enableModelExplainability: rest.enable_model_explainability ?? true,
  });

function forecasting(value: Map): Map {
  const { forecast_horizon: horizon, target_lags: lags, seasonality, target_rolling_window_size: size, ...rest } = value;
  return given({
    ...camelKeys(rest),
    forecastHorizon: mode(horizon),
    seasonality: mode(seasonality),
    targetRollingWindowSize: mode(size),
    targetLags:
      lags === undefined
        ? undefined
        : String(lags) === 'auto'
          ? { mode: 'Auto' }
          : { mode: 'Custom', values: Array.isArray(lags) ? lags : [lags] },
  });
}

const policy = ({ type, ...rest }: Map): Map => ({
  policyType: word(type),
  // The client sends its defaults along.
  ...(type === 'bandit' ? { slackAmount: 0, slackFactor: 0 } : {}),
  ...camelKeys(rest),
});

/** `choice('a','b')`, `uniform(0.1,1)`: hyperparameters as text. */
const space = (one: Map): Map =>
  Object.fromEntries(Object.entries(one).map(([name, each]) => [camel(name), isMapValue(each) ? expression(each) : String(each)]));

function expression({ type, values, ...rest }: Map): string {
  const parameters: unknown[] = Array.isArray(values)
    ? values
    : ['min_value', 'max_value', 'mu', 'sigma', 'upper', 'q'].flatMap((key) => rest[key] ?? []);
  return `${type}(${parameters.map((each) => (typeof each === 'string' ? `'${each}'` : typeof each === 'boolean' ? (each ? 'True' : 'False') : String(each))).join(',')})`;
}

/** `normalized_root_mean_squared_error` -> `NormalizedRootMeanSquaredError`. */
function word(text: unknown): string {
  const given_ = String(text);
  return words[given_.toLowerCase()] ?? camel(/^[a-z]/.test(given_) ? `_${given_}` : given_);
}
