import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** What `configure --defaults` keeps for a data folder, by `az`'s names: `group`, `workspace`, `location`. */
export type Defaults = Record<string, string>;

const fileIn = (dataFolder: string): string => path.join(dataFolder, 'defaults.json');

/** What is kept; nothing where the file is none of ours. */
export function readDefaults(dataFolder: string): Defaults {
  try {
    const value: unknown = JSON.parse(readFileSync(fileIn(dataFolder), 'utf8'));
    const entries = typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value) : [];
    return Object.fromEntries(entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
  } catch {
    return {};
  }
}

/** Keeps further ones; an empty text forgets one. */
export function writeDefaults(dataFolder: string, given: Defaults): void {
  const all = Object.entries({ ...readDefaults(dataFolder), ...given }).filter(([, value]) => value !== '');
  mkdirSync(dataFolder, { recursive: true });
  writeFileSync(fileIn(dataFolder), `${JSON.stringify(Object.fromEntries(all), null, 2)}\n`);
}
