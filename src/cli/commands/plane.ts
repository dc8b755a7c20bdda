import { formatBytes } from '../../base/text.ts';
import { UserError } from '../../base/userError.ts';
import { PlaneClient } from '../../client/planeClient.ts';
import { azureVariables, proxyExceptions } from '../../plane/azureVariables.ts';
import { findPlane } from '../../plane/ensurePlane.ts';
import { foreignMlflow } from '../../plane/mlflowVariables.ts';
import { defaultWorkspace } from '../../protocol/arm.ts';
import { AzureAccess } from '../../protocol/azureClients.ts';
import { check } from '../../protocol/check.ts';
import { type AzureConfig, azureConfig } from '../azureConfig.ts';
import type { Command } from '../command.ts';
import { connect, dataFolder } from '../connect.ts';
import { text } from '../options.ts';
import { factLines, print, timeOf } from '../print.ts';

export const statusCommand: Command = {
  name: 'status',
  summary: 'Says whether the control plane runs, and where. Exits with 1 when it does not.',
  usage: '[--data DIR]',
  options: {},
  async run(parsed) {
    const lock = await findPlane(dataFolder(parsed));
    if (!lock) {
      print(
        parsed,
        { running: false, dataFolder: dataFolder(parsed) },
        () => 'The control plane does not run. "updraft job submit" or VS Code starts it, or "updraft serve".',
      );
      return 1;
    }
    const status = await new PlaneClient(lock).status();
    const studio = `${lock.url}/studio/?token=${lock.token}`;
    print(parsed, { running: true, url: lock.url, studio, ...status }, () =>
      factLines([
        ['address', lock.url],
        ['studio', studio],
        ['jobs', `${status.runningJobs} running, ${status.queuedJobs} queued`],
        ['clients', String(status.clients)],
        ['data folder', status.dataFolder],
        ['process', `${status.pid}, ${formatBytes(status.residentBytes)}, since ${timeOf(status.startedAt)}`],
        ['version', status.version],
      ]),
    );
    return 0;
  },
};

export const stopCommand: Command = {
  name: 'stop',
  summary: 'Ends the control plane. Running jobs go on and are found again.',
  usage: '[--data DIR]',
  options: {},
  async run(parsed) {
    const lock = await findPlane(dataFolder(parsed));
    if (lock) await new PlaneClient(lock).stop();
    print(parsed, { stopped: Boolean(lock) }, () => (lock ? 'The control plane ends.' : 'The control plane does not run.'));
  },
};

export const envCommand: Command = {
  name: 'env',
  summary:
    "Prints the variables that point MLflow, and with --azure Azure's clients, at this control plane, which is started when it is not up.",
  usage: '[--azure [--workspace NAME]] [--shell sh|fish|powershell]',
  options: { azure: { type: 'boolean' }, workspace: { type: 'string' }, shell: { type: 'string' } },
  async run(parsed) {
    const { client, lock } = await connect(parsed);
    const azure: Record<string, string> = parsed.values.azure
      ? azureVariables(check(AzureAccess, await client.http.json('GET', '/updraft/azure'), 'The answer'), process.env)
      : {};
    const config = parsed.values.azure ? azureConfig(process.cwd()) : undefined;
    // A script that names its cloud's workspace is to run unchanged.
    const named = text(parsed, 'workspace');
    for (const name of parsed.values.azure ? [named, config?.workspace] : []) if (name !== undefined) await client.nameWorkspace(name);
    // Null for those that are to be unset.
    const variables: Record<string, string | null> = {
      ...Object.fromEntries(foreignMlflow(process.env, lock.url).map((name) => [name, null])),
      MLFLOW_TRACKING_URI: lock.url,
      MLFLOW_TRACKING_TOKEN: lock.token,
      UPDRAFT_URL: lock.url,
      ...proxyExceptions(process.env),
      ...azure,
    };
    const shell = text(parsed, 'shell') ?? 'sh';
    if (!['sh', 'fish', 'powershell'].includes(shell))
      throw new UserError('InvalidArgument', `--shell can't be "${shell}".`, 'It is sh, fish or powershell.');
    const line = ([key, value]: [string, string | null]) => {
      if (shell === 'powershell')
        return value === null ? `Remove-Item Env:${key} -ErrorAction SilentlyContinue` : `$env:${key} = '${value.replaceAll("'", "''")}'`;
      if (shell === 'fish') return value === null ? `set -e ${key}` : `set -gx ${key} '${value.replace(/[\\']/g, '\\$&')}'`;
      return value === null ? `unset ${key}` : `export ${key}='${value.replaceAll("'", "'\\''")}'`;
    };
    // To the person and not to the shell that evaluates the rest: interactive zsh knows no comments.
    if (parsed.values.azure && parsed.values.output !== 'json') process.stderr.write(`${whatChanges(azure, named, config).join('\n')}\n`);
    print(parsed, variables, () => Object.entries(variables).map(line).join('\n'));
  },
};

function whatChanges(variables: Record<string, string>, named: string | undefined, config: AzureConfig | undefined): string[] {
  const { subscription, resourceGroup, workspace } = defaultWorkspace;
  return [
    "In this shell, Azure ML's clients now talk to the control plane of this machine, and to Azure no more:",
    `  MLClient(DefaultAzureCredential(), '${subscription}', '${resourceGroup}', '${named ?? workspace}')`,
    ...(config
      ? [`  MLClient.from_config(DefaultAzureCredential()), whose workspace "${config.workspace}" is this machine here (${config.file})`]
      : []),
    '- DefaultAzureCredential gets its tokens from the control plane (IDENTITY_*, AZURE_TOKEN_CREDENTIALS). Other Azure tools in this shell get them too, and Azure refuses them.',
    '- Python trusts the roots that it trusted before and, besides, the certificate of the control plane (REQUESTS_CA_BUNDLE, SSL_CERT_FILE); Node does the same (NODE_EXTRA_CA_CERTS).',
    '- "import azure.ai.ml" fails with \'Unknown cloud environment "Updraft"\' while the control plane does not run. This command starts it; without work it ends after half an hour.',
    `- The TypeScript client takes the address in code: new AzureMachineLearningWorkspaces(credential, subscription, { endpoint: process.env.UPDRAFT_ARM_URL }), now ${variables.UPDRAFT_ARM_URL}.`,
    'A new shell is as before. To undo it here, unset the variables below.',
  ];
}
