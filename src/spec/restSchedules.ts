import { bareReference, camel, given } from './armParts.ts';
import type { Kind } from './kinds/all.ts';
import { loadSpec, type Spec } from './load.ts';
import { beside, isLocalPath } from './paths.ts';
import type { Body } from './rest.ts';
import { armBodyOf } from './rest.ts';
import { dataImport } from './restResources.ts';
import { isMapValue } from './signature.ts';

type Map = Record<string, any>;

/** Bodies of schedules, by kind. */
export const scheduleBodies: Partial<Record<Kind, (value: Map, body: Body) => Map>> = {
  schedule: (value, body) => schedule(value, body, { actionType: 'CreateJob', jobDefinition: job(value.create_job, body) }),
  importDataSchedule(value, body) {
    const { import_data: imported } = value;
    const found = specAt(localFile(imported, body.file), body);
    const definition = found ? dataImport(found.value, body) : isMapValue(imported) ? dataImport(imported, body) : undefined;
    return schedule(value, body, { actionType: 'ImportData', dataImportDefinition: definition });
  },
  monitorSchedule: (value, body) =>
    schedule(value, body, {
      actionType: 'CreateMonitor',
      monitorDefinition: isMapValue(value.create_monitor) ? monitor(value.create_monitor) : undefined,
    }),
};

const schedule = (value: Map, body: Body, action: Map): Map => ({
  properties: given({
    description: value.description,
    properties: body.texts(value.properties, ['properties']),
    tags: body.texts(value.tags, ['tags']),
    displayName: value.display_name,
    action: given(action),
    trigger: isMapValue(value.trigger) ? trigger(value.trigger) : undefined,
  }),
});

function trigger({ type, frequency, interval, schedule: times, expression, start_time: start, end_time: end, time_zone: zone }: Map): Map {
  const isCron = String(type).toLowerCase() === 'cron';
  const time = (text: unknown) => (typeof text === 'string' ? text.replace('T', ' ') : text);
  const list = (numbers: unknown) => (numbers === undefined ? [] : Array.isArray(numbers) ? numbers : [numbers]);
  return given({
    triggerType: isCron ? 'Cron' : 'Recurrence',
    startTime: time(start),
    endTime: time(end),
    timeZone: zone ?? 'UTC',
    ...(isCron
      ? { expression }
      : {
          frequency: frequency === undefined ? undefined : String(frequency).toLowerCase(),
          interval,
          schedule: given({
            hours: list(times?.hours),
            minutes: list(times?.minutes),
            weekDays: times?.week_days,
            monthDays: times?.month_days,
          }),
        }),
  });
}

/** What `create_job` says: `file` is the path of a job's YAML, undefined for a job that ran; `changes` is what the schedule changes of it. */
export function scheduledJob(createJob: unknown, schedule: string): { reference: unknown; file: string | undefined; changes: Map } {
  const { job: reference, type: _type, ...changes } = isMapValue(createJob) ? createJob : { job: createJob };
  return { reference, changes, file: localFile(reference, schedule) };
}

/** The job that a schedule makes: of a file, with what the schedule changes of it. A job of the service stays a reference. */
function job(given_: unknown, body: Body): Map | undefined {
  const { reference, file, changes } = scheduledJob(given_, body.file);
  if (typeof reference !== 'string') return undefined;
  const found = specAt(file, body);
  if (!found) return { sourceJobId: bareReference(reference) };
  const value = { ...found.value };
  for (const [key, change] of Object.entries(changes))
    value[key] = isMapValue(change) && isMapValue(value[key]) ? { ...value[key], ...change } : change;
  return armBodyOf({ ...found, value }, body.files, body.places)?.properties;
}

const localFile = (reference: unknown, schedule: string): string | undefined =>
  typeof reference === 'string' && isLocalPath(reference) ? beside(schedule, reference) : undefined;

const specAt = (file: string | undefined, { files }: Body): Spec | undefined =>
  file === undefined ? undefined : loadSpec(file, files, { mustBeOurs: true }).spec;

