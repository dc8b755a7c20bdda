import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PlaneClient } from '../../src/client/planeClient.ts';
import { azureVariables, trusting } from '../../src/plane/azureVariables.ts';
import { defaultWorkspace } from '../../src/protocol/arm.ts';
import type { AzureAccess } from '../../src/protocol/azureClients.ts';
import { startPlane } from '../contract/plane.ts';
import { startServers } from '../contract/servers/servers.ts';
import { startTeam, type TeamCalls, teamCalls, workspaceAt } from '../contract/team.ts';
import { bundle, type Finished, type RunOptions, updraft } from '../contract/updraft.ts';
import { writeIn } from '../contract/writeIn.ts';

/** A plane on which the stories of clients are told, as its user sees it. */
export interface StoryPlane {
  /** What `MLFLOW_TRACKING_URI` and `MLFLOW_TRACKING_TOKEN` say. */
  url: string;
  token: string;
  /** The workspace in which the user works. */
  workspace: string;
  /** Everything else that the process of a client is given. */
  variables: Record<string, string>;
  /** In the name of the user, and by plain http. */
  client: PlaneClient;
  /** The `updraft` command of the user. */
  updraft(args: string[], options?: RunOptions): Promise<Finished>;
  remove(): Promise<void>;
}

export interface StoryNeeds {
  /** Roles of the user in the workspace of a team, besides AzureML Data Scientist. */
  roles?: string[];
  /** false: no job is run. */
  withRunner?: boolean;
  /** Hosts to which webhooks may go. */
  allowHooksTo?: string[];
  /** Variables of the plane, besides those of this process. */
  environment?: Record<string, string>;
}

interface Place {
  name: string;
  /** false: only the main stories are told there, so that a run of all tests takes no longer than it has to. */
  isWhole: boolean;
  start(needs?: StoryNeeds): Promise<StoryPlane>;
}

const ofOnePerson: Place = {
  name: 'the plane of one person',
  isWhole: true,
  async start({ withRunner = true, allowHooksTo, environment = {} } = {}) {
    const options = { withRunner, ...(allowHooksTo ? { allowHooksTo } : {}) };
    const plane = await startPlane(options, undefined, { ...(process.env as Record<string, string>), ...environment });
    return {
      url: plane.url,
      token: plane.token,
      workspace: defaultWorkspace.workspace,
      variables: {},
      client: plane.client,
      updraft: (args, options) => updraft(plane.folder, args, options),
      remove: () => plane.remove(),
    };
  },
};

/** Two servers on PostgreSQL and a bucket, behind a balancer that gives each request to the other one and ends TLS. Who works there is a Data Scientist with a personal token. */
const ofTeam: Place = {
  name: 'a plane of a team with two servers',
  isWhole: process.env.UPDRAFT_TEST_PLANE === 'team',
  async start({ roles = [], withRunner = true, allowHooksTo = [], environment = {} } = {}) {
    const folder = mkdtempSync(path.join(tmpdir(), 'updraft-story-'));
    const options = ['--secrets-key-file', writeIn(folder, 'secrets-key', randomBytes(32).toString('base64'))];
    if (withRunner) options.push('--run-jobs');
    for (const host of allowHooksTo) options.push('--allow-hooks-to', host);
    const { plane, servers } = await startServers(['one', 'two'], { isSecure: true, options, environment });
    let runner: RunnerProcess | undefined;
    const remove = async () => {
      await runner?.stop();
      // Told to end, servers end what they run, too.
      await Promise.all(servers.map((server) => server.stop()));
      await plane.remove();
      rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
    };
    try {
      const { url, authorityFile } = plane.published;
      const team = teamCalls({ url: plane.balancer.url, token: plane.token });
      await team.makeWorkspace('vision');
      const { member, token } = await team.add('dan@example.org', 'AzureML Data Scientist', 'vision');
      for (const role of roles) await team.assign(member.id, role, workspaceAt('vision'));
      // As for a certificate of the company, which its machines trust.
      const variables = trusting(authorityFile!, process.env);
      if (withRunner) {
        const { token } = await team.add('box', 'Contributor', 'vision', { kind: 'service' });
        runner = await startRunner(['--server', url, '--workspace', 'vision', '--compute', 'cpu-cluster'], path.join(folder, 'runner'), {
          ...variables,
          MLFLOW_TRACKING_TOKEN: token.token,
        });
      }
      const user = { MLFLOW_TRACKING_URI: url, MLFLOW_TRACKING_TOKEN: token.token, UPDRAFT_SERVER: url };
      return {
        url,
        token: token.token,
        workspace: 'vision',
        variables,
        client: new PlaneClient(
          { url: plane.balancer.url, token: token.token, workspace: 'vision' },
          { ...defaultWorkspace, workspace: 'vision' },
        ),
        updraft: (args, { cwd, env } = {}) =>
          updraft(path.join(folder, 'home'), args, { ...(cwd ? { cwd } : {}), env: { ...variables, ...user, ...env } }),
        remove,
      };
    } catch (error) {
      await remove();
      throw error;
    }
  },
};

