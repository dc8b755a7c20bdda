import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { UserError } from '../../base/userError.ts';

/** What `adapter_config.json` of PEFT says, of which nothing is known to be right yet. */
export type RawConfig = Readonly<Record<string, unknown>>;

/** What is used of it. */
export interface AdapterConfig {
  rank: number;
  alpha: number;
  isRankStabilized: boolean;
  /** Some modules have a rank of their own, which their tensors tell. */
  hasOwnRanks: boolean;
  /** Alphas of some modules, by a pattern of their name. */
  ownAlphas: [pattern: RegExp, alpha: number][];
}

/** Bytes that the file may have; real ones have some thousand. */
const mostBytes = 1 << 20;
/** Characters of a pattern. */
const longestPattern = 300;

/** Reads `adapter_config.json`, by its path or that of its folder. */
export async function readAdapterConfig(fileOrFolder: string): Promise<RawConfig> {
  const found = await stat(fileOrFolder).catch(() => undefined);
  const file = found?.isDirectory() ? path.join(fileOrFolder, 'adapter_config.json') : fileOrFolder;
  const { size } = (await stat(file).catch(() => undefined)) ?? {};
  if (size === undefined)
    throw new UserError('MissingFile', `There is no ${file}.`, 'An adapter is the folder that save_pretrained of PEFT has written.');
  if (size > mostBytes)
    throw new UserError('InvalidModelFile', `${file} has ${size.toLocaleString('en')} bytes: it is no adapter_config.json.`);
  let value: unknown;
  try {
    value = JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    throw new UserError('InvalidModelFile', `${file} is no JSON: ${(error as Error).message}`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new UserError('InvalidModelFile', `${file} is no JSON object.`);
  return value as RawConfig;
}

/** What is used of a configuration that `canConvert` has nothing against. */
export const adapterConfigOf = (raw: RawConfig): AdapterConfig => ({
  rank: raw.r as number,
  alpha: raw.lora_alpha as number,
  isRankStabilized: raw.use_rslora === true,
  hasOwnRanks: Object.keys((raw.rank_pattern as object | undefined | null) ?? {}).length > 0,
  ownAlphas: Object.entries((raw.alpha_pattern as Record<string, number> | undefined | null) ?? {}).map(([pattern, alpha]) => [
    patternOf(pattern)!,
    alpha,
  ]),
});

/**
 * A pattern as PEFT matches it: a regular expression for the end of a module's name. Undefined where it is none that is safe to try: one with repetitions within
 * repetitions may take for ever.
 */
export function patternOf(pattern: string): RegExp | undefined {
  if (pattern.length > longestPattern || /[)\]}][*+{]|\(\?/.test(pattern) || (pattern.match(/[*+{]/g) ?? []).length > 3) return undefined;
  try {
    return new RegExp(`^(?:.*\\.)?(?:${pattern})$`);
  } catch {
    return undefined;
  }
}
