import { UserError } from '../../base/userError.ts';
import type { Pair } from '../pair.ts';
import { filesAt } from './filesAt.ts';
import { sendFiles } from './sendFiles.ts';
import { SourceChanged } from './sourceChanged.ts';

/** Times that a folder is looked at anew because its files changed while they were sent. */
const mostLooks = 5;

/**
 * Sends what a folder has and the other plane has not, or with other content; answers how many files there were to send, and their bytes. What a cut has let through is not sent again, and of a large
 * file of which another version is there only what differs. A file that changes meanwhile is sent as it is then. Throws `Conflict` when files do not stop changing.
 */
export async function copyFiles({ from, to, signal }: Pair, container: string, folder: string): Promise<{ files: number; bytes: number }> {
  const sent = new Map<string, number>();
  for (let look = 0; ; look++) {
    const [here, there] = await Promise.all([from, to].map((client) => filesAt(client, container, folder, signal)));
    const missing = [...here!].flatMap(([path, { sha256, size }]) =>
      sha256 === undefined || size === undefined || there!.get(path)?.sha256 === sha256
        ? []
        : [{ path: path === '' ? folder : `${folder}/${path}`, sha256, size }],
    );
    for (const { path, size } of missing) sent.set(path, size);
    try {
      await sendFiles({ from, to, signal }, container, missing);
      return { files: sent.size, bytes: [...sent.values()].reduce((sum, size) => sum + size, 0) };
    } catch (error) {
      if (!(error instanceof SourceChanged)) throw error;
      if (look + 1 === mostLooks)
        throw new UserError(
          'Conflict',
          `Files changed again and again while they were sent: ${error.message}`,
          'Send them when nothing writes to them.',
        );
    }
  }
}
