import {
  anything,
  as,
  define,
  either,
  empty,
  exactly,
  type Field,
  fields,
  flag,
  integer,
  list,
  mapOf,
  oneOf,
  text,
  variants,
} from '../field.ts';
import { $schema, article, description, exported, labels, reference, reserved } from './shared.ts';
import { cronTrigger, recurrenceTrigger } from './trigger.ts';

const textTags = mapOf('Labels to find it by.', text('A label.'));
/** An identity of a resource, not of a job. */
export const resourceIdentity: Field = define('resourceIdentity', () =>
  fields(
    'As whom the resource acts.',
    {},
    {
      $schema,
      type: oneOf('Kind of identity.', {
        system_assigned: 'Made with the resource and gone with it.',
        user_assigned: 'One that is there already.',
        'system_assigned,user_assigned': 'Both.',
        'system_assigned, user_assigned': 'Both.',
        none: 'None.',
      }),
      user_assigned_identities: list('Identities that are there already.', userAssigned),
      principal_id: reserved('Principal.'),
      tenant_id: reserved('Tenant.'),
    },
  ),
);
const userAssigned = fields(
  'A user-assigned identity.',
  {},
  {
    $schema,
    resource_id: text('ARM id of the identity.'),
    principal_id: reserved('Principal.'),
    client_id: reserved('Client.'),
    tenant_id: reserved('Tenant.'),
  },
);

// Computes
const computeFields: Record<string, Field> = {
  $schema,
  location: text('Region; the one of the workspace when absent.'),
  description,
  tags: textTags,
  id: exported.id,
  provisioning_errors: reserved('What went wrong.'),
  created_on: reserved('When it was created.'),
  provisioning_state: reserved('State.'),
};
const computeName = (pattern: string, patternHint: string) =>
  text('Name of the compute, unique in the workspace.', { pattern, patternHint });
const clusterName = computeName('^[a-zA-Z][a-zA-Z0-9-]*[a-zA-Z0-9]$', 'Use letters, digits and "-", starting with a letter.');
const size = text('Size of a machine.', { examples: ['Standard_DS3_v2', 'Standard_NC6s_v3'] });
const network = fields(
  'Network of the machines.',
  {},
  {
    $schema,
    vnet_name: text('Virtual network.'),
    subnet: text('Subnet, by name or id.'),
    public_ip_address: reserved('Address.'),
    private_ip_address: reserved('Address.'),
  },
);
const secretText = (what: string) => text(what, { secret: true });
const sshPassword = secretText('Password of the user. A key is safer.');

const amlCompute = () =>
  fields(
    'A cluster that grows with its queue.',
    { name: clusterName, type: exactly('amlcompute', 'A cluster.') },
    {
      ...computeFields,
      size,
      tier: oneOf(
        'What it may cost and promise.',
        { dedicated: 'Stays until it is done.', low_priority: 'Cheap; may be taken away.' },
        { default: 'dedicated' },
      ),
      min_instances: integer('Machines that stay up.', { minimum: 0, default: 0 }),
      max_instances: integer('Machines at most.', { minimum: 0, default: 4 }),
      idle_time_before_scale_down: integer('Seconds without work before a machine is given back.', { minimum: 0, default: 120 }),
      ssh_public_access_enabled: flag('SSH from outside.'),
      ssh_settings: fields(
        'Who may log in.',
        {},
        { admin_username: text('User.'), admin_password: sshPassword, ssh_key_value: text('Public key.') },
      ),
      network_settings: network,
      identity: resourceIdentity,
      enable_node_public_ip: flag('Machines have public addresses.', { default: true }),
      resource_id: text('ARM id.'),
    },
    { docLink: reference('compute-aml') },
  );
