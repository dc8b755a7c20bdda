import { definition } from './jobShape.ts';
import { type ArmResource, creationContext, type Fields, filled, reference, seconds, snakeKeys, some, word } from './parts.ts';

/** A compute as `az ml compute show` prints it. */
export function computeShape({ id, name, location, tags, properties, identity }: ArmResource): Fields {
  const { computeType, description, provisioningState, disableLocalAuth, properties: own = {} } = properties;
  const type = String(computeType).toLowerCase();
  const { scaleSettings: scale } = own as Fields;
  const common = {
    id,
    name,
    type,
    location,
    description,
    tags: some(tags),
    provisioning_state: provisioningState,
    identity: identityOf(identity),
  };
  if (type === 'amlcompute')
    return filled({
      ...common,
      size: own.vmSize,
      tier: word(own.vmPriority),
      min_instances: scale?.minNodeCount,
      max_instances: scale?.maxNodeCount,
      idle_time_before_scale_down: seconds(scale?.nodeIdleTimeBeforeScaleDown),
      network_settings: own.enableNodePublicIp === undefined ? undefined : {},
      enable_node_public_ip: own.enableNodePublicIp ?? true,
      ssh_public_access_enabled: disableLocalAuth === false,
    });
  if (type === 'computeinstance')
    return filled({
      ...common,
      size: own.vmSize,
      enable_node_public_ip: own.enableNodePublicIp ?? true,
      enable_os_patching: own.enableOSPatching,
      enable_root_access: own.enableRootAccess,
      enable_sso: own.enableSSO,
      release_quota_on_stop: own.releaseQuotaOnStop,
      state: own.state,
    });
  return filled(common);
}

export const datastoreShape = ({ id, name, properties }: ArmResource): Fields => {
  const { datastoreType, credentials: _credentials, isDefault: _default, ...own } = properties;
  return filled({ tags: {}, ...snakeKeys(own), id, name, type: word(datastoreType), credentials: {} });
};

export const workspaceShape = ({ id, name, location, tags, properties }: ArmResource): Fields =>
  filled({
    id,
    name,
    location,
    tags: tags ?? {},
    resource_group: /\/resourceGroups\/([^/]+)/i.exec(id)?.[1],
    display_name: properties.friendlyName,
    description: properties.description,
    discovery_url: properties.discoveryUrl,
    mlflow_tracking_uri: properties.mlFlowTrackingUri,
  });

/** A registry as `az ml registry show` prints it. */
export const registryShape = ({ id, name, location, tags, properties }: ArmResource): Fields =>
  filled({
    id,
    name,
    location,
    tags: tags ?? {},
    resource_group: /\/resourceGroups\/([^/]+)/i.exec(id)?.[1],
    description: properties.description,
    discovery_url: properties.discoveryUrl,
    mlflow_registry_uri: properties.mlFlowRegistryUri,
    public_network_access: properties.publicNetworkAccess,
    replication_locations: ((properties.regionDetails ?? []) as Fields[]).map(({ location: region }) => ({ location: region })),
  });

export function scheduleShape({ name, properties, systemData }: ArmResource): Fields {
  const { trigger, action, displayName, description, isEnabled, tags, provisioningState, properties: facts } = properties;
  const { triggerType, frequency, schedule, ...times } = trigger;
  const job = action?.jobDefinition;
  return filled({
    name,
    display_name: displayName,
    description,
    tags: some(tags),
    is_enabled: isEnabled ?? true,
    provisioning_state: provisioningState,
    properties: facts,
    creation_context: creationContext(systemData),
    trigger: filled({
      type: word(triggerType),
      frequency: frequency?.toLowerCase(),
      schedule: schedule && snakeKeys(schedule),
      ...snakeKeys(times),
    }),
    create_job: job?.sourceJobId
      ? filled({ id: `azureml:${job.sourceJobId}`, type: word(job.jobType), experiment_name: job.experimentName })
      : job && definition(job, reference),
  });
}

