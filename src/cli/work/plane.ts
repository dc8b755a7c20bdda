import { formatBytes } from '../../base/text.ts';
import { UserError } from '../../base/userError.ts';
import { PlaneClient } from '../../client/planeClient.ts';
import { azureVariables, proxyExceptions } from '../../plane/azureVariables.ts';
import { findPlane } from '../../plane/ensurePlane.ts';
import { foreignMlflow } from '../../plane/mlflowVariables.ts';
import { AzureAccess } from '../../protocol/azureClients.ts';
import { check } from '../../protocol/check.ts';
import { type AzureConfig, azureConfig } from '../azureConfig.ts';
import { connect, dataFolder, expectWorkspace, type Reached } from '../connect.ts';
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
  const azure = parsed.values.azure ? await forAzure(parsed, client, lock) : undefined;
  // Null for those that are to be unset.
  const all: Record<string, string | null> = {
    ...Object.fromEntries(foreignMlflow(process.env, lock.url).map((name) => [name, null])),
    MLFLOW_TRACKING_URI: lock.url,
    MLFLOW_TRACKING_TOKEN: lock.token,
    UPDRAFT_URL: lock.url,
    OPENAI_BASE_URL: `${lock.url}/v1`,
    OPENAI_API_KEY: lock.token,
    ...proxyExceptions(process.env),
    ...azure?.variables,
  };
  const shell = text(parsed, 'shell') ?? 'sh';
  const line = ([key, value]: [string, string | null]) => {
    if (shell === 'powershell')
      return value === null ? `Remove-Item Env:${key} -ErrorAction SilentlyContinue` : `$env:${key} = '${value.replaceAll("'", "''")}'`;
    if (shell === 'fish') return value === null ? `set -e ${key}` : `set -gx ${key} '${value.replace(/[\\']/g, '\\$&')}'`;
    return value === null ? `unset ${key}` : `export ${key}='${value.replaceAll("'", "'\\''")}'`;
  };
  // To the person and not to the shell that evaluates the rest: interactive zsh knows no comments.
  if (azure && parsed.values.output !== 'json') process.stderr.write(`${azure.whatChanges.join('\n')}\n`);
  return { value: all, text: () => Object.entries(all).map(line).join('\n') };
}

interface ForAzure {
  variables: Record<string, string>;
  /** Lines for the person whose shell it is. */
  whatChanges: string[];
}

/** What points Azure's clients at a plane. On one of one person the workspaces that scripts name become names of its own; on one of a team they have to be there. */
async function forAzure(parsed: Parsed, client: PlaneClient, { url, isElsewhere }: Reached): Promise<ForAzure> {
  const access = check(AzureAccess, await client.http.json('GET', '/updraft/azure'), 'The answer');
  if (isElsewhere && access.authorityFile !== undefined)
    throw new UserError(
      'InvalidArgument',
      `Azure's clients talk https alone, and ${url} is not published by https.`,
      'On its own machine give --server local. From elsewhere its operator has to publish it: updraft serve --public-url https://….',
    );
  const named = text(parsed, 'workspace');
  const config = azureConfig(process.cwd());
  if (named !== undefined) await expectWorkspace(named, client);
  const hasConfigured =
    config !== undefined &&
    (await expectWorkspace(config.workspace, client).then(
      () => true,
      (error) => {
        if (error instanceof UserError && error.code === 'NotFound') return false;
        throw error;
      },
    ));
  const plane = isElsewhere ? url : 'the control plane of this machine';
  const { subscription, resourceGroup, workspace } = client.workspace;
  const variables = azureVariables(access, process.env);
  return {
    variables,
    whatChanges: [
      `In this shell, Azure ML's clients now talk to ${plane}, and to Azure no more:`,
      `  MLClient(DefaultAzureCredential(), '${subscription}', '${resourceGroup}', '${named ?? workspace}')`,
      ...(config ? [aboutConfig(config, hasConfigured, isElsewhere ? `the one on ${url}` : 'this machine here')] : []),
      '- DefaultAzureCredential gets its tokens from the control plane (IDENTITY_*, AZURE_TOKEN_CREDENTIALS). Other Azure tools in this shell get them too, and Azure refuses them.',
      ...(access.authorityFile === undefined
        ? []
        : [
            '- Python trusts the roots that it trusted before and, besides, the certificate of the control plane (REQUESTS_CA_BUNDLE, SSL_CERT_FILE); Node does the same (NODE_EXTRA_CA_CERTS).',
          ]),
      isElsewhere
        ? '- "import azure.ai.ml" fails with \'Unknown cloud environment "Updraft"\' while the control plane does not answer.'
        : '- "import azure.ai.ml" fails with \'Unknown cloud environment "Updraft"\' while the control plane does not run. This command starts it; without work it ends after half an hour.',
      `- The TypeScript client takes the address in code: new AzureMachineLearningWorkspaces(credential, subscription, { endpoint: process.env.UPDRAFT_ARM_URL }), now ${variables.UPDRAFT_ARM_URL}.`,
      'A new shell is as before. To undo it here, unset the variables below.',
    ],
  };
}

const aboutConfig = ({ workspace, file }: AzureConfig, isThere: boolean, where: string): string =>
  isThere
    ? `  MLClient.from_config(DefaultAzureCredential()), whose workspace "${workspace}" is ${where} (${file})`
    : `- MLClient.from_config(DefaultAzureCredential()) finds nothing: there is no workspace "${workspace}", which ${file} names, or none in which you have a role.`;