function monitor({ compute, monitoring_target: target, monitoring_signals: signals, alert_notification: alert }: Map): Map {
  return given({
    computeConfiguration: {
      computeType: 'ServerlessSpark',
      computeIdentity: { computeIdentityType: 'AmlToken' },
      instanceType: compute?.instance_type,
      runtimeVersion: compute?.runtime_version,
    },
    monitoringTarget: isMapValue(target)
      ? given({ taskType: target.ml_task, deploymentId: target.endpoint_deployment_id, modelId: target.model_id })
      : undefined,
    signals: isMapValue(signals)
      ? Object.fromEntries(Object.entries(signals).map(([name, each]) => [name, isMapValue(each) ? signal(each, target?.ml_task) : each]))
      : undefined,
    alertNotificationSetting: isMapValue(alert)
      ? {
          alertNotificationType: 'Email',
          emailNotificationSetting: { emailOn: ['JobFailed', 'JobCompleted'], emails: alert.emails },
        }
      : undefined,
  });
}

function signal(value: Map, task: unknown): Map {
  const type = String(value.type);
  const isAttribution = type === 'feature_attribution_drift';
  const thresholds = value.metric_thresholds;
  return given({
    signalType: pascal(type),
    mode: value.alert_enabled ? 'Enabled' : 'Disabled',
    features: isMapValue(value.features)
      ? value.features.top_n_feature_importance === undefined
        ? undefined
        : { filterType: 'TopNByAttribution', top: value.features.top_n_feature_importance }
      : Array.isArray(value.features)
        ? { filterType: 'FeatureSubset', features: value.features }
        : undefined,
    ...(isAttribution
      ? { metricThreshold: metrics(thresholds)[0] }
      : {
          metricThresholds:
            thresholds === undefined ? undefined : Array.isArray(thresholds) ? thresholds.map(customMetric) : byType(thresholds),
        }),
    productionData: isMapValue(value.production_data) ? data(value.production_data, true) : undefined,
    referenceData: isMapValue(value.reference_data) ? data(value.reference_data) : undefined,
    modelType: type === 'prediction_drift' ? task : undefined,
    componentId: value.component_id === undefined ? undefined : bareReference(value.component_id),
    inputAssets: isMapValue(value.input_data)
      ? Object.fromEntries(Object.entries(value.input_data).map(([name, each]) => [name, isMapValue(each) ? data(each) : each]))
      : undefined,
  });
}

/** Data that a signal looks at: a fixed asset, or the last days of it, as with what production sends through a preprocessing component. */
function data(
  {
    input_data: input = {},
    data_context: context,
    data_column_names: columns,
    pre_processing_component: component,
    data_window: window,
  }: Map,
  isProduction = false,
): Map {
  const isTrailing = window !== undefined || (isProduction && component !== undefined);
  return given({
    jobInputType: input.type ?? 'uri_folder',
    uri: input.path === undefined ? undefined : bareReference(String(input.path)),
    dataContext: context,
    columns,
    inputDataType: isTrailing ? 'Trailing' : 'Fixed',
    ...(isTrailing
      ? {
          preprocessingComponentId: component,
          windowOffset: window?.lookback_window_offset ?? 'P0D',
          windowSize: window?.lookback_window_size ?? 'P1D',
        }
      : {}),
  });
}

const metrics = (map: unknown): Map[] =>
  Object.entries(isMapValue(map) ? map : {}).map(([name, value]) => ({ metric: camel(name), threshold: { value } }));
const byType = (map: Map): Map[] => [
  ...metrics(map.numerical).map((each) => ({ dataType: 'Numerical', ...each })),
  ...metrics(map.categorical).map((each) => ({ dataType: 'Categorical', ...each })),
];
const customMetric = ({ metric_name: metric, threshold }: Map): Map =>
  given({ metric, threshold: threshold === undefined ? undefined : { value: threshold } });
const pascal = (text: string): string => camel(`_${text}`);
