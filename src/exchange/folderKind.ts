import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { manifestFile } from './folder/format.ts';

/** What a folder holds that may be imported: one of our own exports, MLflow's files, or those of Weights & Biases; undefined for anything else. */
export function folderKind(folder: string): 'export' | 'mlruns' | 'wandb' | undefined {
  if (existsSync(path.join(folder, manifestFile))) return 'export';
  const inside = readdirSync(folder, { withFileTypes: true });
  const has = (entry: string, file: string) => existsSync(path.join(folder, entry, file));
  const folders = inside.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  if (folders.some((name) => has(name, 'meta.yaml')) || inside.some(({ name }) => name === '.trash')) return 'mlruns';
  const isRun = (name: string) => /^(?:offline-)?run-/.test(name);
  if (inside.some(({ name }) => name.endsWith('.wandb')) || folders.some((name) => name === 'wandb' || isRun(name))) return 'wandb';
  return undefined;
}
