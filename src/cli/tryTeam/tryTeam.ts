import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Logger, lineLogger } from '../../base/logger.ts';
import { surviveStrayErrors } from '../../base/strayErrors.ts';
import { messageOf, UserError } from '../../base/userError.ts';
import { Http } from '../../client/http.ts';
import { PlaneClient } from '../../client/planeClient.ts';
import { defaultWorkspace } from '../../protocol/arm.ts';
import type { IssuedRunnerToken } from '../../protocol/team.ts';
import type { Runner } from '../../runner/runner.ts';
import type { ControlPlane } from '../../server/controlPlane.ts';
import type { Outcome } from '../output/outcome.ts';
import { ownEnvironment } from '../ownEnvironment.ts';
import { type Parsed, text, whole } from '../parsed.ts';
import { tableOf } from '../textParts.ts';
import { version } from '../version.ts';
import { endJobs } from './endJobs.ts';
import { addPeople, type People, triedWorkspace } from './people.ts';
import { PostgresServer } from './postgresServer.ts';

const runnerCount = 2;
const say = (line: string): boolean => process.stdout.write(`${line}\n`);

/**
 * A control plane for a team on this machine, to be tried out: PostgreSQL, contents in a folder, people with a role each, two runners, and a job. All of it is in this process and its database, and in a new
 * folder that is removed at the end.
 */
export async function tryTeam(parsed: Parsed): Promise<Outcome> {
  if (process.platform === 'win32')
    throw new UserError(
      'NotImplemented',
      '"updraft team try" does not start PostgreSQL on Windows.',
      'Run it in WSL, or start "updraft serve --team" with a database of your own.',
    );
  const file = text(parsed, 'file') ?? exampleFile();
  const logger = lineLogger((line) => process.stderr.write(`${line}\n`));
  surviveStrayErrors(process, logger);
  const interrupted = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
  const folder = mkdtempSync(path.join(tmpdir(), 'updraft-team-'));
  const database = new PostgresServer();
  let plane: ControlPlane | undefined;
  let runners: Runner[] = [];
  try {
    say('Starting PostgreSQL and the control plane ...');
    plane = await startPlane(path.join(folder, 'plane'), database.url, whole(parsed, 'port'), logger);
    const people = await addPeople(new Http(plane));
    runners = await startRunners(plane.url, people.runners, folder, logger);
    say(welcome(plane.url, people));
    const ann = clientOf(plane.url, people.ann.token.token);
    if (file) await submit(ann, file);
    await Promise.race([interrupted, plane.ended]);
    say('Ending ...');
    // Commands outlive their runner, and these have nobody who would find them again.
    await endJobs(ann).catch((error) => logger.error('jobs that run', error));
  } finally {
    await Promise.all(runners.map((runner) => runner.dispose()));
    await plane?.stop();
    await database.remove();
    rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
  }
  return { text: () => 'Ended, and removed.' };
}

async function startPlane(dataFolder: string, database: string, port: number | undefined, logger: Logger): Promise<ControlPlane> {
  const [{ configOf }, { startControlPlane }] = await Promise.all([
    import('../../server/config.ts'),
    import('../../server/controlPlane.ts'),
  ]);
  // Beside its data folder, as on a server: what keeps the secrets is not where they are kept.
  const secretsKeyFile = `${dataFolder}-key`;
  writeFileSync(secretsKeyFile, randomBytes(32).toString('base64'), { mode: 0o600 });
  const options = { dataFolder, team: true, withRunner: false, database, secretsKeyFile, ...(port === undefined ? {} : { port }) };
  return startControlPlane(configOf(options), version, logger);
}

/** Runners that ask over the network, as those on other machines do. */
async function startRunners(url: string, { token }: IssuedRunnerToken, folder: string, logger: Logger): Promise<Runner[]> {
  const { startRunner } = await import('../../runner/runner.ts');
  return Array.from({ length: runnerCount }, (_, at) =>
    startRunner({
      client: clientOf(url, token),
      clientOfJob: (own) => clientOf(url, own),
      planeUrl: url,
      folder: path.join(folder, `runner-${at + 1}`),
      environment: ownEnvironment(),
      logger,
      maxParallelJobs: 1,
    }),
  );
}

const clientOf = (url: string, token: string): PlaneClient =>
  new PlaneClient({ url, token }, { ...defaultWorkspace, workspace: triedWorkspace });

/** In Ann's name. What goes wrong with a job does not end what is to be tried out. */
async function submit(ann: PlaneClient, file: string): Promise<void> {
  try {
    const { submitJob } = await import('../../submit/submitJob.ts');
    const { job } = await submitJob({ client: ann, file });
    say(`Ann has submitted ${path.relative(process.cwd(), file) || file} as ${job.name}.`);
  } catch (error) {
    say(`Ann could not submit ${file}: ${messageOf(error)}`);
  }
}

/** The example of a checkout; an installed Updraft has none. */
function exampleFile(): string | undefined {
  const places = ['../../..', '..'].map((up) => path.resolve(import.meta.dirname, up, 'examples/digits/pipeline.yml'));
  return places.find((each) => existsSync(each));
}

function welcome(url: string, { olga, ann, rita }: People): string {
  const people = [
    ['Olga', 'Owner of the whole control plane', olga],
    ['Ann', `AzureML Data Scientist in ${triedWorkspace}`, ann],
    ['Rita', `Reader in ${triedWorkspace}`, rita],
  ] as const;
  return [
    '',
    `A control plane for a team runs at ${url}, with ${runnerCount} runners. Ctrl+C ends it and removes everything.`,
    '',
    tableOf(
      ['WHO', 'ROLE', 'STUDIO'],
      people.map(([name, role, { token }]) => [name, role, `${url}/studio?token=${token.token}`]),
      '',
    ),
    '',
    "As Ann, from another terminal, with MLflow's client or a job of your own:",
    `  export MLFLOW_TRACKING_URI='${url}' MLFLOW_TRACKING_TOKEN='${ann.token.token}'`,
    '',
    'Who did what:',
    `  updraft audit list --server '${url}' --token '${olga.token.token}'`,
    '',
  ].join('\n');
}
