import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';

/**
 * Lets the programs of an environment's packages run on the Python that comes first on the PATH. In a job that is the one of its own layer, which sees what the
 * job has installed.
 */
export async function onFirstPython(bin: string): Promise<void> {
  if (process.platform === 'win32') return;
  for (const entry of await readdir(bin, { withFileTypes: true }).catch(() => [])) {
    if (!entry.isFile()) continue;
    const file = path.join(bin, entry.name);
    const before = await readFile(file, 'latin1');
    const after = withFirstPython(before);
    if (after !== before) await writeFile(file, after, 'latin1');
  }
}

/** A script for Python starts with the path of one, or where that is too long, as a script of the shell that becomes it. */
const withFirstPython = (script: string): string =>
  script
    .replace(/^#!\S*\/python[\d.]*(?=\r?\n)/, '#!/usr/bin/env python')
    .replace(/^(#!\/bin\/sh\r?\n'''exec' ).*(?= "\$0" "\$@"\r?\n)/, '$1python');
