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
import { connect, dataFolder } from '../connect.ts';
import type { Outcome } from '../output/outcome.ts';
import { type Parsed, text } from '../parsed.ts';
import { factLines, timeOf } from '../textParts.ts';

/** Whether the control plane runs, and where. */
export async function status(parsed: Parsed): Promise<Outcome> {
  const lock = await findPlane(dataFolder(parsed));
  if (!lock) {
    return {
      value: { running: false, dataFolder: dataFolder(parsed) },
      text: () => 'The control plane does not run. "updraft job submit" or VS Code starts it, or "updraft serve".',
      exitCode: 1,
    };
  }
  const found = await new PlaneClient(lock).status();
  const studio = `${lock.url}/studio/?token=${lock.token}`;
  return {
    value: { running: true, url: lock.url, studio, ...found },
    text: () =>
      factLines([
        ['address', lock.url],
        ['studio', studio],
        ['jobs', `${found.runningJobs} running, ${found.queuedJobs} queued`],
        ['clients', String(found.clients)],
        ['data folder', found.dataFolder],
        ['process', `${found.pid}, ${formatBytes(found.residentBytes)}, since ${timeOf(found.startedAt)}`],
        ['version', found.version],
      ]),
  };
}

/** Ends the control plane. */
export async function stop(parsed: Parsed): Promise<Outcome> {
  const lock = await findPlane(dataFolder(parsed));
  if (lock) await new PlaneClient(lock).stop();
  return { value: { stopped: Boolean(lock) }, text: () => (lock ? 'The control plane ends.' : 'The control plane does not run.') };
}

/** The variables that point clients at the control plane. */
export async function variables(parsed: Parsed): Promise<Outcome> {
  const { client, lock } = await connect(parsed);
  if (parsed.values.azure && lock.isElsewhere)
    throw new UserError(
      'InvalidArgument',
      `The variables of --azure are for a control plane on this machine; ${lock.url} is elsewhere.`,
      'Give --server local; or let a program come with a client id and secret: updraft team secret create.',
    );
  const azure: Record<string, string> = parsed.values.azure
    ? azureVariables(check(AzureAccess, await client.http.json('GET', '/updraft/azure'), 'The answer'), process.env)
    : {};
  const config = parsed.values.azure ? azureConfig(process.cwd()) : undefined;
  // A script that names its cloud's workspace is to run unchanged.
  const named = text(parsed, 'workspace');
  for (const name of parsed.values.azure ? [named, config?.workspace] : []) if (name !== undefined) await client.nameWorkspace(name);
  // Null for those that are to be unset.
  const all: Record<string, string | null> = {
    ...Object.fromEntries(foreignMlflow(process.env, lock.url).map((name) => [name, null])),
    MLFLOW_TRACKING_URI: lock.url,
    MLFLOW_TRACKING_TOKEN: lock.token,
    UPDRAFT_URL: lock.url,
    OPENAI_BASE_URL: `${lock.url}/v1`,
    OPENAI_API_KEY: lock.token,
    ...proxyExceptions(process.env),
    ...azure,
  };
  const shell = text(parsed, 'shell') ?? 'sh';
  const line = ([key, value]: [string, string | null]) => {
    if (shell === 'powershell')
      return value === null ? `Remove-Item Env:${key} -ErrorAction SilentlyContinue` : `$env:${key} = '${value.replaceAll("'", "''")}'`;
    if (shell === 'fish') return value === null ? `set -e ${key}` : `set -gx ${key} '${value.replace(/[\\']/g, '\\$&')}'`;
    return value === null ? `unset ${key}` : `export ${key}='${value.replaceAll("'", "'\\''")}'`;
  };
  // To the person and not to the shell that evaluates the rest: interactive zsh knows no comments.
  if (parsed.values.azure && parsed.values.output !== 'json') process.stderr.write(`${whatChanges(azure, named, config).join('\n')}\n`);
  return { value: all, text: () => Object.entries(all).map(line).join('\n') };
}

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
