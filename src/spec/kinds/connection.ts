import { anything, define, either, empty, exactly, type Field, fields, flag, mapOf, oneOf, text, variants } from '../field.ts';
import { $schema, article, description, exported, labels } from './shared.ts';

const docLink = article('reference-yaml-connection-blob');
const secret = (what: string): Field => ({
  ...either(what, text('The secret. Keep it out of the file: give it by `--set`, or from a key vault.', { secret: true }), empty),
  commandLineOption: '--set',
});
const client = text('Client id of the application or identity.');
const tenant = text('Tenant of the application.');
const credential = (name: string, what: string, required: Record<string, Field>, optional: Record<string, Field> = {}) =>
  fields(what, { type: exactly(name, what), ...required }, optional);

const byToken = credential('pat', 'A personal access token.', { pat: secret('The token.') });
const bySas = credential('sas', 'A shared access signature.', { sas_token: secret('The signature.') });
const byPassword = credential('username_password', 'A user and a password.', {
  username: text('The user.'),
  password: secret('The password.'),
});
const byIdentity = credential(
  'managed_identity',
  'A managed identity.',
  {},
  {
    client_id: client,
    resource_id: text('Resource id of the identity.'),
  },
);
const byApplication = credential('service_principal', 'An application with a secret.', {
  client_id: client,
  client_secret: secret('Secret of the application.'),
  tenant_id: tenant,
});
const byAccessKey = credential('access_key', 'An access key with its secret.', {
  access_key_id: text('Id of the key.'),
  secret_access_key: secret('The secret.'),
});
const byApiKey = credential('api_key', 'An API key.', { key: secret('The key.') });
const byAccountKey = credential('account_key', 'Key of a storage account.', { account_key: secret('The key.') });
const bySignIn = credential('aad', 'Whoever uses it signs in with Microsoft Entra.', {});
const byNothing = credential('none', 'Nothing.', {});

/** How a connection proves who it is. */
export const credentials = define('connectionCredentials', () =>
  variants('How it proves who it is.', 'type', [
    byToken,
    bySas,
    byPassword,
    byIdentity,
    byApplication,
    byAccessKey,
    byApiKey,
    byAccountKey,
    bySignIn,
    byNothing,
  ]),
);
const only = (...some: Field[]) => variants('How it proves who it is.', 'type', some);

export const connectionFields: Record<string, Field> = {
  $schema,
  name: text('Name under which jobs and flows use it.'),
  description,
  tags: labels(),
  ...exported,
  target: text('Address, or what the kind of connection takes for one.'),
  is_shared: flag('Every project of the hub may use it.', { default: true }),
  metadata: mapOf('Facts for whoever uses it.', anything('A fact.')),
};
const endpoint = text('Address of the service.', { examples: ['https://my-service.cognitiveservices.azure.com/'] });
const apiKey = secret('Key of the service; sign-in with Microsoft Entra when absent.');
const requiredKey = text('Key of the service. Keep it out of the file: give it by `--set`.', { secret: true });

const kind = (
  name: string,
  what: string,
  required: Record<string, Field>,
  optional: Record<string, Field>,
  proof: Field = credentials,
): Field => fields(what, { type: exactly(name, what), ...required }, { ...connectionFields, credentials: proof, ...optional }, { docLink });

const artifact = either(
  'The lakehouse.',
  fields('A lakehouse.', { type: exactly('lake_house', 'A lakehouse.'), name: text('Name or id of the lakehouse.') }),
  empty,
);

export const connection = define('connection', () =>
  variants('What jobs and flows need to reach a service outside of the workspace.', 'type', [
    kind(
      'azure_open_ai',
      'Azure OpenAI.',
      {},
      {
        api_key: apiKey,
        azure_endpoint: text('Address of the resource.', { examples: ['https://my-openai.openai.azure.com/'] }),
        api_version: either('Version of its API.', text('A version.', { examples: ['2024-10-21'] }), empty),
        open_ai_resource_id: either('ARM id of the resource.', text('An id.'), empty),
      },
    ),
    kind(
      'azure_ai_services',
      'Azure AI services.',
      {},
      { api_key: apiKey, endpoint, ai_services_resource_id: text('ARM id of the resource.') },
    ),
    kind('azure_ai_search', 'Azure AI Search.', {}, { api_key: apiKey, endpoint }),
    kind('azure_content_safety', 'Azure AI Content Safety.', {}, { api_key: apiKey, endpoint }),
    kind('azure_speech_services', 'Azure AI Speech.', {}, { api_key: apiKey, endpoint }),
    kind('open_ai', 'OpenAI.', { api_key: requiredKey }, {}),
    kind('serp', 'SerpApi.', { api_key: requiredKey }, {}),
    kind('serverless', 'A serverless endpoint.', { api_key: requiredKey }, { endpoint }),
    kind('api_key', 'Any service with an API key.', { api_key: requiredKey, api_base: text('Address of the service.') }, {}),
    kind(
      'azure_blob',
      'Azure Blob Storage.',
      { account_name: text('Storage account.'), container_name: text('Container.') },
      { url: text('Address of the container.') },
      only(bySas, byAccountKey, bySignIn),
    ),
    kind(
      'azure_one_lake',
      'OneLake of Microsoft Fabric.',
      {},
      { artifact, endpoint: text('Address of OneLake.'), one_lake_workspace_name: text('Workspace of Fabric.') },
      only(byApplication, bySignIn),
    ),
    fields(
      'Any other service.',
      {
        type: oneOf('Kind of the service.', {
          git: 'A git repository.',
          container_registry: 'A container registry.',
          python_feed: 'A feed of Python packages.',
          s3: 'Amazon S3.',
          snowflake: 'Snowflake.',
          azure_sql_db: 'Azure SQL.',
          azure_synapse_analytics: 'Azure Synapse.',
          azure_my_sql_db: 'Azure Database for MySQL.',
          azure_postgres_db: 'Azure Database for PostgreSQL.',
          azure_data_lake_gen2: 'Azure Data Lake Storage Gen2.',
          custom: 'Names and secrets of your own.',
        }),
      },
      { ...connectionFields, credentials },
      { docLink },
    ),
  ]),
);