export const endpointShape = ({ id, name, location, tags, properties, identity }: ArmResource): Fields => {
  const {
    authMode,
    scoringUri,
    swaggerUri,
    provisioningState,
    traffic,
    mirrorTraffic,
    description,
    defaults,
    properties: facts,
  } = properties;
  return filled({
    id,
    name,
    location,
    tags: tags ?? {},
    description,
    auth_mode: word(authMode)?.replace('a_a_d', 'aad').replace('a_m_l', 'aml'),
    identity: identityOf(identity),
    traffic,
    mirror_traffic: mirrorTraffic,
    defaults: some(defaults && snakeKeys(defaults)),
    scoring_uri: scoringUri,
    openapi_uri: swaggerUri,
    properties: facts,
    provisioning_state: provisioningState,
  });
};

/** An endpoint in the list of all. */
export function listedEndpointShape(resource: ArmResource): Fields {
  const { name, location, traffic = null, mirror_traffic = null, provisioning_state, tags } = endpointShape(resource);
  return { name, location, traffic, mirror_traffic, provisioning_state, kind: 'Managed', tags };
}

export function listedBatchEndpointShape(resource: ArmResource): Fields {
  const { id, name, defaults, location, provisioning_state, scoring_uri, auth_mode } = endpointShape(resource);
  return { id, name, deployment_name: defaults?.deployment_name ?? null, location, provisioning_state, scoring_uri, auth_mode };
}

/** An online deployment as `az ml online-deployment show` prints it. */
export function onlineDeploymentShape({ id, name, tags, properties, systemData, sku }: ArmResource): Fields {
  const { endpointComputeType, environmentId, codeConfiguration, model, scaleSettings: scale, ...own } = properties;
  const timed = (settings: Fields | undefined): Fields | undefined =>
    settings && mapTexts(snakeKeys(settings), (each) => seconds(each) ?? each);
  return filled({
    ...snakeKeys({ ...own, properties: undefined, environmentVariables: undefined }),
    ...common(id, name, tags, systemData),
    type: endpointComputeType?.toLowerCase(),
    model: reference(model),
    environment: reference(environmentId),
    environment_variables: own.environmentVariables,
    properties: own.properties,
    code_configuration: codeOf(codeConfiguration),
    instance_count: sku?.capacity,
    scale_settings: scale && filled({ ...without(timed(scale)!, 'scale_type'), type: word(scale.scaleType) }),
    request_settings: timed(own.requestSettings),
    liveness_probe: timed(own.livenessProbe),
    readiness_probe: timed(own.readinessProbe),
  });
}

export function batchDeploymentShape({ id, name, tags, properties, systemData }: ArmResource): Fields {
  const { environmentId, codeConfiguration, model, compute, outputAction, loggingLevel, retrySettings: retries, ...own } = properties;
  return filled({
    ...snakeKeys({ ...own, properties: undefined, environmentVariables: undefined }),
    ...common(id, name, tags, systemData),
    model: reference(model?.assetId ?? (typeof model === 'string' ? model : undefined)),
    environment: reference(environmentId),
    environment_variables: own.environmentVariables,
    properties: own.properties,
    code_configuration: codeOf(codeConfiguration),
    compute: reference(compute),
    output_action: word(outputAction),
    logging_level: loggingLevel?.toLowerCase(),
    retry_settings: retries && filled({ max_retries: retries.maxRetries, timeout: seconds(retries.timeout) }),
  });
}

const common = (id: string, name: string, tags: Fields | undefined, systemData: ArmResource['systemData']): Fields => ({
  id,
  name,
  tags: tags ?? {},
  endpoint_name: decodeURIComponent(/Endpoints\/([^/]+)\/deployments\//i.exec(id)?.[1] ?? ''),
  creation_context: creationContext(systemData),
});

const codeOf = (given: Fields | undefined): Fields | undefined =>
  given && filled({ code: given.codeId, scoring_script: given.scoringScript });
const identityOf = (identity: Fields | undefined): Fields | undefined => identity && { type: word(identity.type) };
const mapTexts = (map: Fields, make: (text: string) => unknown): Fields =>
  Object.fromEntries(Object.entries(map).map(([key, each]) => [key, typeof each === 'string' ? make(each) : each]));
const without = ({ ...fields }: Fields, key: string): Fields => {
  delete fields[key];
  return fields;
};
