import { mkdirSync } from 'node:fs';
import { cp, mkdir } from 'node:fs/promises';
import path from 'node:path';
import { parseAssetId } from '../protocol/arm.ts';
import { type CommandJob, emptyInputsOf, type JobOutput } from '../protocol/job.ts';
import { render } from '../spec/expression.ts';
import { changesThisMachine } from './changesThisMachine.ts';
import { distributionOf } from './distribution.ts';
import type { JobsPrograms } from './environments/jobPython.ts';
import { type EnvironmentPlan, prepareElsewhere, prepareEnvironment } from './environments/prepareEnvironment.ts';
import type { Launch, Place } from './executors/executor.ts';
import { quoted } from './executors/wrapper.ts';
import { freePort } from './freePort.ts';
import { materialise } from './inputs.ts';
import { jobEnvironment } from './jobEnvironment.ts';
import type { JobLog } from './jobLog.ts';
import { KeptFolders } from './keptFolders.ts';
import type { RunnerContext } from './runnerContext.ts';
import { download } from './transfer.ts';
import { untilReached } from './untilReached.ts';
import { withoutEffect } from './withoutEffect.ts';

/** What getting a command ready takes of a runner. */
export type PreparingContext = Pick<
  RunnerContext,
  'client' | 'folder' | 'environment' | 'cache' | 'jobVariables' | 'planeUrl' | 'token' | 'workspaceId'
> & { executor: Pick<RunnerContext['executor'], 'isHere'> };

/** Everything before the command: environment, code, inputs, places for outputs. */
export async function prepareCommand(
  context: PreparingContext,
  job: CommandJob,
  plan: EnvironmentPlan,
  place: Place,
  log: Pick<JobLog, 'line'>,
  signal: AbortSignal,
  onProgress: (text: string) => void,
  /** Told of the file that lists the packages of the environment, where there is one. */
  onPackages: (file: string) => void = () => {},
): Promise<Launch> {
  const { client, executor } = context;
  const { properties } = job;
  const programs: JobsPrograms = executor.isHere
    ? await prepareEnvironment(plan, path.join(place.here, 'python'), {
        folder: context.folder,
        environment: context.environment,
        signal,
        onLine: (line) => log.line(line),
        onProgress,
        fetchFiles: async (uri, target) => {
          await untilReached(signal, () => download(client, uri, target, context.cache, signal));
        },
      })
    : prepareElsewhere(plan, place);
  if (programs.packagesFile) onPackages(programs.packagesFile);

  const code = properties.codeId ? parseAssetId(properties.codeId) : undefined;
  const cwd = path.join(place.here, 'code');
  mkdirSync(cwd, { recursive: true });
  if (code) onProgress('Getting the code');
  if (code)
    await untilReached(signal, async () => {
      const { codeUri } = (await client.getAsset('codes', code.name, code.version, signal)).properties;
      return download(client, codeUri, cwd, context.cache, signal);
    });
  KeptFolders.make(cwd);

  const values = new Map<string, string>();
  const leftEmpty = emptyInputsOf(properties);
  for (const [name, input] of Object.entries(properties.inputs ?? {})) {
    if (input.jobInputType === 'literal') {
      if (input.value !== undefined) values.set(`inputs.${name}`, input.value);
      continue;
    }
    const folder = path.join(place.here, 'inputs');
    onProgress(`Getting the input "${name}"`);
    const found = await untilReached(signal, () =>
      materialise(client, name, input, folder, context.cache, leftEmpty.includes(name), signal),
    );
    values.set(`inputs.${name}`, await seenFromThere(found, name, place, executor.isHere));
  }
  for (const [name, output] of Object.entries(properties.outputs ?? {})) {
    await mkdir(path.join(place.here, 'outputs', name), { recursive: true });
    values.set(`outputs.${name}`, outputPath(place.there, name, output));
  }
  const { spread, variables, notes } = await distributionOf(properties, freePort);
  for (const each of [...notes, ...withoutEffect(properties), ...changesThisMachine(properties.command)]) log.line(each);
  const command = render(properties.command, ([scope, ...name]) => values.get(`${scope}.${name.join('.')}`));
  const ofClients = await untilReached(signal, () => context.jobVariables());
  const seen = jobEnvironment(context, job, programs, { ...ofClients, ...variables }, values);
  return {
    // What another machine has on its PATH is known there alone.
    command: seen.PATH === undefined ? `export PATH=${quoted(programs.first.join(':'))}:"$PATH"; ${command}` : command,
    cwd: path.join(place.there, 'code'),
    variables: seen,
    spread,
  };
}

/** What the command has to call a file of this machine. Where it can't see all of them, one that lies elsewhere is put to the task's own. */
async function seenFromThere(found: string, name: string, place: Place, isHere: boolean): Promise<string> {
  if (isHere || !path.isAbsolute(found)) return found;
  let within = path.relative(place.here, found);
  if (within.startsWith('..')) {
    within = path.join('inputs', name, path.basename(found));
    await cp(found, path.join(place.here, within), { recursive: true });
  }
  return path.join(place.there, within);
}

/** Where a command writes an output. */
export const outputPath = (folder: string, name: string, output: JobOutput) =>
  output.jobOutputType === 'uri_file' ? path.join(folder, 'outputs', name, name) : path.join(folder, 'outputs', name);
