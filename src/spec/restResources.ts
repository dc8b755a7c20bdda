import { bareReference, camelKeys, duration, given } from './armParts.ts';
import type { Kind } from './kinds/all.ts';
import { loadSpec } from './load.ts';
import { beside, isLocalPath } from './paths.ts';
import { located } from './places.ts';
import type { Body } from './rest.ts';
import { connectionProperties } from './restConnection.ts';
import { isMapValue } from './signature.ts';

type Map = Record<string, any>;

/** Bodies of what is not a job, by kind. */
export const resourceBodies: Partial<Record<Kind, (value: Map, body: Body) => Map>> = {
  // Endpoints and deployments
  managedOnlineEndpoint: onlineEndpoint,
  kubernetesOnlineEndpoint: onlineEndpoint,
  batchEndpoint: (value, body) => ({
    location: 'local',
    tags: body.texts(value.tags, ['tags']),
    properties: given({
      description: value.description,
      authMode: authModes[value.auth_mode ?? 'aad_token'] ?? value.auth_mode,
      properties: body.texts(value.properties, ['properties']),
      defaults: isMapValue(value.defaults) ? camelKeys(value.defaults) : undefined,
    }),
  }),
  managedOnlineDeployment: (value, body) => onlineDeployment(value, body, 'Managed'),
  kubernetesOnlineDeployment: (value, body) => onlineDeployment(value, body, 'Kubernetes'),
  batchDeployment: modelDeployment,
  modelBatchDeployment: modelDeployment,
  pipelineComponentBatchDeployment: (value, body) => ({
    location: 'local',
    tags: body.texts(value.tags, ['tags']),
    properties: given({
      description: value.description,
      deploymentConfiguration: given({
        deploymentConfigurationType: 'PipelineComponent',
        description: isLocalComponent(value) ? componentOf(value, body)?.description : undefined,
        componentId: given({ referenceType: 'Id', assetId: isLocalComponent(value) ? undefined : registered(value.component) }),
        settings: isMapValue(value.settings)
          ? Object.fromEntries(Object.entries(value.settings).map(([key, each]) => [key, body.text(each, ['settings', key])]))
          : undefined,
      }),
      // The client sends its defaults along.
      errorThreshold: -1,
      maxConcurrencyPerInstance: 1,
      miniBatchSize: 10,
      outputFileName: 'predictions.csv',
    }),
  }),

  // Computes
  amlCompute: (value) =>
    compute('AmlCompute', value, {
      osType: 'Linux',
      vmSize: value.size ?? 'STANDARD_DS3_V2',
      vmPriority: value.tier === undefined ? undefined : priorities[String(value.tier).toLowerCase()],
      scaleSettings: {
        minNodeCount: value.min_instances ?? 0,
        maxNodeCount: value.max_instances ?? 4,
        nodeIdleTimeBeforeScaleDown: duration(value.idle_time_before_scale_down ?? 120),
      },
      remoteLoginPortPublicAccess: 'NotSpecified',
      enableNodePublicIp: value.enable_node_public_ip ?? true,
      userAccountCredentials: isMapValue(value.ssh_settings)
        ? given({
            adminUserName: value.ssh_settings.admin_username,
            adminUserPassword: value.ssh_settings.admin_password,
            adminUserSshPublicKey: value.ssh_settings.ssh_key_value,
          })
        : undefined,
    }),
  computeInstance: (value) =>
    compute('ComputeInstance', value, {
      vmSize: value.size ?? 'STANDARD_DS3_V2',
      applicationSharingPolicy: 'Shared',
      computeInstanceAuthorizationType: 'personal',
      enableOSPatching: false,
      enableRootAccess: value.enable_root_access ?? true,
      enableSSO: value.enable_sso ?? true,
      releaseQuotaOnStop: value.release_quota_on_stop ?? false,
      enableNodePublicIp: value.enable_node_public_ip ?? true,
      schedules: Array.isArray(value.schedules?.compute_start_stop)
        ? { computeStartStop: value.schedules.compute_start_stop.map(startStop) }
        : undefined,
    }),
  vmCompute: (value) => ({
    properties: given({
      computeType: 'VirtualMachine',
      resourceId: value.resource_id,
      properties: given({
        sshPort: value.ssh_settings?.ssh_port ?? 22,
        administratorAccount: given({ username: value.ssh_settings?.admin_username, password: value.ssh_settings?.admin_password }),
      }),
    }),
  }),

  // Datastores
  azureBlob: (value, body) =>
    datastore('AzureBlob', value, body, { containerName: value.container_name, protocol: value.protocol ?? 'https' }),
  azureFile: (value, body) => datastore('AzureFile', value, body, { fileShareName: value.file_share_name, protocol: 'https' }),
  azureDataLakeGen2: (value, body) => datastore('AzureDataLakeGen2', value, body, { filesystem: value.filesystem, protocol: 'https' }),
  azureDataLakeGen1: (value, body) => ({
    properties: given({
      description: value.description,
      tags: body.texts(value.tags, ['tags']),
      credentials: credentials(value.credentials),
      datastoreType: 'AzureDataLakeGen1',
      storeName: value.store_name,
    }),
  }),

  // Workspaces
  workspace: (value, body) => workspace('default', value, body, {}),
  featureStore: (value, body) =>
    workspace('featurestore', value, body, {
      featureStoreSettings: {
        computeRuntime: {
          sparkRuntimeVersion: body.text(value.compute_runtime?.spark_runtime_version ?? '3.4.0', [
            'compute_runtime',
            'spark_runtime_version',
          ]),
        },
      },
    }),
  connection: (value) => ({ properties: connectionProperties(value) }),

  // Assets
  model: (value, body) => ({
    properties: given({
      ...body.asset(value),
      modelType: value.type ?? 'custom_model',
      modelUri: located(body.file, value.path),
      flavors: value.flavors,
      stage: value.stage,
    }),
  }),
  modelPackage: (value, body) =>
    given({
      baseEnvironmentSource: isMapValue(value.base_environment_source)
        ? given({
            baseEnvironmentSourceType: 'EnvironmentAsset',
            resourceId: value.base_environment_source.resource_id,
          })
        : undefined,
      inferencingServer: isMapValue(value.inferencing_server)
        ? given({
            serverType: serverTypes[String(value.inferencing_server.type)] ?? value.inferencing_server.type,
            codeConfiguration: codeConfiguration(value.inferencing_server.code_configuration, body),
          })
        : undefined,
      modelConfiguration: isMapValue(value.model_configuration) ? camelKeys(value.model_configuration) : undefined,
      targetEnvironmentId: value.target_environment,
      tags: value.tags,
    }),
  dataImport: (value, body) => dataImport(value, body),
  featureSet: (value, body) => ({
    name: value.name,
    properties: given({
      description: value.description,
      properties: body.texts(value.properties, ['properties']),
      tags: body.texts(value.tags, ['tags']),
      entities: value.entities,
      specification: isMapValue(value.specification) ? camelKeys(value.specification) : undefined,
      stage: value.stage ?? 'Development',
      materializationSettings: isMapValue(value.materialization_settings) ? materialization(value.materialization_settings) : undefined,
    }),
  }),
  featureStoreEntity: (value, body) => ({
    properties: given({
      description: value.description,
      properties: body.texts(value.properties, ['properties']),
      tags: body.texts(value.tags, ['tags']),
      indexColumns: Array.isArray(value.index_columns)
        ? value.index_columns.map((column: Map) => ({ columnName: column.name, dataType: capital(String(column.type)) }))
        : undefined,
      stage: value.stage ?? 'Development',
    }),
  }),
};

