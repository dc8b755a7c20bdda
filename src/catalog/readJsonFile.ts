import { readFile, stat } from 'node:fs/promises';

/** Bytes of such a file at most; tokenizers of large vocabularies have some ten million. */
const mostBytes = 64 << 20;

/** The JSON object or list in a small file beside a model; undefined where there is none that can be read. */
export async function readJsonFile(file: string): Promise<Record<string, unknown> | undefined> {
  if (((await stat(file).catch(() => undefined))?.size ?? Number.POSITIVE_INFINITY) > mostBytes) return undefined;
  try {
    const value: unknown = JSON.parse(await readFile(file, 'utf8'));
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
