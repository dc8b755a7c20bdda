import { cpus } from 'node:os';
import path from 'node:path';
import { aside } from '../../base/aside.ts';
import { loadLaterParts } from '../../base/laterPart.ts';
import { lineLogger } from '../../base/logger.ts';
import { surviveStrayErrors } from '../../base/strayErrors.ts';
import { messageOf, UserError } from '../../base/userError.ts';
import { isPassing } from '../../client/isPassing.ts';
import { PlaneClient } from '../../client/planeClient.ts';
import { azureVariables } from '../../plane/azureVariables.ts';
import { defaultWorkspace } from '../../protocol/arm.ts';
import { AzureAccess } from '../../protocol/azureClients.ts';
import { check } from '../../protocol/check.ts';
import type { WhoAsks } from '../../protocol/signIn.ts';
import { isRunnerToken } from '../../protocol/team.ts';
import type { Executor } from '../../runner/executors/executor.ts';
import { untilReached } from '../../runner/untilReached.ts';
import { dataFolder } from '../connect.ts';
import { readServers } from '../keptServers.ts';
import type { Outcome } from '../output/outcome.ts';
import { ownEnvironment } from '../ownEnvironment.ts';
import { list, type Parsed, required, text, whole } from '../parsed.ts';

/** Runs jobs of a control plane that is elsewhere, until it is interrupted. */
export async function run(parsed: Parsed): Promise<Outcome> {
  const url = required(parsed, 'server');
  const token =
    text(parsed, 'token') ??
    process.env.MLFLOW_TRACKING_TOKEN ??
    (URL.canParse(url) ? readServers().servers[new URL(url).origin]?.token : undefined);
  if (!token)
    throw new UserError(
      'InvalidArgument',
      '--token is missing.',
      'An Owner makes one for runners: updraft token create --runner. That of a plane of one person: updraft env.',
    );
  const bound = isRunnerToken(token) ? await boundTo(url, token) : undefined;
  const workspaces = chosen(parsed, 'workspace', bound?.workspaces);
  const computes = chosen(parsed, 'compute', bound?.computes);
  const clients = workspaces.length ? workspaces.map((workspace) => clientIn(url, token, workspace)) : [clientIn(url, token)];
  for (const client of clients)
    await client.status().catch((error) => {
      // A wrong token, or a workspace that is not there, is said at once; a plane that is not there yet is waited for.
      if (!isPassing(error)) throw error;
      process.stderr.write(`${messageOf(error)}\nIt is tried again.\n`);
    });
  const most = whole(parsed, 'max-parallel');
  const environment = ownEnvironment();
  const logger = lineLogger((line) => process.stderr.write(`${line}\n`));
  surviveStrayErrors(process, logger);
  const [{ startRunner }, { Places }] = await Promise.all([import('../../runner/runner.ts'), import('../../runner/places.ts')]);
  const host = text(parsed, 'ssh');
  const places = new Places(most || cpus().length);
  const runners = await Promise.all(
    clients.map(async (client, at) => {
      const folder = path.join(dataFolder(parsed), folderName(host, workspaces[at]));
      const executor = host ? await overSsh(host, folder, url, environment) : undefined;
      return startRunner({
        client,
        planeUrl: url,
        folder,
        environment,
        jobVariables: variablesForAzure(client, environment),
        logger,
        places,
        ...(computes.length ? { computes } : {}),
        ...(bound ? { clientOfJob: (own: string) => clientIn(url, own, workspaces[at]) } : {}),
        ...(executor ? { executor } : {}),
      });
    }),
  );
  aside('parts', loadLaterParts(), logger);
  process.stderr.write(
    `Waiting for jobs of ${url}${workspaces.length ? ` in ${workspaces.join(', ')}` : ''}${computes.length ? ` for ${computes.join(', ')}` : ''}. Ctrl+C ends the runner; running commands go on.\n`,
  );
  const interrupted = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
  const refused = await Promise.race([interrupted, ...runners.map((runner) => runner.refused)]);
  await Promise.all(runners.map((runner) => runner.dispose()));
  if (refused)
    throw new UserError(
      refused.code,
      `The control plane lets this runner in no more: ${refused.message}`,
      'Start it again with another token, within a minute: then it goes on with the commands that run. An Owner makes one: updraft token create --runner.',
    );
  return {};
}

/** What the token of a runner is for. The plane is waited for. */
async function boundTo(url: string, token: string): Promise<NonNullable<WhoAsks['runner']>> {
  const client = clientIn(url, token);
  let isTold = false;
  const { runner } = await untilReached(
    new AbortController().signal,
    () => client.whoAsks(),
    (error) => {
      if (!isTold) process.stderr.write(`${messageOf(error)}\nIt is tried again.\n`);
      isTold = true;
    },
  );
  if (!runner)
    throw new UserError('InvalidArgument', 'This token is not one of a runner.', 'An Owner makes one: updraft token create --runner.');
  return runner;
}

/** What was asked for, or else all that the token is for. `allowed`: no others; none where the token says nothing. */
function chosen(parsed: Parsed, option: 'workspace' | 'compute', allowed: readonly string[] = []): string[] {
  const asked = list(parsed, option);
  if (asked.length === 0) return [...allowed];
  const foreign = allowed.length ? asked.find((each) => !allowed.includes(each)) : undefined;
  if (foreign !== undefined)
    throw new UserError(
      'InvalidArgument',
      `The token of this runner is not for the ${option} "${foreign}".`,
      `It is for: ${allowed.join(', ')}. An Owner makes another one: updraft token create --runner.`,
    );
  return asked;
}

/** Absent: in the workspace that the plane takes the token to be for. */
const clientIn = (url: string, token: string, workspace?: string): PlaneClient => {
  const connection = { url, token, patienceMs: 60_000 };
  return workspace === undefined
    ? new PlaneClient(connection)
    : new PlaneClient({ ...connection, workspace }, { ...defaultWorkspace, workspace });
};

/** What points scripts with Azure's clients at the plane; each comes with the token of its job. Nothing for a plane that is not published by https: these clients talk nothing else. */
function variablesForAzure(client: PlaneClient, environment: Record<string, string>): () => Promise<Record<string, string>> {
  let known: Record<string, string> | undefined;
  return async () => {
    if (known) return known;
    const access = check(AzureAccess, await client.http.json('GET', '/updraft/azure'), 'The answer');
    known = access.authorityFile === undefined ? azureVariables(access, environment) : {};
    return known;
  };
}

/** A runner is known by its folder: one for another workspace, or that runs jobs on another machine, is another one. */
const folderName = (host: string | undefined, workspace: string | undefined): string =>
  [host ? `ssh-runner-${host}` : 'remote-runner', ...(workspace === undefined ? [] : [workspace])].join('-').replace(/[^\w.-]/g, '_');

/** Commands on another machine, as `ssh` knows it. Says when they would not reach the control plane. */
async function overSsh(host: string, folder: string, planeUrl: string, environment: Record<string, string>): Promise<Executor> {
  const { SshExecutor } = await import('../../runner/executors/ssh/sshExecutor.ts');
  const executor = new SshExecutor({ host, environment, folder: path.join(folder, 'staged'), planeUrl });
  try {
    const { system, cores, reachesPlane } = await executor.probe(AbortSignal.timeout(30_000));
    process.stderr.write(`Commands run on ${host} (${system}, ${cores} cores).\n`);
    if (reachesPlane === false)
      process.stderr.write(
        `From there, ${planeUrl} does not answer: commands run, but can't log metrics or models to the control plane.\n`,
      );
  } catch (error) {
    executor.dispose();
    throw error;
  }
  return executor;
}