export function dataImport(value: Map, body: Body): Map {
  const { source } = value;
  return given({
    properties: body.texts(value.properties, ['properties']),
    tags: body.texts(value.tags, ['tags']),
    description: value.description,
    isAnonymous: false,
    isArchived: false,
    // The client imports folders, whatever the file says.
    dataType: 'uri_folder',
    dataUri: value.path,
    assetName: value.name,
    source: isMapValue(source)
      ? given({ connection: source.connection, sourceType: source.type, query: source.query, path: source.path })
      : undefined,
  });
}

function onlineEndpoint(value: Map, body: Body): Map {
  return given({
    location: 'local',
    tags: body.texts(value.tags, ['tags']) ?? {},
    identity: isMapValue(value.identity) ? computeIdentity(value.identity) : { type: 'SystemAssigned' },
    properties: given({
      description: value.description,
      authMode: onlineAuthModes[String(value.auth_mode ?? 'key').toLowerCase()] ?? value.auth_mode,
      properties: body.texts(value.properties, ['properties']),
      traffic: value.traffic ?? {},
      mirrorTraffic: value.mirror_traffic ?? {},
      compute: value.compute === undefined ? undefined : body.places.compute(String(value.compute)),
      publicNetworkAccess: value.public_network_access === undefined ? undefined : capital(String(value.public_network_access)),
    }),
  });
}

