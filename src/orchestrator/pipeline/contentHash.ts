import { createHash } from 'node:crypto';
import { filesOf } from '../../client/filesOf.ts';
import type { PlaneClient } from '../../client/planeClient.ts';

/** SHA-256 of what is behind a uri: names and contents. The same content under another uri has the same hash. */
export async function contentHash(client: PlaneClient, uri: string): Promise<string> {
  const files = await filesOf(client, uri);
  const lines = files.map((file) => `${file.path}\0${file.sha256}`).sort();
  return createHash('sha256').update(lines.join('\n')).digest('hex');
}
