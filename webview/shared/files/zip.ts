import { downloadZip, type InputWithMeta } from 'client-zip';
import type { PlaneClient } from '../../../src/client/planeClient.ts';
import type { FileNode } from './fileNode.ts';

/** Every file below some nodes as one zip file, in folders as the tree has them. */
export function zip(client: PlaneClient, nodes: readonly FileNode[]): Promise<Blob> {
  return downloadZip(filesBelow(client, nodes, '')).blob();
}

/** One after another: the next file is asked for when the one before is in the zip. */
async function* filesBelow(client: PlaneClient, nodes: readonly FileNode[], folder: string): AsyncGenerator<InputWithMeta> {
  for (const node of nodes) {
    const name = `${folder}${node.name.replaceAll(/[\\/]/g, '_')}`;
    if (node.list) yield* filesBelow(client, await node.list(client), `${name}/`);
    else if (node.read) yield { name, input: await node.read(client) };
  }
}