const script = fields(
  'A script.',
  {},
  {
    path: text('Script on the file share.'),
    command: text('Command that runs it.'),
    timeout_minutes: either('Minutes it may take.', text('Minutes as text.'), integer('Minutes.')),
  },
);
const computeInstance = () =>
  fields(
    'A machine for one person.',
    {
      name: computeName('^[a-zA-Z][a-zA-Z0-9-]{1,22}[a-zA-Z0-9]$', 'Use 3 to 24 letters, digits and "-", starting with a letter.'),
      type: exactly('computeinstance', 'A machine for one person.'),
    },
    {
      ...computeFields,
      resource_id: text('ARM id.'),
      size,
      network_settings: network,
      create_on_behalf_of: fields(
        'For whom it is.',
        {},
        { $schema, user_tenant_id: text('Tenant of the person.'), user_object_id: text('Id of the person.') },
      ),
      ssh_settings: fields(
        'Who may log in.',
        {},
        { $schema, admin_username: reserved('User.'), ssh_port: reserved('Port.'), ssh_key_value: text('Public key.') },
      ),
      ssh_public_access_enabled: flag('SSH from outside.'),
      schedules: fields(
        'When it starts and stops.',
        {},
        {
          compute_start_stop: list(
            'Starts and stops.',
            fields(
              'A start or a stop.',
              { action: oneOf('What happens.', { start: 'It starts.', stop: 'It stops.' }) },
              {
                trigger: variants('When.', 'type', [cronTrigger, recurrenceTrigger]),
                state: oneOf('Whether it holds.', { enabled: 'It holds.', disabled: 'It does not.' }),
                schedule_id: reserved('Id.'),
                provisioning_state: reserved('State.'),
              },
            ),
          ),
        },
      ),
      identity: resourceIdentity,
      idle_time_before_shutdown: text('Time without use before it is shut down, ISO 8601.', { examples: ['PT30M'] }),
      idle_time_before_shutdown_minutes: integer('Minutes without use before it is shut down.', { minimum: 15 }),
      custom_applications: list(
        'Applications in containers.',
        fields(
          'An application.',
          { name: text('Name.') },
          {
            type: exactly('docker', 'A container.'),
            image: fields('Image.', {}, { reference: text('Image.') }),
            endpoints: list(
              'Ports.',
              fields('A port.', {}, { target: integer('Port in the container.'), published: integer('Port outside.') }),
            ),
            environment_variables: mapOf('Variables.', anything('A value.')),
            bind_mounts: list(
              'Folders.',
              fields('A folder.', {}, { source: text('Folder of the machine.'), target: text('Folder in the container.') }),
            ),
          },
        ),
      ),
      setup_scripts: fields(
        'Scripts that set it up.',
        {},
        { creation_script: as(script, 'Runs once.'), startup_script: as(script, 'Runs at each start.') },
      ),
      enable_node_public_ip: flag('It has a public address.'),
      enable_sso: flag('Single sign-on.'),
      enable_root_access: flag('`sudo` for its user.'),
      release_quota_on_stop: flag('Gives its quota back when it stops.'),
      enable_os_patching: flag('Patches the system.'),
      state: reserved('State.'),
      last_operation: reserved('Last operation.'),
      services: reserved('Services.'),
      os_image_metadata: reserved('Image.'),
    },
    { docLink: reference('compute-instance') },
  );
const attachedId = text('ARM id of what is attached.');
const kubernetes = () =>
  fields(
    'A Kubernetes cluster.',
    { name: clusterName, type: exactly('kubernetes', 'A Kubernetes cluster.'), namespace: text('Namespace.') },
    {
      ...computeFields,
      resource_id: attachedId,
      properties: anything('Settings of the cluster.'),
      identity: resourceIdentity,
    },
    { docLink: reference('compute-kubernetes') },
  );
