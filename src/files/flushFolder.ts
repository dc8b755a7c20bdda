import { open } from 'node:fs/promises';

/** Settles when the names in a folder are on the disk: a file that was made or renamed is found after a power cut only then. */
export async function flushFolder(folder: string, opening: typeof open = open): Promise<void> {
  // Windows opens no folders; its file systems keep their names safe by themselves.
  if (process.platform === 'win32') return;
  const handle = await opening(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
