import {
  anything,
  define,
  either,
  empty,
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

/** Parts of several kinds. Each field carries its documentation; keys, types and words are declared nowhere else. */
export const literalTypes = { string: 'Text.', number: 'A number.', integer: 'A whole number.', boolean: '`true` or `false`.' };
export const dataTypes = {
  uri_file: 'One file.',
  uri_folder: 'A folder.',
  mltable: 'A folder with an `MLTable` file that describes a table.',
};
export const modelTypes = {
  custom_model: 'Files in a format of your own.',
  mlflow_model: 'An MLflow model with its `MLmodel` file.',
  triton_model: 'A model repository of Triton.',
};

/** A page of Azure's YAML reference. */
export const reference = (page: string): string => `https://learn.microsoft.com/azure/machine-learning/reference-yaml-${page}`;
/** A page of Azure's how-to articles. */
export const article = (page: string): string => `https://learn.microsoft.com/azure/machine-learning/${page}`;

export const $schema = text('Address of the JSON Schema that tells editors what kind of file this is.');
export const version = (description = 'Version under which it is registered; the next number when absent.'): Field =>
  either(description, text('A version.'), number('A version that is a number; it is read as text.'), flag('It is read as text.'));
export const description = text('What it is for, for people who find it later.');
/** A value of which Azure makes text, whatever it is. */
const plain = (what: string): Field =>
  either(what, text(what, { madeText: true }), number('A number; it is read as text.'), flag('Yes or no; it is read as text.'), empty);
export const labels = (what = 'Labels to find it by; they can be changed later.'): Field => mapOf(what, plain('A label.'));
/** Labels that Azure takes as text only. */
export const textLabels = (what = 'Labels to find it by; they can be changed later.'): Field =>
  mapOf(what, either('A label.', text('A label.'), empty), { examples: [{ team: 'vision' }] });
export const facts = (what = 'Facts that stay as they are once it is created.'): Field =>
  mapOf(what, either('A fact.', text('A fact.'), empty));
const service = (what: string): Field => anything(what, { readOnly: true });
/** What the service adds to every exported resource. */
export const exported = {
  id: service('Id that the service gave it.'),
  creation_context: service('Who created it, and when.'),
};

export const code = (description = 'Folder that is uploaded and in which the command runs, relative to this file.'): Field =>
  text(description, { pathKind: 'folder', mustExist: true, isSnapshot: true, examples: ['./src'] });
export const compute = (description = 'Compute on which it runs: `azureml:NAME`, or `local`.'): Field =>
  text(description, { assetKind: 'computes', examples: ['azureml:cpu-cluster'], localNote: 'Every compute name means this machine here.' });

export const buildContext = fields(
  'Image that is built from a Dockerfile.',
  {},
  {
    path: text('Folder with the Dockerfile and what it copies, or a web address of one.', { pathKind: 'folder', mustExist: true }),
    dockerfile_path: text('Dockerfile inside `path`.', { default: 'Dockerfile' }),
  },
  {
    localNote:
      'No images are built here. A Dockerfile that only adds packages to an image with Python, by pip or conda, becomes a virtual environment.',
  },
);
const route = (what: string) =>
  fields(what, { port: integer('Port inside of the container.'), path: text('Path of the route, such as `/score`.') });
export const inferenceConfig = fields('Routes of a container that serves by itself.', {
  liveness_route: route('Answers while the server is alive.'),
  readiness_route: route('Answers once the server takes requests.'),
  scoring_route: route('Takes the requests.'),
});
export const autoDelete = fields(
  'When the service may delete the asset.',
  {},
  {
    condition: oneOf('What the time counts from.', {
      created_greater_than: 'Since it was created.',
      last_accessed_greater_than: 'Since it was last read.',
    }),
    value: text('A time such as `30d`.'),
  },
);
export const condaFile = either(
  'Packages of the environment: a conda file, or its content in place.',
  text('A conda file.', { pathKind: 'file', mustExist: true, examples: ['./conda.yml'] }),
  mapOf('Content of a conda file.', anything('A part of the conda file.')),
);
export const environmentFields = {
  $schema,
  version: version(),
  description,
  tags: labels(),
  properties: mapOf('Facts that stay as they are.', anything('A fact.')),
  image: text('Container image to start from.', {
    examples: ['mcr.microsoft.com/azureml/openmpi4.1.0-ubuntu22.04'],
    localNote: 'No container is started here: packages come from `conda_file` or from a curated name.',
  }),
  conda_file: condaFile,
  build: buildContext,
  inference_config: inferenceConfig,
  os_type: oneOf('Operating system of the image.', { linux: 'Linux.', windows: 'Windows.' }, { default: 'linux' }),
  datastore: text('Datastore that takes the build context.', { assetKind: 'datastores' }),
  auto_delete_setting: autoDelete,
  latest_version: service('Latest version that the service knows.'),
  intellectual_property: service('Publisher and protection, set by a registry.'),
  ...exported,
};
export const inlineEnvironment = define('inlineEnvironment', () =>
  fields(
    'An environment in place, without a name of its own.',
    {},
    { name: text('Name; the service makes one up when absent.'), ...environmentFields },
  ),
);
export const environment: Field = either(
  'What the command needs to run: a registered or curated environment (`azureml:NAME:VERSION`, `azureml:NAME@latest`), an environment file, or an environment in place.',
  text('A registered environment, or `file:PATH` of an environment file.', {
    assetKind: 'environments',
    pathKind: 'file',
    mustExist: true,
    pattern: '^azureml:/.+|^azureml:(?!.*\\$\\{\\{)[^/]+$|^file:.+',
    patternHint: 'Start it with "azureml:", with "file:" where it is a file, or give the image in place: "environment: {image: …}".',
    examples: ['azureml://registries/azureml/environments/sklearn-1.5/labels/latest', 'azureml:my-environment:3'],
  }),
  inlineEnvironment,
);

export const environmentVariables = mapOf('Variables of the process.', plain('Its value; anything but text is written as text.'), {
  examples: [{ LOG_LEVEL: 'info' }],
});

const processes = integer('Processes on each instance; one per GPU is usual.', { default: 1, minimum: 0 });
export const distribution = define('distribution', () =>
  variants('How the command is spread over processes and instances.', 'type', [
    fields(
      'PyTorch: rank, world size and address stand in the environment variables.',
      { type: exactly('pytorch', 'PyTorch.') },
      { process_count_per_instance: processes },
    ),
    fields('MPI: started by `mpirun`.', { type: exactly('mpi', 'MPI.') }, { process_count_per_instance: processes }),
    fields(
      'TensorFlow: the cluster stands in `TF_CONFIG`.',
      { type: exactly('tensorflow', 'TensorFlow.') },
      {
        parameter_server_count: integer('Instances that are parameter servers.', { default: 0, minimum: 0 }),
        worker_count: integer('Instances that are workers; all instances when absent.', { minimum: 0 }),
      },
    ),
    fields(
      'Ray: the first instance is the head node.',
      { type: exactly('ray', 'Ray.') },
      {
        port: integer('Port of the head node.', { default: 6379 }),
        address: text('Address of a Ray cluster that is there already.'),
        include_dashboard: flag('Starts the dashboard on the head node.'),
        dashboard_port: integer('Port of the dashboard.', { default: 8265 }),
        head_node_additional_args: text('More arguments of `ray start` on the head node.'),
        worker_node_additional_args: text('More arguments of `ray start` on the other nodes.'),
      },
    ),
  ]),
);

const dockerArgs = either('More arguments of `docker run`.', text('All in one text.'), list('One by one.', text('An argument.')));
const resourceFields = {
  instance_count: integer('Machines that the job takes.', { default: 1, minimum: 0 }),
  max_instance_count: integer('Most machines of an elastic job.', { minimum: 0 }),
  instance_type: text('Size of a machine of a Kubernetes or serverless compute.', { examples: ['Standard_NC6s_v3'] }),
  shm_size: text('Shared memory of the container, as `NUMBER` and one of `b`, `k`, `m`, `g`.', { default: '2g', examples: ['8g'] }),
  docker_args: dockerArgs,
  locations: list('Regions in which the job may run.', text('A region.')),
  properties: mapOf('Settings of the compute, by its own names.', anything('A setting.')),
};
const here = { localNote: 'The command gets what this machine has; instances and sizes are not looked at.' };
export const resources = define('resources', () => fields('Machines that the job asks for.', {}, resourceFields, here));
/** Azure keeps unknown keys of a component's resources and does nothing with them. */
export const componentResources = define('componentResources', () =>
  fields('Machines that a job of this component asks for.', {}, resourceFields, { additionalProperties: true, ...here }),
);

export const queueSettings = define('queueSettings', () =>
  fields(
    'How the job waits for its turn.',
    {},
    {
      job_tier: either(
        'What the compute may cost and promise.',
        oneOf('A tier.', {
          spot: 'Cheap; may be taken away at any time.',
          basic: 'Low priority.',
          standard: 'As much as is usual.',
          premium: 'First in line.',
          null: 'As the compute has it.',
        }),
        empty,
      ),
      priority: oneOf('Place in the queue.', { low: 'After the others.', medium: 'As it came.', high: 'Before the others.' }),
    },
    {
      localNote:
        'Here they order the jobs of one person: by tier, then by priority, then as they came. A spot job gives way to one of another tier that waits for its place, and begins anew later.',
    },
  ),
);

export const identity: Field = define('identity', () =>
  variants(
    'As whom the job reads data.',
    'type',
    [
      fields(
        'A managed identity.',
        {
          type: oneOf('A managed identity.', {
            managed: 'The managed identity of the compute.',
            managed_identity: 'The managed identity of the compute.',
          }),
        },
        {
          client_id: text('Client id, where the compute has more than one.'),
          object_id: text('Object id, where the compute has more than one.'),
          msi_resource_id: text('Resource id, where the compute has more than one.'),
        },
      ),
      fields('The token of Azure ML itself.', { type: exactly('aml_token', "Azure ML's token.") }),
      fields('The person who submits.', { type: exactly('user_identity', 'The person who submits.') }),
    ],
    { localNote: 'The command runs as you here.' },
  ),
);

const serviceFields = {
  port: integer('Port of the service in the container.'),
  nodes: oneOf('`all` for every node; the first alone when absent.', ['all'], { anyCase: false }),
  properties: mapOf('Settings of the service.', anything('A setting.')),
  endpoint: service('Address of the running service.'),
  status: service('State of the running service.'),
  error_message: service('Why the service did not start.'),
};
const localServices = { localNote: 'Interactive services are not started here; the process is on this machine already.' };
export const services = mapOf(
  'Ways into the running job, by name.',
  define('jobService', () =>
    variants('A way into the running job.', 'type', [
      fields(
        'SSH.',
        { type: exactly('ssh', 'A shell by SSH.') },
        { ...serviceFields, ssh_public_keys: text('Public keys that may log in, one a line.') },
      ),
      fields(
        'TensorBoard.',
        { type: exactly('tensor_board', 'TensorBoard.') },
        { ...serviceFields, log_dir: text('Folder with the logs, as the job sees it.') },
      ),
      fields('VS Code.', { type: exactly('vs_code', 'VS Code in the job.') }, serviceFields),
      fields('JupyterLab.', { type: exactly('jupyter_lab', 'JupyterLab in the job.') }, serviceFields),
      fields('A service of your own on a port.', {}, { ...serviceFields, type: text('Kind of the service, such as `custom`.') }),
    ]),
  ),
  localServices,
);

export const commandText = (
  description = 'What the shell runs. `${{inputs.NAME}}` and `${{outputs.NAME}}` are filled in; `$[[ … ]]` goes away with an optional input.',
): Field => text(description, { isCommand: true, examples: ['python train.py --data ${{inputs.data}} --model ${{outputs.model}}'] });
export const additionalIncludes = list(
  'Files and folders outside of `code` that go with it.',
  text('A path relative to this file.', { pathKind: 'fileOrFolder' }),
);

export const commandLimits = fields(
  'When the job is ended.',
  {},
  { timeout: integer('Seconds after which the job is ended.', { minimum: 0, examples: [3600] }) },
);

const dataPath = (assetKind: 'data' | 'models'): Field =>
  text('Where it is: a path relative to this file, `azureml:NAME:VERSION`, `azureml://datastores/STORE/paths/PATH`, or a web address.', {
    pathKind: 'fileOrFolder',
    assetKind,
    examples: ['./data', `azureml:my-${assetKind === 'data' ? 'data' : 'model'}:1`],
  });
const uploadStore = text('Datastore to which a local path is uploaded.', { assetKind: 'datastores' });
const onCompute = text('Path at which the compute shows it.');
const inputModes = {
  ro_mount: 'Mounted, read only.',
  download: 'Copied to the compute before the command starts.',
  direct: 'The address itself is handed on.',
};
const evalModes = {
  eval_mount: 'The table is evaluated, its files are mounted.',
  eval_download: 'The table is evaluated, its files are copied.',
};
const mode = (modes: Record<string, string>) =>
  oneOf('How the command gets it.', modes, {
    default: 'ro_mount',
    localNote: 'A local path is handed over as it is; nothing is mounted here.',
  });
export const dataInput = define('dataInput', () =>
  fields(
    'A file or a folder.',
    {},
    {
      type: oneOf('What the input is.', { uri_file: dataTypes.uri_file, uri_folder: dataTypes.uri_folder }, { default: 'uri_folder' }),
      path: dataPath('data'),
      mode: mode(inputModes),
      datastore: uploadStore,
      path_on_compute: onCompute,
    },
  ),
);
export const modelInput = define('modelInput', () =>
  fields(
    'A model.',
    {},
    { type: oneOf('What the input is.', modelTypes), path: dataPath('models'), mode: mode(inputModes), datastore: uploadStore },
  ),
);
export const tableInput = define('tableInput', () =>
  fields(
    'A table.',
    {},
    {
      type: exactly('mltable', dataTypes.mltable),
      path: dataPath('data'),
      mode: mode({ ...inputModes, ...evalModes }),
      datastore: uploadStore,
      path_on_compute: onCompute,
    },
  ),
);
const literalInput = fields('A value.', { value: either('The value.', text('Text.'), number('A number.'), flag('Yes or no.')) });
/** A plain value of an input. */
export const literal = either('A value.', text('Text.'), number('A number.'), flag('Yes or no.'));
export const jobInput = define('jobInput', () => ({
  ...variants('A value, or data with its type and path.', 'type', [literal, dataInput, tableInput, modelInput, literalInput], {
    defaultVariant: 'uri_folder',
  }),
}));
export const jobInputs = mapOf('Values and data that the command reads as `${{inputs.NAME}}`.', jobInput, {
  propertyNames: { pattern: '^[A-Za-z_][A-Za-z0-9_.-]*$', description: 'letters, digits and "_", not starting with a digit' },
  examples: [{ epochs: 3, data: { type: 'uri_folder', path: './data' } }],
});

export const jobOutput = define('jobOutput', () =>
  fields(
    'A file or folder that the job writes.',
    {},
    {
      $schema,
      type: oneOf('What the output is.', { ...dataTypes, ...modelTypes }, { default: 'uri_folder' }),
      path: text('Where it is kept: `azureml://datastores/STORE/paths/PATH`. A place of its own for each job when absent.', {
        assetKind: 'datastores',
        localNote: 'Datastore paths are kept in the data folder of the embedded control plane.',
      }),
      mode: oneOf(
        'How it gets there.',
        {
          rw_mount: 'Written through a mounted folder.',
          mount: 'Written through a mounted folder.',
          upload: 'Copied there when the command has ended.',
          direct: 'The address itself is handed on; the command writes there.',
        },
        { default: 'rw_mount', localNote: 'The command writes to a folder of this machine.' },
      ),
      name: text('Registers the output as an asset of this name when the job completes.', {
        assetKind: 'data',
        pattern: '^[A-Za-z0-9_-]{0,255}$|\\$\\{\\{',
        patternHint: 'Use letters, digits, "-" and "_", at most 255.',
      }),
      version: version('Version of the registered asset; the next number when absent.'),
      ...exported,
      description,
      tags: labels(),
    },
  ),
);
export const jobOutputs = mapOf(
  'Files and folders that the command writes to `${{outputs.NAME}}`.',
  either('An output; empty for a folder.', jobOutput, empty),
  {
    propertyNames: { pattern: '^[A-Za-z_][A-Za-z0-9_.-]*$', description: 'letters, digits and "_", not starting with a digit' },
    examples: [{ model: { type: 'uri_folder' } }],
  },
);

/** Who gets mail when a job ends. */
export const notificationSettings: Field = define('notificationSettings', () =>
  fields(
    'Who gets mail when the job ends, and of which ends.',
    {
      email_on: list(
        'Of which ends.',
        oneOf('An end of the job.', {
          JobCompleted: 'It completed.',
          JobFailed: 'It failed.',
          JobCancelled: 'It was canceled.',
        }),
      ),
      emails: list(
        'Addresses of mail.',
        text('An address of mail.', { pattern: '^[^\\s@<>,;:"]+@[^\\s@<>,;:"]+$|\\$\\{\\{', patternHint: 'Write it as ann@example.org.' }),
      ),
    },
    {},
    {
      examples: [{ email_on: ['JobFailed'], emails: ['ann@example.org'] }],
      localNote:
        "The control plane sends the mail where it has a mail server (`updraft serve --smtp-host`); else its log says that it has none. Azure's REST API has this as `notificationSetting`; its command line does not read it from a job's file.",
    },
  ),
);

/** Facts of every job. */
export const jobFields = {
  $schema,
  name: text('Name of the job, unique in the workspace; made up when absent.', {
    pattern: '^[A-Za-z0-9_-][A-Za-z0-9_.-]{0,254}$|\\$\\{\\{',
    patternHint: 'Use letters, digits, "-", "_" and ".", at most 255.',
    serviceRule: true,
  }),
  display_name: text('What people read in lists; need not be unique.'),
  experiment_name: text("Experiment under which the job is listed; the folder's name when absent.", {
    assetKind: 'experiments',
    pattern: '^[A-Za-z0-9][A-Za-z0-9_-]{0,255}$',
    patternHint: 'Use letters, digits, "-" and "_", at most 256, with a letter or digit first.',
    serviceRule: true,
  }),
  description,
  tags: textLabels('Labels to find the job by; they can be changed later.'),
  properties: facts(),
  compute: compute(),
  identity,
  services,
  notification_settings: notificationSettings,
  ...exported,
  status: service('State that the service reports.'),
  log_files: service('Log files of the job.'),
} satisfies Record<string, Field>;

const portDescription = text('What is expected or given here.');
const portModes = {
  ro_mount: 'Mounted, read only.',
  mount: 'Mounted.',
  rw_mount: 'Mounted for writing.',
  download: 'Copied first.',
  upload: 'Copied afterwards.',
  direct: 'The address itself.',
  eval_mount: evalModes.eval_mount,
  eval_download: evalModes.eval_download,
  link: 'Linked.',
};
const portMode = oneOf('How it is handed over.', portModes, { anyCase: false });
const ownership = {
  intellectual_property: fields(
    'Who owns it, in a registry.',
    {},
    {
      publisher: text('Publisher.'),
      protection_level: oneOf('What is protected.', { all: 'Everything.', none: 'Nothing.' }),
    },
  ),
};
export const componentInput = define('componentInput', () =>
  variants('An input of the component.', 'type', [
    fields(
      'A value.',
      { type: oneOf('What the input is.', literalTypes, { anyCase: false }) },
      {
        description: portDescription,
        optional: flag('It may be left out; its use in the command stands inside `$[[ ]]`.', { default: false }),
        default: literal,
        min: number('Smallest value.'),
        max: number('Largest value.'),
        enum: list('The only values that are allowed.', literal),
        ...ownership,
      },
    ),
    fields(
      'A file, a folder, a table or a model.',
      {
        type: oneOf(
          'What the input is.',
          { ...dataTypes, ...modelTypes, path: 'A file or folder, as older files say it.' },
          { anyCase: false },
        ),
      },
      {
        description: portDescription,
        optional: flag('It may be left out; its use in the command stands inside `$[[ ]]`.', { default: false }),
        default: text('Data that is taken when the step gives none.'),
        mode: portMode,
        ...ownership,
        path: text('Data that is taken when the step gives none.', { pathKind: 'fileOrFolder', assetKind: 'data' }),
        datastore: uploadStore,
      },
    ),
  ]),
);
export const componentOutput = define('componentOutput', () =>
  variants('An output of the component.', 'type', [
    fields(
      'A file, a folder, a table or a model.',
      {
        type: oneOf(
          'What the output is.',
          { ...dataTypes, ...modelTypes, path: 'A file or folder, as older files say it.' },
          { anyCase: false },
        ),
      },
      {
        description: portDescription,
        mode: portMode,
        ...ownership,
        early_available: flag('Steps that read it may start before this one ends.'),
        path: text('Where it is kept.', { assetKind: 'datastores' }),
      },
    ),
    fields(
      'A value that control-flow nodes read.',
      { type: oneOf('What the output is.', literalTypes, { anyCase: false }) },
      {
        description: portDescription,
        mode: portMode,
        is_control: flag('A control-flow node decides by it.'),
        early_available: flag('Steps that read it may start before this one ends.'),
        ...ownership,
      },
      { additionalProperties: true },
    ),
  ]),
);

export const componentName = text('Name under which the component is registered.', {
  pattern: '^[a-z][a-z\\d_]*$',
  patternHint: 'Use lower-case letters, digits and "_", starting with a letter.',
  examples: ['train_model'],
  commandLineOption: '--name',
});
const ports = (description: string, port: Field) =>
  mapOf(description, port, {
    propertyNames: { pattern: '^[A-Za-z_][A-Za-z0-9_.]*$', description: 'letters, digits and "_", not starting with a digit' },
  });
/** Facts of every component. Azure keeps unknown top-level keys of a component and does nothing with them. */
export const componentFields = {
  $schema,
  version: version(),
  display_name: text('What people read in lists and graphs.'),
  description,
  tags: mapOf('Labels to find it by; they can be changed later.', text('A label.')),
  properties: mapOf('Facts that stay as they are.', anything('A fact.')),
  inputs: ports('What a step has to give the component.', componentInput),
  outputs: ports('What the component writes.', componentOutput),
  is_deterministic: flag('Same inputs, same outputs: the result of an earlier run may be reused.', { default: true }),
  auto_delete_setting: autoDelete,
  ...ownership,
  latest_version: service('Latest version that the service knows.'),
  ...exported,
} satisfies Record<string, Field>;
export const open: Facts & { additionalProperties: true } = { additionalProperties: true };

/** Where a component stands: by name, in a registry, by file. In place it is one of `inPlace`. */
export const componentReference = (description: string, ...inPlace: Field[]): Field =>
  either(
    description,
    text('A component file (`./component.yml`), `azureml:NAME:VERSION`, or a component of a registry.', {
      pathKind: 'component',
      mustExist: true,
      assetKind: 'components',
      pattern: '\\S',
      patternHint: 'Name the file of a component, or "azureml:NAME:VERSION".',
      examples: ['./train.yml', 'azureml:train:1'],
    }),
    ...inPlace,
  );

export const reserved = service;