function onlineDeployment(value: Map, body: Body, endpointComputeType: string): Map {
  return {
    location: 'local',
    tags: body.texts(value.tags, ['tags']),
    properties: given({
      description: value.description,
      environmentId: environmentOf(value, body),
      environmentVariables: body.texts(value.environment_variables, ['environment_variables']),
      codeConfiguration: codeConfiguration(value.code_configuration, body),
      model: modelOf(value, body),
      properties: body.texts(value.properties, ['properties']),
      appInsightsEnabled: value.app_insights_enabled ?? false,
      endpointComputeType,
      instanceType: value.instance_type,
      egressPublicNetworkAccess: value.egress_public_network_access,
      scaleSettings: isMapValue(value.scale_settings) ? scale(value.scale_settings) : undefined,
      requestSettings: isMapValue(value.request_settings) ? request(value.request_settings) : undefined,
      livenessProbe: isMapValue(value.liveness_probe) ? probe(value.liveness_probe) : undefined,
      readinessProbe: isMapValue(value.readiness_probe) ? probe(value.readiness_probe) : undefined,
      dataCollector: isMapValue(value.data_collector) ? collector(value.data_collector) : undefined,
    }),
    sku: { name: 'Default', capacity: value.instance_count ?? 1 },
  };
}

/** A batch deployment of a model; its settings stand in `settings:`, in older files beside it. */
function modelDeployment(value: Map, body: Body): Map {
  const settings: Map = isMapValue(value.settings) ? value.settings : value;
  const { retry_settings: retries, resources } = { retry_settings: settings.retry_settings, resources: value.resources };
  const model = modelOf(value, body);
  return {
    location: 'local',
    // As they stand in the file.
    tags: value.tags ?? {},
    properties: given({
      description: value.description,
      environmentId: environmentOf(value, body),
      environmentVariables: body.texts(settings.environment_variables ?? value.environment_variables, ['environment_variables']),
      model: value.model === undefined ? undefined : given({ assetId: model, referenceType: 'Id' }),
      codeConfiguration: codeConfiguration(value.code_configuration, body),
      outputAction: outputActions[String(settings.output_action)] ?? settings.output_action,
      outputFileName: settings.output_file_name,
      errorThreshold: settings.error_threshold,
      // In the words of the file, as the client sends them.
      resources: given({ properties: {}, instance_count: resources?.instance_count, instance_type: resources?.instance_type }),
      retrySettings: isMapValue(retries)
        ? given({ maxRetries: retries.max_retries, timeout: retries.timeout === undefined ? undefined : duration(retries.timeout) })
        : undefined,
      loggingLevel: settings.logging_level,
      miniBatchSize: settings.mini_batch_size,
      maxConcurrencyPerInstance: settings.max_concurrency_per_instance,
      compute: value.compute === undefined ? undefined : body.places.compute(String(value.compute)),
      properties: body.texts(value.properties, ['properties']),
    }),
  };
}

