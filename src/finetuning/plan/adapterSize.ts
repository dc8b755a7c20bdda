import type { GgufHeader } from '../../catalog/headers/readGguf.ts';
import { architectures } from '../convert/architectures.ts';

/** What of a model decides how long a training takes, and how much memory. */
export interface ModelSize {
  parameters: number;
  layers: number;
  /** Numbers of a token between two layers. */
  width: number;
}

/** Undefined where the header does not tell. */
export function modelSizeOf({ keys, tensors }: GgufHeader): ModelSize | undefined {
  const architecture = String(keys.get('general.architecture'));
  const [layers, width] = [Number(keys.get(`${architecture}.block_count`)), Number(keys.get(`${architecture}.embedding_length`))];
  if (!(layers > 0 && width > 0)) return undefined;
  return { parameters: tensors.reduce((sum, { shape }) => sum + shape.reduce((product, each) => product * each, 1), 0), layers, width };
}

/** Weights of an adapter of a rank: its two matrices for each layer that it changes. `targets` are names of modules, or `all-linear`. */
export function adapterSize({ keys, tensors }: GgufHeader, rank: number, targets: string): number {
  const modules = architectures.get(String(keys.get('general.architecture')))?.modules ?? new Map<string, string>();
  const wanted = targetsOf(targets);
  const names = new Set(
    [...modules].filter(([module]) => wanted === 'all-linear' || wanted.includes(module.split('.').at(-1)!)).map(([, name]) => name),
  );
  return tensors
    .filter(({ name }) => names.has(/^blk\.\d+\.(\w+)\.weight$/.exec(name)?.[1] ?? ''))
    .reduce((sum, { shape: [inputs = 0, outputs = 0] }) => sum + rank * (inputs + outputs), 0);
}

/** Names with commas between them, as the hyperparameter has them. */
export const targetsOf = (text: string): 'all-linear' | string[] =>
  text.trim() === 'all-linear'
    ? 'all-linear'
    : text
        .split(',')
        .map((each) => each.trim())
        .filter(Boolean);
