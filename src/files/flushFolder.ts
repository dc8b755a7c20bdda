import { closeSync, fsync, openSync } from 'node:fs';
import type { open } from 'node:fs/promises';
import { promisify } from 'node:util';

const flush = promisify(fsync);

/** Settles when the names in a folder are on the disk: a file that was made or renamed is found after a power cut only then. */
export async function flushFolder(folder: string, opening?: typeof open): Promise<void> {
  // Windows opens no folders; its file systems keep their names safe by themselves.
  if (process.platform === 'win32') return;
  if (opening) {
    const handle = await opening(folder, 'r');
    return handle.sync().finally(() => handle.close());
  }
  // Every new log does this: opening takes microseconds, and only the disk is waited for.
  const handle = openSync(folder, 'r');
  try {
    await flush(handle);
  } finally {
    closeSync(handle);
  }
}
