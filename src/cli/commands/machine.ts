import type { Command } from '../command.ts';
import { flag, many, path, text, whole } from '../options.ts';
import { atServer } from '../serverOf.ts';

const store = () => import('../work/store.ts');
const plane = () => import('../work/plane.ts');

/** Where the rows and contents of a plane are that are not in a data folder. */
const ofDatabase = {
  config: path('The YAML file that the servers of the control plane are started with.', { value: 'FILE' }),
  database: text('The database of the control plane; better in UPDRAFT_DATABASE, where others do not see its password.', {
    value: 'postgres://…',
  }),
  blobs: text('The bucket that keeps its contents; also in UPDRAFT_BLOBS. Its key is in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.', {
    value: 'BUCKET',
  }),
};

/** What is of Updraft alone: checks, the control plane, runners, the store. */
export const machineCommands: Command[] = [
  {
    names: ['validate'],
    what: 'Checks YAML files and folders of them. Exits with 1 when one has errors.',
    words: 'PATH…',
    options: {
      format: text('How findings are written.', { short: 'f', choices: ['text', 'json', 'sarif', 'github'] }),
      online: flag('Looks up names on the control plane.'),
      notes: flag('Says what this machine does differently from Azure.'),
      config: path('The configuration, in place of the nearest .updraft.yml.', { value: 'FILE' }),
      'no-cache': flag('Checks everything anew.'),
    },
    // The schemas of all kinds are read for this command alone.
    run: async (parsed) => ({ exitCode: await (await import('../validate/validateFiles.ts')).validateFiles(parsed) }),
  },
  {
    names: ['arm'],
    what: 'Prints the JSON that Azure gets for a YAML file, before anything is uploaded.',
    options: { file: path('The YAML file.', { short: 'f', value: 'FILE' }) },
    run: async (parsed) => (await import('../work/arm.ts')).armOf(parsed),
  },
  {
    names: ['lsp'],
    what: 'Serves the language of Azure ML YAML to an editor.',
    options: { stdio: flag('Talks over standard input and output.') },
    run: async (parsed) => (await import('../work/lsp.ts')).serveLanguage(parsed),
  },
  {
    names: ['mcp'],
    what: 'Serves tools to an agent, by the Model Context Protocol over standard input and output.',
    options: { 'read-only': flag('Only tools that change nothing.'), ...atServer },
    run: async (parsed) => (await import('../work/mcp.ts')).serveAgent(parsed),
  },
  {
    names: ['agent calls'],
    what: 'Lists what agents changed through their tools, the newest first: who, for whom, what and when.',
    options: {
      agent: text('Only what this agent did.', { value: 'NAME' }),
      'max-results': whole('Most that are listed; 50 where nothing is said.', { short: 'r' }),
      ...atServer,
    },
    run: async (parsed) => (await import('../work/agentCalls.ts')).listAgentCalls(parsed),
  },
  {
    names: ['serve'],
    what: 'Runs the control plane in the foreground.',
    options: {
      port: whole('Port.'),
      token: text('Token that opens it; "none" for none.', { value: 'TOKEN' }),
      'token-file': path('File that has the token; also in UPDRAFT_TOKEN_FILE. All servers of a plane have the same.', { value: 'FILE' }),
      'secrets-key-file': path(
        'File with the keys that secrets of connections and datastores are encrypted with, one a line, the newest first; also in UPDRAFT_SECRETS_KEY_FILE. All servers of a plane have the same. Without it and --database: a key in the data folder.',
        { value: 'FILE' },
      ),
      'new-token': flag(
        "Takes the given token, or a new one, in the place of the control plane's: what the old one opened or signed is good no more.",
      ),
      'idle-minutes': whole('Minutes without work after which it ends.'),
      'max-parallel': whole('Most jobs at a time.'),
      'no-runner': flag('Runs no jobs itself.'),
      team: flag('A team shares it: members come with tokens and roles of their own. It runs no jobs itself, and does not end.'),
      'run-jobs': flag('With --team: runs jobs itself, too. What they run can read all that the control plane keeps.'),
      'audit-days': whole('With --team: days that lines of the audit log are kept; 0 for good, 365 where nothing is said.'),
      'log-format': text('How the log is written to standard error: text or json; also in UPDRAFT_LOG_FORMAT.', { value: 'FORMAT' }),
      'otlp-endpoint': text(
        "Where spans of its own work go, by OTLP over HTTP: http://HOST:4318; also in OTEL_EXPORTER_OTLP_ENDPOINT. OpenTelemetry's variables for the name, attributes and sampler count. Without it none are made.",
        { value: 'URL' },
      ),
      device: text('What language models are computed on: auto, cpu, cuda, vulkan or metal; also in UPDRAFT_DEVICE.', { value: 'DEVICE' }),
      config: path('A YAML file with what the options below say, by the same names.', { value: 'FILE' }),
      issuer: text('With --team: address of the identity provider with which people sign in.', { value: 'URL' }),
      'client-id': text('Under which id the identity provider knows the control plane.', { value: 'ID' }),
      'client-secret-file': path('File with the secret for it; the secret itself may be in UPDRAFT_CLIENT_SECRET.', { value: 'FILE' }),
      scopes: many('What else to ask the identity provider for; "openid profile email" when absent.', { value: 'SCOPE' }),
      'groups-claim': text('How the identity provider calls the groups of a person; "groups" when absent.', { value: 'NAME' }),
      'allowed-domains': many('Who has a mail in this domain may join, without a role.', { value: 'DOMAIN' }),
      'allowed-groups': many('Who is in this group may join, without a role.', { value: 'GROUP' }),
      'provider-name': text('What people call the identity provider.', { value: 'NAME' }),
      'allow-hooks-to': many(
        'Host, address or network such as 10.1.0.0/16 to which webhooks and notices may go besides the public internet, and by http.',
        { value: 'HOST' },
      ),
      'smtp-host': text('Server that takes mail for notices. The connection is encrypted, but on this machine.', { value: 'HOST' }),
      'smtp-port': whole('Its port; 587 where nothing is said.'),
      'smtp-user': text('Who sends the mail, to the server.', { value: 'NAME' }),
      'smtp-password-file': path('File with the password for it.', { value: 'FILE' }),
      'smtp-from': text('Address that the mail comes from.', { value: 'MAIL' }),
      'public-url': text('Where a proxy publishes it; also in UPDRAFT_PUBLIC_URL.', { value: 'URL' }),
      'listen-all': flag(
        'With --public-url: listens on all addresses of the machine, in plain HTTP, for a proxy or balancer on another one. Else 127.0.0.1 alone.',
      ),
      'server-url': text(
        'Where the other servers of the plane reach this one; also in UPDRAFT_SERVER_URL. Found out where nothing is said.',
        { value: 'http://HOST:PORT' },
      ),
      database: text(
        'Database of PostgreSQL that keeps jobs and metrics; better in UPDRAFT_DATABASE, where others do not see its password.',
        {
          value: 'postgres://…',
        },
      ),
      blobs: text(
        'Bucket of S3 that keeps contents: s3://NAME, or https://HOST/NAME; also in UPDRAFT_BLOBS. Its key is in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.',
        {
          value: 'BUCKET',
        },
      ),
    },
    run: async (parsed) => (await import('../work/serve.ts')).runPlane(parsed),
  },
  {
    names: ['status'],
    what: 'Says whether the control plane runs, and where. Exits with 1 when it does not.',
    options: {},
    run: async (parsed) => (await plane()).status(parsed),
  },
  {
    names: ['stop'],
    what: 'Ends the control plane. Running jobs go on and are found again.',
    options: {},
    run: async (parsed) => (await plane()).stop(parsed),
  },
  {
    names: ['env'],
    what: "Prints the variables that point MLflow, OpenAI's clients, and with --azure Azure's, at this control plane, which is started when it is not up.",
    options: {
      azure: flag("Those of Azure's clients too."),
      workspace: text('A further name of the workspace.', { value: 'NAME' }),
      shell: text('For which shell.', { choices: ['sh', 'fish', 'powershell'] }),
      ...atServer,
    },
    run: async (parsed) => (await plane()).variables(parsed),
  },
  {
    names: ['chat'],
    what: 'Talks to a language model of this machine. Without a prompt it asks for one after the other.',
    words: 'MODEL [PROMPT]',
    options: {
      system: text('What the model is told before all else.', { value: 'TEXT' }),
      temperature: text('How much chance there is in the answer: 0 for none.', { value: 'NUMBER' }),
      'top-p': text('Part of the likely words that is chosen from.', { value: 'NUMBER' }),
      seed: whole('Makes the same answer again.'),
      'max-tokens': whole('Tokens after which the answer ends.'),
      schema: path('A JSON Schema that the answer is held to.', { value: 'FILE' }),
      ...atServer,
    },
    run: async (parsed) => (await import('../work/chat.ts')).chat(parsed),
  },
  {
    names: ['runner'],
    what: 'Runs the jobs of a control plane that is elsewhere, until it is interrupted.',
    options: {
      server: text('Address of the control plane.', { value: 'URL' }),
      compute: many('Whose jobs it runs; may be given several times.', { value: 'NAME' }),
      workspace: many(
        'In which workspace; may be given several times. Absent: the one that the token is for, or the only one that it sees.',
        {
          value: 'NAME',
        },
      ),
      ssh: text('Runs the commands on this machine.', { value: 'HOST' }),
      token: text("The control plane's token; also in MLFLOW_TRACKING_TOKEN.", { value: 'TOKEN' }),
      'max-parallel': whole('Most jobs at a time.'),
    },
    run: async (parsed) => (await import('../work/runner.ts')).run(parsed),
  },
  {
    names: ['store check'],
    what: 'Reads the whole store and says what is wrong with it. The control plane may run. Exits with 1 when something is.',
    options: { contents: flag('Reads every file too.'), ...ofDatabase },
    run: async (parsed) => (await store()).check(parsed),
  },
  {
    names: ['store compact'],
    what: 'Packs metrics anew and gives free space back to the disk. The control plane must not run.',
    options: {},
    run: async (parsed) => (await store()).compact(parsed),
  },
  {
    names: ['store backup'],
    what: 'Copies the store to a new folder. The control plane may run.',
    words: 'FOLDER',
    options: { folder: path('The new folder.', { value: 'DIR' }), ...ofDatabase },
    run: async (parsed) => (await store()).backup(parsed),
  },
  {
    names: ['store restore'],
    what: 'Puts a backup into the data folder, or with --config or --database into an empty database, after checking it. The control plane must not run.',
    words: 'FOLDER',
    options: { folder: path('The backup.', { value: 'DIR' }), replace: flag('Moves what is there beside it.'), ...ofDatabase },
    run: async (parsed) => (await store()).restore(parsed),
  },
  {
    names: ['example'],
    what: 'Submits a pipeline, follows it, and sums up what came out.',
    options: { file: path('The YAML file.', { short: 'f', value: 'FILE' }) },
    run: async (parsed) => (await import('../work/example.ts')).runExample(parsed),
  },
];