const virtualMachine = () =>
  fields(
    'A virtual machine.',
    { name: clusterName, type: exactly('virtualmachine', 'A virtual machine.'), resource_id: attachedId },
    {
      ...computeFields,
      compute_location: reserved('Region.'),
      ssh_settings: fields(
        'How it is reached.',
        {},
        {
          admin_username: text('User.'),
          admin_password: sshPassword,
          ssh_port: integer('Port.', { default: 22 }),
          ssh_private_key_file: text('File with the private key.', { pathKind: 'file' }),
        },
      ),
    },
    { docLink: reference('compute-vm') },
  );
const synapse = () =>
  fields(
    'A Spark pool of Synapse.',
    { name: clusterName, type: exactly('synapsespark', 'A Spark pool.'), resource_id: attachedId },
    {
      ...computeFields,
      identity: resourceIdentity,
      node_family: reserved('Family.'),
      node_size: reserved('Size.'),
      node_count: reserved('Machines.'),
      spark_version: reserved('Spark.'),
      scale_settings: anything('How it grows; read only.'),
      auto_pause_settings: anything('When it rests; read only.'),
    },
  );
const computeSchema = (build: () => Field, name: string) => define(name, build);
export const computes = {
  amlCompute: computeSchema(amlCompute, 'amlCompute'),
  computeInstance: computeSchema(computeInstance, 'computeInstance'),
  kubernetesCompute: computeSchema(kubernetes, 'kubernetesCompute'),
  vmCompute: computeSchema(virtualMachine, 'vmCompute'),
  synapseSparkCompute: computeSchema(synapse, 'synapseSparkCompute'),
};

// Datastores
const authority = { authority_url: text('Address of the sign-in.'), resource_url: text('Resource the token is for.') };
const byKey = fields('The key of the account.', { account_key: secretText('Key of the account.') });
const bySas = fields('A shared access signature.', { sas_token: secretText('The signature.') });
const byApplication = fields(
  'An application with a secret.',
  { tenant_id: text('Tenant.'), client_id: text('Client.'), client_secret: secretText('Secret.') },
  authority,
);
const byCertificate = fields(
  'An application with a certificate.',
  { tenant_id: text('Tenant.'), client_id: text('Client.'), thumbprint: text('Thumbprint.') },
  { certificate: secretText('Certificate.'), ...authority },
);
const byNothing = fields('Whoever reads it signs in.', {});
const storeFields: Record<string, Field> = { $schema, description, tags: textTags, id: exported.id };
const storeName = text('Name of the datastore.', {
  pattern: '^[a-zA-Z0-9_]+$',
  patternHint: 'Use letters, digits and "_".',
  serviceRule: true,
});
const account = { account_name: text('Storage account.') };
const accountFields = {
  ...storeFields,
  endpoint: text('Domain of the storage.', { default: 'core.windows.net' }),
  protocol: text('`https` or `wasbs`, `abfss`.', { default: 'https' }),
};
const proof = (...some: Field[]) => either('How it is reached; whoever reads it signs in when absent.', ...some);
const artifact = fields('The lakehouse.', { type: exactly('lake_house', 'A lakehouse.'), name: text('Name or id of the lakehouse.') });
export const datastores = {
  azureBlob: define('azureBlob', () =>
    fields(
      'A container of Azure Blob Storage.',
      { name: storeName, type: exactly('azure_blob', 'Blob storage.'), ...account, container_name: text('Container.') },
      { ...accountFields, credentials: proof(byKey, bySas, byNothing) },
      { docLink: reference('datastore-blob') },
    ),
  ),
  azureFile: define('azureFile', () =>
    fields(
      'A share of Azure Files.',
      { name: storeName, type: exactly('azure_file', 'A file share.'), ...account, file_share_name: text('Share.') },
      { ...accountFields, credentials: proof(byKey, bySas, byNothing) },
      { docLink: reference('datastore-files') },
    ),
  ),
  azureDataLakeGen1: define('azureDataLakeGen1', () =>
    fields(
      'Azure Data Lake Storage Gen1.',
      { name: storeName, type: exactly('azure_data_lake_gen1', 'Gen1.'), store_name: text('Store.') },
      { ...storeFields, credentials: proof(byApplication, byCertificate, byNothing) },
      {
        docLink: reference('datastore-data-lake-gen1'),
        deprecated: true,
        deprecationMessage: 'Azure Data Lake Storage Gen1 was retired in February 2024; use Gen2.',
      },
    ),
  ),
  azureDataLakeGen2: define('azureDataLakeGen2', () =>
    fields(
      'A file system of Azure Data Lake Storage Gen2.',
      { name: storeName, type: exactly('azure_data_lake_gen2', 'Gen2.'), ...account, filesystem: text('File system.') },
      { ...accountFields, credentials: proof(byApplication, byCertificate, byNothing) },
      { docLink: reference('datastore-data-lake-gen2') },
    ),
  ),
  oneLake: define('oneLake', () =>
    fields(
      'A lakehouse of Microsoft Fabric.',
      {
        name: storeName,
        type: exactly('one_lake', 'OneLake.'),
        one_lake_workspace_name: text('Workspace of Fabric, by id.'),
        endpoint: text('Address of OneLake.'),
        artifact,
      },
      { ...storeFields, credentials: proof(byApplication, byNothing) },
    ),
  ),
  hdfs: define('hdfs', () =>
    fields(
      'A Hadoop file system on premises.',
      {
        name: storeName,
        type: exactly('hdfs', 'HDFS.'),
        name_node_address: text('Address of the name node.'),
        credentials: either(
          'Kerberos.',
          fields('A password.', {
            kerberos_realm: text('Realm.'),
            kerberos_kdc_address: text('Address of the KDC.'),
            kerberos_principal: text('Principal.'),
            kerberos_password: secretText('Password.'),
          }),
          fields('A keytab.', {
            kerberos_realm: text('Realm.'),
            kerberos_kdc_address: text('Address of the KDC.'),
            kerberos_principal: text('Principal.'),
            kerberos_keytab: secretText('Keytab.'),
          }),
        ),
      },
      { ...storeFields, hdfs_server_certificate: text('Certificate.'), protocol: text('`http` or `https`.') },
    ),
  ),
};

