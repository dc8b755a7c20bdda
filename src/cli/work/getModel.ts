import { homedir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline/promises';
import { formatBytes } from '../../base/text.ts';
import { UserError } from '../../base/userError.ts';
import { accept, isAccepted } from '../../catalog/acceptedLicenses.ts';
import { type Machine, roughFit } from '../../catalog/fit.ts';
import { getModel, modelThere } from '../../catalog/getModel.ts';
import { isModelFile, isOnnx } from '../../catalog/headers/readHeader.ts';
import { knownModels } from '../../catalog/knownModels.ts';
import { ownStore } from '../../catalog/places.ts';
import { removeModel } from '../../catalog/removeModel.ts';
import { Hub } from '../../catalog/sources/hub.ts';
import type { Around, FoundModel, License } from '../../catalog/sources/modelSource.ts';
import { sourceOf } from '../../catalog/sources/sourceOf.ts';
import type { StoredModel } from '../../catalog/storedModels.ts';
import { isInstalled } from '../../inference/install/installEngine.ts';
import { onnxEngine } from '../../inference/install/onnxEngine.ts';
import { cacheFolderOf } from '../../plane/cacheFolder.ts';
import { machineForModels } from '../machineForModels.ts';
import type { Outcome } from '../output/outcome.ts';
import { flag, type Parsed, required, text, whole } from '../parsed.ts';
import { tableOf } from '../textParts.ts';
import { downloadProgress } from './downloadProgress.ts';

const store = (): string => ownStore(cacheFolderOf(process.env)).folder;
const around = (): Around => ({ web: { fetch }, env: process.env, home: homedir() });
const say = (line: string): void => {
  process.stderr.write(`${line}\n`);
};

/** Gets a model into the store that all workspaces share. */
export async function getModelByName(parsed: Parsed): Promise<Outcome> {
  const sha256 = text(parsed, 'sha256')?.toLowerCase();
  if (sha256 !== undefined && !/^[0-9a-f]{64}$/.test(sha256))
    throw new UserError('InvalidArgument', '--sha256 must be 64 hexadecimal digits.');
  const asked = required(parsed, 'name');
  if (sha256 !== undefined && !/^https?:/i.test(asked))
    throw new UserError('InvalidArgument', '--sha256 is for addresses of the web: other sources know the hash.');
  const isShown = flag(parsed, 'show-license');
  // What the list names is asked for again only when it is not there: that needs no network.
  const there = isShown ? undefined : await modelThere(store(), asked.toLowerCase());
  if (there && knownModels.some(({ name }) => name === there.model.name)) return gotten({ ...there, isNew: false });
  const found = await (await sourceOf(asked, around(), { sha256, folder: process.cwd() })).find();
  if (isShown) return licenseOf(found);
  await acceptLicense(found, flag(parsed, 'accept-license'), asked);
  if (!flag(parsed, 'only-show-errors')) say(`${announced(found, await machineForModels())}${await engineFor(found)}`);
  const progress = downloadProgress(process.stderr, flag(parsed, 'verbose'));
  const got = await getModel(found, {
    store: store(),
    onProgress: progress.show,
    onWait: () => say(`Another process gets ${found.name} already; this one waits for it.`),
  }).finally(progress.end);
  return gotten(got);
}

function gotten({ folder, model, isNew }: { folder: string; model: StoredModel; isNew: boolean }): Outcome {
  const bytes = model.files.reduce((sum, file) => sum + file.bytes, 0);
  return {
    value: { ...model, folder, size_bytes: bytes, is_new: isNew },
    text: () =>
      [
        `${model.name} ${isNew ? 'was got' : 'is there already'}: ${formatBytes(bytes)} in ${folder}`,
        ...(isNew ? model.files.map(({ name, sha256 }) => `  ${name}  sha256 ${sha256}`) : []),
      ].join('\n'),
  };
}

/** Removes a model from the store. */
export async function removeModelByName(parsed: Parsed): Promise<Outcome> {
  const name = required(parsed, 'name');
  const bytes = await removeModel(store(), name);
  return { value: { name, freed_bytes: bytes }, text: () => `${name} was removed, which frees ${formatBytes(bytes)}.` };
}

/** Models of the Hugging Face Hub whose name has the words. */
export async function searchModels(parsed: Parsed): Promise<Outcome> {
  const hits = await (await Hub.of(around())).search(required(parsed, 'text'), whole(parsed, 'max-results') ?? 20);
  return {
    value: hits.map(({ repository, downloads, license, isGated }) => ({ name: `hf:${repository}`, downloads, license, gated: isGated })),
    text: () =>
      tableOf(
        ['NAME', 'DOWNLOADS', 'LICENSE', ''],
        hits.map((hit) => [
          `hf:${hit.repository}`,
          hit.downloads.toLocaleString('en'),
          hit.license,
          hit.isGated ? 'asks for its terms to be accepted' : '',
        ]),
        'The hub has no such model with GGUF files.',
      ),
  };
}

function announced({ name, source, files }: FoundModel, machine: Machine): string {
  const sum = (sizes: (number | undefined)[]) =>
    sizes.some((size) => size === undefined) ? undefined : sizes.reduce<number>((total, size) => total + size!, 0);
  const download = sum(files.map(({ downloadBytes }) => downloadBytes));
  const bytes = sum(files.filter((file) => isModelFile(file.name)).map((file) => file.bytes)) ?? download;
  const isToRun = files.some((file) => /\.(?:gguf|onnx)$/i.test(file.name));
  const size =
    download === undefined ? 'of a size that its source does not say' : download === 0 ? 'already on this machine' : formatBytes(download);
  const fit = bytes === undefined || !isToRun ? '' : ` ${roughFit(bytes, machine)}`;
  return `${name}: ${size}, from ${source.replace(/[?#].*$/, '')}.${fit}`;
}

/** What has to be got besides, in a sentence, when the model is first used; or why it can't run here. */
async function engineFor({ files }: FoundModel): Promise<string> {
  if (!files.some(({ name }) => isOnnx(name))) return '';
  try {
    const plan = onnxEngine(path.join(cacheFolderOf(process.env), 'engines'));
    if (await isInstalled(plan)) return '';
    return ` What runs it, ${plan.title}, is got with its first request: ${formatBytes(plan.bytes)}.`;
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return ` It will not run here: ${error.message}`;
  }
}

function licenseOf({ name, license }: FoundModel): Outcome {
  return {
    value: { name, license: license ?? null },
    text: () =>
      license
        ? `${license.name}${license.url ? ` (${license.url})` : ''}\n\n${license.text ?? 'Its text is at that address.'}`
        : `${name} comes without a licence that its source tells of.`,
  };
}

/** Nothing is downloaded before the licence was accepted, which is asked once for each licence. */
async function acceptLicense({ name, license }: FoundModel, isGiven: boolean, asked: string): Promise<void> {
  if (!license) return say(`Its source does not say which licence ${name} has.`);
  if (await isAccepted(store(), license)) return;
  if (!isGiven && !(process.stdin.isTTY && process.stderr.isTTY ? await asks(name, license) : false))
    throw new UserError(
      'Forbidden',
      `The licence of ${name}, ${license.name}, was not accepted: nothing was downloaded.`,
      `"updraft model get ${asked} --show-license" shows it, --accept-license accepts it.`,
    );
  await accept(store(), license, name, new Date());
}

async function asks(name: string, license: License): Promise<boolean> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  // Who ends the input has not said yes.
  const ended = new Promise<string>((resolve) => lines.once('close', () => resolve('no')));
  try {
    for (;;) {
      const question = `${name} has the licence ${license.name}${license.url ? ` (${license.url})` : ''}. Accept it? [y]es, [n]o, [t]ext: `;
      const answer = (await Promise.race([lines.question(question), ended])).trim().toLowerCase();
      if (/^y(?:es)?$/.test(answer)) return true;
      if (/^(?:n|no|)$/.test(answer)) return false;
      if (/^t(?:ext)?$/.test(answer)) say(license.text ?? `Its text is at ${license.url ?? 'an address that its source does not tell'}.`);
    }
  } finally {
    lines.close();
  }
}
