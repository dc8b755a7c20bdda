import type { FileHandle } from 'node:fs/promises';
import { UserError } from '../../base/userError.ts';
import { readSpan } from '../../files/readSpan.ts';
import type { AdapterMatrix } from './adapterParts.ts';
import { permuteRows } from './permuteRows.ts';
import { largestOf, weightsOfBytes } from './weights.ts';

/** The numbers of a matrix of an adapter, with its rows in the order of llama.cpp. */
export async function readMatrix(handle: FileHandle, { name, type, from, to, which, change }: AdapterMatrix): Promise<Float32Array> {
  const weights = weightsOfBytes(await readSpan(handle, { from, to }), type);
  if (!Number.isFinite(largestOf(weights)))
    throw new UserError(
      'InvalidModelFile',
      `${name} of the adapter has numbers that are infinite or no numbers: the training has failed.`,
      'A lower learning rate may help.',
    );
  return which === 'b' && change.heads ? permuteRows(weights, change.outputs, change.rank, change.heads) : weights;
}