// Workspaces
const category = reserved('Why the rule is there.');
const ruleFields = { category, status: reserved('State.'), parent_rule_names: reserved('Rules it belongs to.') };
const managedNetwork = fields(
  'Network that Azure keeps.',
  {},
  {
    isolation_mode: oneOf('How much may go out.', {
      disabled: 'Everything.',
      allow_internet_outbound: 'The internet and what rules allow.',
      allow_only_approved_outbound: 'Only what rules allow.',
    }),
    outbound_rules: either(
      'What may go out.',
      list(
        'Rules.',
        variants('A rule.', 'type', [
          fields(
            'To a domain.',
            { name: text('Name.'), destination: text('Domain.') },
            { type: exactly('fqdn', 'A domain.'), ...ruleFields },
          ),
          fields(
            'To a private endpoint.',
            {
              name: text('Name.'),
              destination: fields('Where to.', {
                service_resource_id: text('ARM id.'),
                subresource_target: text('Part of the resource.'),
                spark_enabled: flag('Spark may use it.'),
              }),
            },
            { type: exactly('private_endpoint', 'A private endpoint.'), fqdns: list('Domains.', text('A domain.')), ...ruleFields },
          ),
          fields(
            'To a service of Azure.',
            {
              name: text('Name.'),
              destination: fields(
                'Where to.',
                { service_tag: text('Tag.'), protocol: text('Protocol.'), port_ranges: text('Ports.') },
                { address_prefixes: list('Addresses.', text('A prefix.')) },
              ),
            },
            { type: exactly('service_tag', 'A service.'), ...ruleFields },
          ),
        ]),
      ),
      empty,
    ),
    firewall_sku: oneOf('Size of the firewall.', { standard: 'Standard.', basic: 'Basic.' }),
    network_id: reserved('Id.'),
    status: reserved('State.'),
  },
);
/** An ARM id: `/subscriptions/…/providers/…`. */
const armId = (what: string) =>
  text(what, {
    pattern: '^(azureml:)?/subscriptions/[^/<>]+/resource[gG]roups/[^/<>]+/providers/[^/<>]+(/[^/<>]+){2,}$',
    patternHint: 'It is an ARM id: /subscriptions/ID/resourceGroups/GROUP/providers/KIND/TYPE/NAME.',
    examples: [
      '/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/my-group/providers/Microsoft.Storage/storageAccounts/mystore',
    ],
  });
