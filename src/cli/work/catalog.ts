import { stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { formatBytes, formatCount } from '../../base/text.ts';
import { UserError } from '../../base/userError.ts';
import { findModels } from '../../catalog/findModels.ts';
import { type Fit, fitOf, type Machine, roughFit } from '../../catalog/fit.ts';
import { type KnownModel, knownModels } from '../../catalog/knownModels.ts';
import type { LocalModel } from '../../catalog/localModel.ts';
import { placesOf } from '../../catalog/places.ts';
import { cacheFolderOf } from '../../plane/cacheFolder.ts';
import { machineForModels } from '../machineForModels.ts';
import type { Outcome } from '../output/outcome.ts';
import { list, type Parsed } from '../parsed.ts';
import { tableOf } from '../textParts.ts';

/** The models that are files of this machine, and which of them it can run; then those that can be got by their name. */
export async function listCatalog(parsed: Parsed): Promise<Outcome> {
  const folders = list(parsed, 'folder').map((each) => path.resolve(each));
  for (const folder of folders)
    if (!(await stat(folder).catch(() => undefined))?.isDirectory())
      throw new UserError('InvalidArgument', `--folder: there is no folder ${folder}.`);
  const machine = await machineForModels();
  const models = (await findModels(placesOf(process.env, homedir(), cacheFolderOf(process.env), folders))).map((model) => ({
    model,
    fit: fitOf(model, machine),
  }));
  const here = new Set(models.map(({ model }) => model.name));
  const toGet = knownModels.filter(({ name }) => !here.has(name));
  return {
    value: [...models.map(answerOf), ...toGet.map((known) => answerOfKnown(known, machine))],
    text: () => `${textOf(models)}\n\n${toGetText(toGet)}`,
    table: () => [...models.map((judged) => cellsOf(judged)), ...toGet.map(cellsOfKnown)].map(rowOf),
  };
}

function answerOfKnown({ name, what, license, quantization, bytes }: KnownModel, machine: Machine) {
  return {
    name,
    source: 'to get',
    files: [],
    download_bytes: bytes,
    license,
    quantization,
    description: what,
    to_get: true,
    fit: roughFit(bytes, machine),
  };
}

const cellsOfKnown = ({ name, parameters, quantization, bytes, license }: KnownModel): (string | undefined)[] => [
  name,
  parameters,
  quantization,
  undefined,
  formatBytes(bytes),
  license,
  'to get',
  'not there yet',
];

function toGetText(models: readonly KnownModel[]): string {
  if (models.length === 0) return '"updraft model search" looks for more models to get.';
  const rows = models.map(({ name, parameters, quantization, bytes, license, what }) => [
    name,
    parameters,
    quantization,
    formatBytes(bytes),
    license,
    what,
  ]);
  return `To get with "updraft model get NAME" ("updraft model search" finds more):\n\n${tableOf(['NAME', 'PARAMETERS', 'QUANTIZATION', 'DOWNLOAD', 'LICENSE', 'GOOD FOR'], rows, '')}`;
}

interface Judged {
  model: LocalModel;
  fit: Fit;
}

function answerOf({ model: { name, place, files, bytes, facts, problem }, fit }: Judged) {
  return { name, source: place.label, files, size_bytes: bytes, ...facts, problem, fit };
}

const headings = ['NAME', 'PARAMETERS', 'QUANTIZATION', 'CONTEXT', 'SIZE', 'LICENSE', 'SOURCE', 'HERE'];

const cellsOf = ({ model: { name, place, bytes, facts }, fit }: Judged): (string | undefined)[] => [
  name,
  facts && formatCount(facts.parameters),
  facts?.quantization,
  facts?.contextLength?.toLocaleString('en'),
  formatBytes(bytes),
  facts?.license,
  place.label,
  fit.runs === true
    ? `runs${fit.onGpu === 'whole' ? ' on the GPU' : fit.onGpu ? ', in part on the GPU' : ''}${fit.context ? `, context ${fit.context.toLocaleString('en')}` : ''}`
    : fit.runs === 'later'
      ? 'not now'
      : 'no',
];

const rowOf = (cells: (string | undefined)[]) => Object.fromEntries(cells.map((cell, at) => [headings[at]!.toLowerCase(), cell]));

function textOf(models: Judged[]): string {
  const table = tableOf(
    headings,
    models.map(cellsOf),
    "There is no model on this machine where it is looked for: Updraft's own store, the Hugging Face cache, and the stores of Ollama and LM Studio. Add --folder DIR to look elsewhere.",
  );
  const reasons = models.flatMap(({ model, fit }) => (fit.runs === true ? [] : [`${model.name}: ${fit.why}`]));
  return [table, ...reasons].join('\n');
}