const compute = (computeType: string, value: Map, properties: Map): Map =>
  given({
    location: value.location,
    identity: isMapValue(value.identity) ? computeIdentity(value.identity) : undefined,
    tags: value.tags,
    properties: given({
      computeType,
      description: value.description,
      disableLocalAuth: !(value.ssh_public_access_enabled ?? isMapValue(value.ssh_settings)),
      properties: given(properties),
    }),
  });

const computeIdentity = ({ type, user_assigned_identities: users }: Map): Map =>
  given({
    type: { system_assigned: 'SystemAssigned', user_assigned: 'UserAssigned' }[String(type).toLowerCase()] ?? type,
    userAssignedIdentities: Array.isArray(users) ? Object.fromEntries(users.map((each) => [each?.resource_id ?? each, {}])) : undefined,
  });

/** An entry of a compute's schedule. */
function startStop({ action, state, trigger = {} }: Map): Map {
  const { type, start_time: startTime, time_zone: timeZone = 'UTC', expression, ...rest } = trigger;
  const isCron = String(type).toLowerCase() === 'cron';
  const common = given({ startTime, timeZone, triggerType: isCron ? 'Cron' : 'Recurrence' });
  return given({
    status: capital(String(state ?? 'enabled')),
    action,
    triggerType: isCron ? 'Cron' : 'Recurrence',
    ...(isCron ? { cron: { ...common, expression } } : { recurrence: { ...common, ...camelKeys(rest) } }),
  });
}

const datastore = (datastoreType: string, value: Map, body: Body, own: Map): Map => ({
  properties: given({
    description: value.description,
    tags: body.texts(value.tags, ['tags']),
    credentials: credentials(value.credentials),
    datastoreType,
    accountName: value.account_name,
    endpoint: value.endpoint ?? 'core.windows.net',
    ...own,
  }),
});

function credentials(value: Map | undefined): Map {
  if (value?.account_key !== undefined)
    return { credentialsType: 'AccountKey', secrets: { secretsType: 'AccountKey', key: value.account_key } };
  if (value?.sas_token !== undefined) return { credentialsType: 'Sas', secrets: { secretsType: 'Sas', sasToken: value.sas_token } };
  if (value?.tenant_id === undefined) return { credentialsType: 'None' };
  const certificate = value.certificate !== undefined;
  return given({
    credentialsType: certificate ? 'Certificate' : 'ServicePrincipal',
    authorityUrl: value.authority_url ?? 'https://login.microsoftonline.com',
    clientId: value.client_id,
    tenantId: value.tenant_id,
    resourceUrl: value.resource_url,
    ...(certificate
      ? { thumbprint: value.thumbprint, secrets: { secretsType: 'Certificate', certificate: value.certificate } }
      : { secrets: { secretsType: 'ServicePrincipal', clientSecret: value.client_secret } }),
  });
}

const workspace = (kind: string, value: Map, body: Body, own: Map): Map =>
  given({
    kind,
    location: value.location,
    tags: body.texts(value.tags, ['tags']),
    properties: given({
      description: value.description,
      enableDataIsolation: false,
      friendlyName: value.display_name,
      hbiWorkspace: value.hbi_workspace ?? false,
      imageBuildCompute: value.image_build_compute,
      publicNetworkAccess: value.public_network_access,
      storageAccount: value.storage_account,
      keyVault: value.key_vault,
      applicationInsights: value.application_insights,
      containerRegistry: value.container_registry,
      ...own,
    }),
  });

function materialization(value: Map): Map {
  const { offline_enabled: offline, online_enabled: online, resource, spark_configuration: spark, schedule, notification } = value;
  const { type, ...trigger } = isMapValue(schedule) ? schedule : ({} as Map);
  return given({
    storeType: offline && online ? 'OnlineAndOffline' : online ? 'Online' : offline ? 'Offline' : 'None',
    resource: isMapValue(resource) ? camelKeys(resource) : undefined,
    sparkConfiguration: spark,
    // In the words of the file, as the client sends them.
    schedule: isMapValue(schedule)
      ? given({
          ...trigger,
          start_time: typeof trigger.start_time === 'string' ? trigger.start_time.replace('T', ' ') : trigger.start_time,
          time_zone: trigger.time_zone ?? 'UTC',
          trigger_type: capital(String(type)),
          frequency: trigger.frequency === undefined ? undefined : String(trigger.frequency).toLowerCase(),
        })
      : undefined,
    notification,
  });
}