const workspaceName = text('Name of the workspace.', {
  pattern: '^[a-zA-Z0-9][a-zA-Z0-9_-]{2,32}$',
  patternHint: 'Use 3 to 33 letters, digits, "-" and "_".',
  serviceRule: true,
});
const workspaceFields: Record<string, Field> = {
  $schema,
  location: text('Region.', { examples: ['westeurope'] }),
  resource_group: text('Resource group.'),
  description,
  display_name: text('What people read.'),
  tags: textTags,
  discovery_url: text('Address at which its services are listed.'),
  hbi_workspace: flag('Data is sensitive; Azure collects less about the workspace.', { default: false }),
  storage_account: armId('Storage account; made when absent.'),
  container_registry: armId('Container registry; made when needed.'),
  key_vault: armId('Key vault; made when absent.'),
  application_insights: armId('Application Insights; made when absent.'),
  customer_managed_key: fields(
    'Key of your own that encrypts it.',
    {},
    {
      key_vault: text('ARM id of the key vault.'),
      key_uri: text('Address of the key.', {
        pattern: '^https?://[^\\s<>]+\\.[^\\s<>]+$',
        patternHint: 'It is a web address: https://VAULT.vault.azure.net/keys/KEY/VERSION.',
      }),
      cosmosdb_id: text('ARM id of a Cosmos DB.'),
      storage_id: text('ARM id of a storage account.'),
      search_id: text('ARM id of a search service.'),
    },
  ),
  image_build_compute: text('Compute that builds images.', { assetKind: 'computes' }),
  public_network_access: oneOf('Whether it is reached from outside.', ['Disabled', 'Enabled']),
  network_acls: fields(
    'Who may reach it.',
    { default_action: text('`Allow` or `Deny`.') },
    {
      $schema,
      ip_rules: either(
        'Addresses.',
        list('Addresses.', fields('An address.', { value: text('A range in CIDR form.') }, { $schema })),
        empty,
      ),
    },
  ),
  system_datastores_auth_mode: text('`accesskey`, `identity` or `userdelegationsas`.'),
  identity: resourceIdentity,
  primary_user_assigned_identity: text('ARM id of its identity.'),
  workspace_hub: armId('Hub it belongs to.'),
  managed_network: managedNetwork,
  provision_network_now: flag('Makes the network at once.'),
  enable_data_isolation: flag('Projects of a hub do not see the data of each other.'),
  allow_roleassignment_on_rg: flag('Roles are given on the resource group.'),
  serverless_compute: fields(
    'Network of serverless compute.',
    {},
    {
      $schema,
      custom_subnet: either('Subnet.', text('ARM id of a subnet.'), empty),
      no_public_ip: flag('No public address.', { default: false }),
    },
  ),
  id: exported.id,
  mlflow_tracking_uri: reserved('Address for MLflow.'),
};
const workspaceDoc = { docLink: article('reference-yaml-workspace') };
export const workspace = define('workspace', () =>
  fields('Holds jobs, assets and endpoints of a team.', { name: workspaceName }, workspaceFields, workspaceDoc),
);
export const hub = define('hub', () =>
  fields(
    'Holds what its projects share.',
    { name: workspaceName, kind: exactly('hub', 'A hub.') },
    {
      ...workspaceFields,
      default_resource_group: text('Resource group of new projects.'),
      associated_workspaces: reserved('Its projects.'),
    },
    workspaceDoc,
  ),
);
export const project = define('project', () =>
  fields(
    'A workspace inside of a hub.',
    { name: workspaceName, kind: exactly('project', 'A project.'), hub_id: text('ARM id of the hub.') },
    workspaceFields,
    workspaceDoc,
  ),
);
const store = fields('A store of features.', {
  type: text('Kind: `azure_data_lake_gen2` or `redis`.'),
  target: text('ARM id of the store.'),
});
export const featureStore = define('featureStore', () =>
  fields(
    'A workspace for features.',
    { name: workspaceName },
    {
      ...Object.fromEntries(
        Object.entries(workspaceFields).filter(
          ([key]) =>
            ![
              'discovery_url',
              'network_acls',
              'system_datastores_auth_mode',
              'workspace_hub',
              'provision_network_now',
              'enable_data_isolation',
              'allow_roleassignment_on_rg',
              'serverless_compute',
              'mlflow_tracking_uri',
            ].includes(key),
        ),
      ),
      compute_runtime: fields('Spark that computes features.', {}, { spark_runtime_version: text('Version of Spark.') }),
      offline_store: as(store, 'Keeps features for training.'),
      online_store: as(store, 'Keeps features for serving.'),
      materialization_identity: as(userAssigned, 'As whom features are computed.'),
    },
    { docLink: article('reference-yaml-feature-store') },
  ),
);

