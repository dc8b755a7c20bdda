import { camelKeys, given } from './armParts.ts';
import { isMapValue } from './signature.ts';

type Map = Record<string, unknown>;

/** Azure's names of the kinds of connections (`azure/ai/ml/_utils/_camel_case…` and `entities/_workspace/connections` of azure-ai-ml 1.35.2). */
const categories: Record<string, string> = {
  azure_sql_db: 'AzureSqlDb',
  s3: 'S3',
  snowflake: 'Snowflake',
  git: 'Git',
  python_feed: 'PythonFeed',
  container_registry: 'ContainerRegistry',
  azure_synapse_analytics: 'AzureSynapseAnalytics',
  azure_my_sql_db: 'AzureMySqlDb',
  azure_postgres_db: 'AzurePostgresDb',
  azure_data_lake_gen2: 'AzureDataLakeGen2',
  custom: 'CustomKeys',
  api_key: 'ApiKey',
  azure_open_ai: 'AzureOpenAi',
  open_ai: 'OpenAi',
  serp: 'Serp',
  serverless: 'Serverless',
  azure_ai_search: 'CognitiveSearch',
  azure_ai_services: 'AIServices',
  azure_content_safety: 'CognitiveService',
  azure_speech_services: 'CognitiveService',
  azure_blob: 'AzureBlob',
  azure_one_lake: 'AzureOneLake',
};

const authTypes: Record<string, string> = {
  username_password: 'UsernamePassword',
  access_key: 'AccessKey',
  api_key: 'ApiKey',
  pat: 'PAT',
  sas: 'SAS',
  account_key: 'AccountKey',
  managed_identity: 'ManagedIdentity',
  service_principal: 'ServicePrincipal',
  aad: 'AAD',
};

/** Which services one signs in to with an Entra identity where there is no key. */
const signedInTo = new Set([
  'azure_open_ai',
  'azure_ai_search',
  'azure_ai_services',
  'azure_content_safety',
  'azure_speech_services',
  'azure_blob',
  'azure_one_lake',
]);

/** Keys of the YAML that go to the metadata, under Azure's names. */
const metadataKeys: Record<string, string> = {
  api_version: 'ApiVersion',
  container_name: 'ContainerName',
  account_name: 'AccountName',
  open_ai_resource_id: 'ResourceId',
  ai_services_resource_id: 'ResourceId',
};

/** What some kinds always have there. */
const fixedMetadata: Record<string, Map> = {
  azure_open_ai: { ApiType: 'Azure' },
  azure_content_safety: { Kind: 'Content Safety' },
  azure_speech_services: { Kind: 'Speech' },
};

/** A connection as Azure gets it. Address and key have a name of their own in most kinds, and one place in the body. */
export function connectionProperties(value: Map): Map {
  const type = String(value.type).toLowerCase();
  const { type: proof, ...secrets } = isMapValue(value.credentials) ? value.credentials : {};
  const key = value.api_key;
  const named = Object.entries(metadataKeys).flatMap(([from, to]) =>
    value[from] === undefined || value[from] === null ? [] : [[to, value[from]]],
  );
  return given({
    authType: key !== undefined ? 'ApiKey' : (authTypes[String(proof).toLowerCase()] ?? (signedInTo.has(type) ? 'AAD' : 'None')),
    category: categories[type] ?? value.type,
    isSharedToAll: value.is_shared ?? true,
    metadata: { ...(isMapValue(value.metadata) ? value.metadata : {}), ...Object.fromEntries(named), ...fixedMetadata[type] },
    target: value.target ?? value.api_base ?? value.azure_endpoint ?? value.endpoint ?? value.url,
    credentials: key !== undefined ? { key } : credentialsOf(proof, secrets),
  });
}

/** Azure's client sends an account's key in the place of a signature. */
function credentialsOf(proof: unknown, secrets: Map): Map | undefined {
  if (Object.keys(secrets).length === 0) return undefined;
  return proof === 'account_key' ? { sas: secrets.account_key } : camelKeys(secrets);
}