/** A plane of a team whose members the stories themselves make. */
export interface TeamOfStories extends TeamCalls {
  /** What `MLFLOW_TRACKING_URI` says. */
  url: string;
  /** What Azure's clients are told, and what has them trust the plane. */
  azure(token: string): Promise<{ access: AzureAccess; variables: Record<string, string> }>;
  remove(): Promise<void>;
}

/** One server; with UPDRAFT_TEST_PLANE=team two of them, as `ofTeam`. */
export async function startTeamOfStories({ withRunner = false } = {}): Promise<TeamOfStories> {
  if (process.env.UPDRAFT_TEST_PLANE !== 'team') {
    const plane = await startTeam(undefined, undefined, { withRunner });
    return {
      ...plane,
      async azure(token) {
        const access: AzureAccess = (await plane.as(token)('GET', '/updraft/azure')).body;
        return { access, variables: azureVariables(access, {}) };
      },
    };
  }
  const { plane, servers } = await startServers(['one', 'two'], { isSecure: true, options: withRunner ? ['--run-jobs'] : [] });
  const { url, authorityFile } = plane.published;
  return {
    ...teamCalls({ url: plane.balancer.url, token: plane.token }),
    url,
    async azure(token) {
      const access: AzureAccess = { url, armUrl: url, identitySecret: token };
      return { access, variables: { ...azureVariables(access, {}), ...trusting(authorityFile!, process.env) } };
    },
    async remove() {
      await Promise.all(servers.map((server) => server.stop()));
      await plane.remove();
    },
  };
}

interface RunnerProcess {
  stop(): Promise<void>;
}

/** `updraft runner` as a process of its own, which has asked for jobs. */
async function startRunner(args: string[], folder: string, variables: Record<string, string>): Promise<RunnerProcess> {
  mkdirSync(folder, { recursive: true });
  const { PATH, HOME } = process.env;
  const env = { PATH, HOME, UPDRAFT_CONFIG: path.join(folder, 'config'), ...variables };
  const child: ChildProcess = spawn(process.execPath, [bundle, 'runner', '--data', folder, ...args], {
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = once(child, 'exit');
  let said = '';
  await new Promise<void>((resolve, reject) => {
    child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      if (said.includes('Waiting for jobs of')) resolve();
    });
    child.once('exit', (code) => reject(new Error(`updraft runner ended with ${code}: ${said.slice(-2000)}`)));
  });
  return {
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

/**
 * Where the stories of a file are told: on the plane of one person, and the main ones on that of a team, too, where the file says `alsoOfTeam`; with UPDRAFT_TEST_PLANE=team all of them on that of a
 * team alone.
 */
export const storyPlanes = ({ alsoOfTeam = false } = {}): Place[] =>
  process.env.UPDRAFT_TEST_PLANE === 'team' ? [ofTeam] : alsoOfTeam ? [ofOnePerson, ofTeam] : [ofOnePerson];
