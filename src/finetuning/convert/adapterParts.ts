import { stat } from 'node:fs/promises';
import path from 'node:path';
import { UserError } from '../../base/userError.ts';
import type { GgufHeader } from '../../catalog/headers/readGguf.ts';
import { readSafetensorsHeader, type SafeTensor } from '../../catalog/headers/readSafetensors.ts';
import { type AdapterConfig, adapterConfigOf, type RawConfig } from './adapterConfig.ts';
import { architectures } from './architectures.ts';
import { canConvert } from './canConvert.ts';
import { headsOf } from './heads.ts';
import { isSplit } from './readBase.ts';
import { readableTypes } from './weights.ts';

/** One of the two matrices that change a tensor of the base model. */
export interface AdapterMatrix extends SafeTensor {
  which: 'a' | 'b';
  change: Change;
}

/** How the adapter changes a tensor of the base model: by `scale * b * a`. */
export interface Change {
  /** Of the base model: `blk.0.attn_q.weight`. */
  tensor: string;
  rank: number;
  /** Numbers that go in, and that come out. */
  inputs: number;
  outputs: number;
  /** As PEFT multiplies it. */
  scale: number;
  /** Where the rows of `b` are in another order in llama.cpp. */
  heads: number | undefined;
  a: AdapterMatrix;
  b: AdapterMatrix;
}

export interface AdapterParts {
  /** The file with the weights. */
  file: string;
  architecture: string;
  config: AdapterConfig;
  /** All matrices, as they lie in the file. */
  matrices: AdapterMatrix[];
  /** By the base model's tensor. */
  changes: ReadonlyMap<string, Change>;
}

const name =
  /^base_model\.model\.((?:model\.|language_model\.|model\.language_model\.|language_model\.model\.)?layers\.(\d{1,6})\.([\w.]{1,100}))\.lora_([AB])\.weight$/;
/** Bytes of a matrix that is read at once. */
const mostBytes = 1 << 30;

/**
 * What an adapter consists of, from its header and that of the base model.
 * @throws {UserError} where it can't be converted, or does not fit the base model.
 */
export async function readAdapter(folder: string, raw: RawConfig, base: GgufHeader): Promise<AdapterParts> {
  const { can, reasons } = canConvert(raw, base);
  if (!can) throw notConvertible(folder, reasons);
  const file = path.join(folder, 'adapter_model.safetensors');
  await expectFile(folder, file);
  const architecture = String(base.keys.get('general.architecture'));
  const config = adapterConfigOf(raw);
  const tensors = await readSafetensorsHeader(file);
  const found = new Map<string, { modules: string; layer: number; a?: SafeTensor; b?: SafeTensor }>();
  const places: { tensor: string; which: 'a' | 'b' }[] = [];
  for (const tensor of tensors) {
    const match = name.exec(tensor.name);
    const own = match && architectures.get(architecture)!.modules.get(match[3]!);
    if (!match || !own)
      throw notConvertible(folder, [`${shown(tensor.name)} is not among what is converted for the architecture ${architecture}`]);
    if (!readableTypes.has(tensor.type)) throw notConvertible(folder, [`${shown(tensor.name)} has numbers of type ${tensor.type}`]);
    if (tensor.shape.length !== 2 || tensor.shape.includes(0)) throw notConvertible(folder, [`${shown(tensor.name)} is no matrix`]);
    if (tensor.to - tensor.from > mostBytes) throw notConvertible(folder, [`${shown(tensor.name)} is larger than a matrix of LoRA can be`]);
    const place = { tensor: `blk.${Number(match[2])}.${own}.weight`, which: match[4] === 'A' ? ('a' as const) : ('b' as const) };
    const pair = found.get(place.tensor) ?? { modules: match[1]!, layer: Number(match[2]) };
    if (pair[place.which] || pair.modules !== match[1]) throw notConvertible(folder, [`${shown(tensor.name)} is there twice`]);
    pair[place.which] = tensor;
    found.set(place.tensor, pair);
    places.push(place);
  }
  if (found.size === 0) throw notConvertible(folder, ['it has no weights']);
  const sizes = new Map(base.tensors.map((tensor) => [tensor.name, tensor]));
  const changes = new Map<string, Change>();
  for (const [tensor, { modules, layer, a, b }] of found) {
    if (!a || !b) throw notConvertible(folder, [`lora_${a ? 'B' : 'A'} of ${modules} is missing`]);
    const [rank, inputs, outputs] = [a.shape[0]!, a.shape[1]!, b.shape[0]!];
    if (b.shape[1] !== rank)
      throw notConvertible(folder, [`lora_A and lora_B of ${modules} have different ranks, ${rank} and ${b.shape[1]}`]);
    if (rank !== config.rank && !config.hasOwnRanks)
      throw notConvertible(folder, [`${modules} has rank ${rank}, and adapter_config.json says ${config.rank}`]);
    const size = sizes.get(tensor);
    if (!size && !isSplit(base)) throw otherBase(folder, `the base model has no ${tensor}`);
    if (size && (size.shape.length !== 2 || size.shape[0] !== inputs || size.shape[1] !== outputs))
      throw otherBase(folder, `${modules} is ${outputs} x ${inputs}, and in the base model it is ${size.shape.toReversed().join(' x ')}`);
    const heads = headsFor(folder, base, tensor, layer, outputs);
    const change: Change = { tensor, rank, inputs, outputs, scale: scaleOf(config, modules, rank), heads, a: undefined!, b: undefined! };
    change.a = { ...a, which: 'a', change };
    change.b = { ...b, which: 'b', change };
    changes.set(tensor, change);
  }
  return { file, architecture, config, changes, matrices: places.map(({ tensor, which }) => changes.get(tensor)![which]) };
}

/** As PEFT has it. */
function scaleOf(config: AdapterConfig, modules: string, rank: number): number {
  const alpha = config.ownAlphas.find(([pattern]) => pattern.test(modules))?.[1] ?? config.alpha;
  return alpha / (config.isRankStabilized ? Math.sqrt(rank) : rank);
}

function headsFor(folder: string, base: GgufHeader, tensor: string, layer: number, rows: number): number | undefined {
  const which = /\.(attn_[qk])\.weight$/.exec(tensor)?.[1] as 'attn_q' | 'attn_k' | undefined;
  if (!which || !architectures.get(String(base.keys.get('general.architecture')))!.isPermuted) return undefined;
  const heads = headsOf(base.keys, which, layer);
  if (!heads || rows % (heads * 2)) throw otherBase(folder, `${tensor} has ${rows} rows, which are not those of ${heads ?? 'any'} heads`);
  return heads;
}

async function expectFile(folder: string, file: string): Promise<void> {
  if ((await stat(file).catch(() => undefined))?.isFile()) return;
  const isPickle = await stat(path.join(folder, 'adapter_model.bin')).catch(() => undefined);
  throw new UserError(
    'MissingFile',
    `There is no ${file}.`,
    isPickle
      ? 'adapter_model.bin may hold code and is not read: save the adapter with safe_serialization=True.'
      : 'An adapter is the folder that save_pretrained of PEFT has written.',
  );
}

export const notConvertible = (folder: string, reasons: string[]): UserError =>
  new UserError('InvalidModelFile', `The adapter ${folder} can't be converted: ${reasons.join('; ')}.`);

const otherBase = (folder: string, why: string): UserError =>
  new UserError(
    'InvalidModelFile',
    `The adapter ${folder} does not fit the base model: ${why}.`,
    'Name the model that the adapter was trained from.',
  );

const shown = (text: string): string => JSON.stringify(text.slice(0, 200));
