import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { withFileLock } from '../files/fileLock.ts';
import { sha256Of } from '../files/hash.ts';
import type { License } from './sources/modelSource.ts';

/** That someone of this machine accepted a licence. */
interface Acceptance {
  license: string;
  /** SHA-256 of its name and text, or of where the text is: another text is another licence. */
  key: string;
  /** For which it was accepted first. */
  model: string;
  /** In ISO 8601. */
  at: string;
}

const fileName = 'accepted-licenses.json';

/** Tells a licence with its text from all others. */
export const licenseKey = ({ name, text, url }: License): string => sha256Of(`${name.toLowerCase()}\n${text ?? url ?? ''}`);

async function accepted(store: string): Promise<Acceptance[]> {
  try {
    const list = JSON.parse(await readFile(path.join(store, fileName), 'utf8'));
    return Array.isArray(list) ? list : [];
  } catch {
    return [];
  }
}

/** Whether a licence was accepted before, for whichever model. */
export async function isAccepted(store: string, license: License): Promise<boolean> {
  const key = licenseKey(license);
  return (await accepted(store)).some((each) => each.key === key);
}

/** Notes that a licence was accepted. */
export async function accept(store: string, license: License, model: string, now: Date): Promise<void> {
  await mkdir(store, { recursive: true });
  await withFileLock(path.join(store, '.locks', 'licenses'), async () => {
    const before = await accepted(store);
    const list = [...before, { license: license.name, key: licenseKey(license), model, at: now.toISOString() }];
    const file = path.join(store, fileName);
    await writeFile(`${file}.new`, `${JSON.stringify(list, null, 2)}\n`, { flush: true });
    await rename(`${file}.new`, file);
  });
}
