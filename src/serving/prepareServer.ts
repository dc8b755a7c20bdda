import { existsSync, readFileSync } from 'node:fs';
import { cp, mkdir, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { laterPart } from '../base/laterPart.ts';
import { formatBytes } from '../base/text.ts';
import { UserError } from '../base/userError.ts';
import type { PlaneClient } from '../client/planeClient.ts';
import { resolveUri } from '../client/resolveUri.ts';
import { type AdapterFacts, adapterFile, finetuningFile, mostFinetuningBytes, readAdapterFacts } from '../protocol/adapterFacts.ts';
import { parseAssetId } from '../protocol/arm.ts';
import type { OnlineDeployment } from '../protocol/onlineDeployment.ts';
import type { ContentCache } from '../runner/contentCache.ts';
import type { JobsPrograms } from '../runner/environments/jobPython.ts';
import { type EnvironmentPlan, planOf, prepareEnvironment } from '../runner/environments/prepareEnvironment.ts';
import { download } from '../runner/transfer.ts';
import { type FoundModel, modelOf } from './modelOf.ts';
import { modelFileIn, type ServerFiles, type ServerKind, serverKindOf } from './serverKinds.ts';

const condaFiles = laterPart(() => import('../spec/condaFile.ts'));

export interface PrepareOptions {
  client: PlaneClient;
  cache: ContentCache;
  signal: AbortSignal;
  onLine: (line: string) => void;
}

/** All that the servers of one generation of a deployment share. */
export interface PreparedServer {
  plan: EnvironmentPlan;
  files: ServerFiles;
  /** The value of `AZUREML_MODEL_DIR`. */
  modelFolder: string | undefined;
  kind: ServerKind;
  /** What the model was trained from, when it is an adapter. */
  base?: AdapterFacts['base'];
}

/** Says that a folder has all that the servers need, and names what was brought for the model. */
const completeFile = 'complete';

/**
 * Brings code and model of a deployment to `folder`, unless they are there, and reads what its environment asks for. A folder that is complete is left as it is, since servers may run on it.
 */
export async function prepareServer(deployment: OnlineDeployment, folder: string, options: PrepareOptions): Promise<PreparedServer> {
  const { client, cache, signal, onLine } = options;
  const isComplete = existsSync(path.join(folder, completeFile));
  if (!isComplete) await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  const files: ServerFiles = { code: path.join(folder, 'code'), model: undefined };
  await mkdir(files.code, { recursive: true });
  const model = deployment.model === undefined ? undefined : await modelOf(client, deployment.model, signal);
  const kind = serverKindOf(deployment, model);
  onLine(`Served as: ${kind.name}.`);

  if (deployment.code && !isComplete) {
    const code = parseAssetId(deployment.code.codeId);
    if (code?.kind !== 'codes') throw new UserError('AssetNotFound', `"${deployment.code.codeId}" is no code that is known here.`);
    const { codeUri } = (await client.getAsset('codes', code.name, code.version, signal)).properties;
    onLine('Getting the code.');
    await download(client, codeUri, files.code, cache, signal);
    const script = path.join(files.code, deployment.code.scoringScript);
    if (!script.startsWith(`${files.code}${path.sep}`) || !existsSync(script))
      throw new UserError(
        'MissingFile',
        `The code has no scoring script ${deployment.code.scoringScript}.`,
        'Look at "code_configuration".',
      );
  }
  let modelFolder: string | undefined;
  if (model) {
    modelFolder = path.join(folder, 'azureml-models', model.name, model.version);
    if (!isComplete) onLine(`Getting the model ${model.name}:${model.version}.`);
    files.model = isComplete
      ? path.join(modelFolder, readFileSync(path.join(folder, completeFile), 'utf8'))
      : await bringModel(client, model.properties.modelUri, modelFolder, cache, signal);
  }
  const adapter = model?.isAdapter && kind.engine && files.model ? await adapterIn(files.model) : undefined;
  const served = kind.engine && files.model && model ? { ...files, model: adapter?.file ?? (await fileOf(files.model, model)) } : files;
  if (!isComplete) await writeFile(path.join(folder, completeFile), files.model ? path.basename(files.model) : '', { flush: true });
  const plan = await planFor(kind, deployment, files, client);
  return { plan, files: served, modelFolder, kind, ...(adapter ? { base: adapter.base } : {}) };
}

/** The adapter in a folder, and what it was trained from. */
async function adapterIn(folder: string): Promise<{ file: string; base: AdapterFacts['base'] }> {
  const told = path.join(folder, finetuningFile);
  if ((await stat(told)).size > mostFinetuningBytes)
    throw new UserError('InputUnavailable', `The model's ${finetuningFile} has more than ${formatBytes(mostFinetuningBytes)}.`);
  const { base } = readAdapterFacts(readFileSync(told, 'utf8'));
  const file = path.join(folder, adapterFile);
  if (!existsSync(file)) throw new UserError('InputUnavailable', `The model's folder has no ${adapterFile}.`);
  return { file, base };
}

/** The file that an engine loads: what was registered, or the one in the folder that was. */
async function fileOf(at: string, { properties }: FoundModel): Promise<string> {
  if (!(await stat(at)).isDirectory()) return at;
  const names = await readdir(at, { recursive: true });
  return modelFileIn(
    at,
    names.map((each) => each.replaceAll(path.sep, '/')),
    properties,
  );
}

function planFor(kind: ServerKind, deployment: OnlineDeployment, files: ServerFiles, client: PlaneClient): Promise<EnvironmentPlan> {
  if (kind.environment === 'none') return Promise.resolve({ requirements: undefined, variables: {}, notes: [] });
  if (kind.environment === 'model' && deployment.environmentId === undefined) return planOfModel(files.model!);
  return planOf({ client, plans: new Map() }, environmentOf(deployment));
}

function environmentOf({ environmentId, name }: OnlineDeployment): string {
  if (environmentId !== undefined) return environmentId;
  throw new UserError(
    'MissingField',
    `The deployment ${name} has a scoring script and no environment.`,
    'Give it an "environment" with the packages that the script imports.',
  );
}

/** As in Azure, the model's folder has what was registered inside of it, under its own name. */
async function bringModel(
  client: PlaneClient,
  modelUri: string,
  folder: string,
  cache: ContentCache,
  signal: AbortSignal,
): Promise<string> {
  await mkdir(folder, { recursive: true });
  const uri = await resolveUri(client, modelUri, signal);
  const target = path.join(folder, path.posix.basename(uri.replace(/\/+$/, '')) || 'model');
  if (uri.startsWith('file:')) {
    const local = fileURLToPath(uri);
    if (!existsSync(local)) throw new UserError('InputUnavailable', `The model is not there: ${local}.`);
    await symlink(local, target).catch(() => cp(local, target, { recursive: true }));
    return target;
  }
  const { count } = await download(client, uri, target, cache, signal);
  if (count === 0) throw new UserError('InputUnavailable', `The model is empty: there is nothing at ${uri}.`);
  return target;
}

/** What MLflow wrote beside a model when it was logged. */
async function planOfModel(model: string): Promise<EnvironmentPlan> {
  const read = (name: string) => {
    const file = path.join(model, name);
    return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
  };
  if (read('MLmodel') === undefined)
    throw new UserError('InputUnavailable', 'The model is registered as mlflow_model, and has no file MLmodel.', 'Register its folder.');
  const conda = read('conda.yaml');
  if (conda !== undefined) {
    const { parseCondaFile } = await condaFiles();
    const { python, pip, translated } = parseCondaFile(conda);
    // The version with which the model was logged; another patch of the same Python does as well.
    return {
      requirements: { python: python?.replace(/^(\d+\.\d+)\.\d+$/, '$1'), packages: [...translated, ...pip] },
      variables: {},
      notes: [],
    };
  }
  const packages = (read('requirements.txt') ?? 'mlflow').split(/\r?\n/).map((line) => line.trim());
  return {
    requirements: { python: undefined, packages: packages.filter((line) => line && !line.startsWith('#')) },
    variables: {},
    notes: [],
  };
}

/** The variables and programs of one server process; what its script installs goes to `layer`. */
export const programsFor = (
  plan: EnvironmentPlan,
  layer: string,
  {
    client,
    cache,
    signal,
    onLine,
    runnerFolder,
    environment,
  }: PrepareOptions & { runnerFolder: string; environment: Record<string, string> },
): Promise<JobsPrograms> =>
  prepareEnvironment(plan, layer, {
    folder: runnerFolder,
    environment,
    signal,
    onLine,
    onProgress: () => {},
    fetchFiles: async (uri, target) => {
      await download(client, uri, target, cache, signal);
    },
  });

/** Writes the program that serves, and answers its path. */
export async function writeScoringServer(folder: string, program: string): Promise<string> {
  const file = path.join(folder, 'scoring_server.py');
  await mkdir(folder, { recursive: true });
  await writeFile(file, program);
  return file;
}