const isLocalComponent = ({ component }: Map): boolean => typeof component === 'string' && isLocalPath(component);
const componentOf = ({ component }: Map, body: Body): Map | undefined =>
  loadSpec(beside(body.file, component), body.files, { mustBeOurs: true }).spec?.value;

/** A registered asset by its bare reference; one in place has an id only when it was created. */
const registered = (reference: unknown): string | undefined => (typeof reference === 'string' ? bareReference(reference) : undefined);
const codeConfiguration = (value: unknown, body: Body): Map | undefined =>
  isMapValue(value) ? given({ codeId: body.places.code(body.file, value), scoringScript: value.scoring_script }) : undefined;
/** Of a deployment: by reference; one in place has an id when it was created. */
const modelOf = ({ model }: Map, body: Body): string | undefined =>
  typeof model === 'string' ? body.places.data(body.file, model, 'custom_model') : undefined;
const environmentOf = ({ environment }: Map, body: Body): string | undefined =>
  environment === undefined || environment === null ? undefined : body.places.environment(body.file, environment);

const seconds = (value: unknown): string | undefined => (value === undefined ? undefined : duration(value as number | string));
const scale = ({
  type,
  polling_interval: interval,
  target_utilization_percentage: target,
  min_instances: least,
  max_instances: most,
}: Map): Map =>
  given({
    scaleType: String(type).toLowerCase() === 'default' ? 'Default' : 'TargetUtilization',
    pollingInterval: seconds(interval),
    targetUtilizationPercentage: target,
    minInstances: least,
    maxInstances: most,
  });
const request = ({ request_timeout_ms: timeout, max_concurrent_requests_per_instance: most, max_queue_wait_ms: wait }: Map): Map =>
  given({
    maxConcurrentRequestsPerInstance: most,
    requestTimeout: timeout === undefined ? undefined : seconds(timeout / 1000),
    maxQueueWait: wait === undefined ? undefined : seconds(wait / 1000),
  });
const probe = ({ failure_threshold: failures, success_threshold: successes, timeout, period, initial_delay: delay }: Map): Map =>
  given({
    failureThreshold: failures,
    successThreshold: successes,
    timeout: seconds(timeout),
    period: seconds(period),
    initialDelay: seconds(delay),
  });
/** The rate of all stands with each collection there. */
const collector = ({ collections, rolling_rate: rate, sampling_rate: sampling, request_logging: logging }: Map): Map =>
  given({
    collections: isMapValue(collections)
      ? Object.fromEntries(
          Object.entries(collections).map(([name, each]) => [
            name,
            given({
              dataCollectionMode: String(each?.enabled).toLowerCase() === 'true' ? 'enabled' : 'disabled',
              samplingRate: sampling,
              dataId: typeof each?.data === 'string' ? each.data : undefined,
              clientId: each?.client_id,
            }),
          ]),
        )
      : undefined,
    rollingRate: rate,
    requestLogging: isMapValue(logging) ? given({ captureHeaders: logging.capture_headers }) : undefined,
  });

export const without = (value: Map, key: string): Map => Object.fromEntries(Object.entries(value).filter(([each]) => each !== key));
const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
const onlineAuthModes: Record<string, string> = { key: 'Key', aml_token: 'AMLToken', aad_token: 'AADToken' };
const authModes: Record<string, string> = { aad_token: 'aadToken', key: 'key', aml_token: 'amlToken' };
const priorities: Record<string, string> = { low_priority: 'LowPriority', dedicated: 'Dedicated' };
const outputActions: Record<string, string> = { append_row: 'AppendRow', summary_only: 'SummaryOnly' };
const serverTypes: Record<string, string> = {
  azureml_online: 'AzureMLOnline',
  azureml_batch: 'AzureMLBatch',
  triton: 'Triton',
  custom: 'Custom',
};