const registryStorage = either(
  'Storage of the region.',
  fields(
    'A storage account that the registry makes.',
    {},
    {
      storage_account_hns: flag('Hierarchical namespace.', { default: false }),
      storage_account_type: oneOf('Redundancy.', [
        'standard_lrs',
        'standard_grs',
        'standard_ragrs',
        'standard_zrs',
        'standard_gzrs',
        'standard_ragzrs',
        'premium_lrs',
        'premium_zrs',
      ]),
      replication_count: integer('Accounts side by side.', { minimum: 1, default: 1 }),
      arm_resource_id: reserved('Id.'),
      replicated_ids: reserved('Ids.'),
    },
  ),
  list('Accounts that are there already.', text('ARM id of an account.')),
);
export const registry = define('registry', () =>
  fields(
    'Shares models, environments and components between workspaces.',
    { location: text('Region that comes first.') },
    {
      $schema,
      name: text('Name of the registry.'),
      description,
      tags: labels(),
      ...exported,
      public_network_access: oneOf('Whether it is reached from outside.', ['Disabled', 'Enabled']),
      replication_locations: list('Its regions.', fields('A region.', {}, { location: text('Region.'), storage_config: registryStorage })),
      intellectual_property: fields('Who owns what is in it.', {}, { publisher: text('Publisher.') }),
      container_registry: either(
        'Registry of images.',
        text('ARM id of a registry.'),
        fields('A registry that is made.', {}, { acr_account_sku: exactly('premium', 'Premium.'), arm_resource_id: reserved('Id.') }),
      ),
      identity: reserved('Identity.'),
      kind: reserved('Kind.'),
      sku: reserved('Price.'),
      managed_resource_group: reserved('Group.'),
      mlflow_registry_uri: reserved('Address.'),
      discovery_url: reserved('Address.'),
      properties: anything('Facts.'),
    },
    { docLink: article('reference-yaml-registry') },
  ),
);
export const capabilityHost = define('capabilityHost', () =>
  fields(
    'Lets agents of a project use connections.',
    {},
    {
      $schema,
      name: text('Name.'),
      description,
      capability_host_kind: text('`agents`.'),
      vector_store_connections: list('Vector stores.', text('A connection.')),
      ai_services_connections: list('AI services.', text('A connection.')),
      storage_connections: list('Storage.', text('A connection.')),
      thread_storage_connections: list('Storage of threads.', text('A connection.')),
    },
  ),
);
