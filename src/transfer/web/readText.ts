import { chunksUpTo } from '../../base/chunksUpTo.ts';
import { UserError } from '../../base/userError.ts';
import { withRetries } from '../withRetries.ts';
import { asUnreachable, type WebAddress } from './webAddress.ts';

/** The text that an address answers with, of at most `most` bytes, and the kind that it says it is. */
export async function readText(
  address: WebAddress,
  headers: Record<string, string>,
  most: number,
  signal?: AbortSignal,
): Promise<{ text: string; type: string }> {
  const read = async () => {
    const response = await address.open(headers, signal);
    const chunks = await chunksUpTo((response.body ?? []) as AsyncIterable<Uint8Array>, most);
    if (!chunks)
      throw new UserError(
        'InputUnavailable',
        `${address.shown} answers with more than ${most.toLocaleString('en')} bytes, which can't be right.`,
      );
    return { text: Buffer.concat(chunks).toString('utf8'), type: response.headers.get('content-type') ?? '' };
  };
  try {
    return await withRetries(read, { signal });
  } catch (error) {
    throw asUnreachable(error, address.shown);
  }
}

/** The JSON that an address answers with. */
export async function readJson(address: WebAddress, headers: Record<string, string>, most: number, signal?: AbortSignal): Promise<unknown> {
  const { text } = await readText(address, { accept: 'application/json', ...headers }, most, signal);
  try {
    return JSON.parse(text);
  } catch {
    throw new UserError('InputUnavailable', `${address.shown} answers with something that is no JSON.`, 'Check the address.');
  }
}
