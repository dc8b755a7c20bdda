import type { PlaneClient } from '../../../src/client/planeClient.ts';
import { extensionOf } from './fileIcon.ts';
import type { FileNode } from './fileNode.ts';
import { parseTable, type Table } from './table.ts';

const MB = 1_000_000;
/** How much of a file is read to show it, in bytes. Images and JSON need all of it. */
export const limits = { text: 2 * MB, table: 2 * MB, json: 5 * MB, image: 25 * MB };

/** What is shown of a file. `total` is its size in bytes, where known; `isCut` when only its beginning was read. */
export type Content =
  | { kind: 'text'; lines: string[]; isCut: boolean; total?: number; note?: string }
  | { kind: 'table'; table: Table; isCut: boolean; total?: number }
  | { kind: 'json'; value: unknown }
  | { kind: 'image'; blob: Blob }
  | { kind: 'none'; reason: string };

const images: Record<string, string> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  gif: 'image/gif',
  webp: 'image/webp',
  svg: 'image/svg+xml',
};

/** Reads as much of a file as its preview needs. */
export async function readContent(client: PlaneClient, node: FileNode): Promise<Content> {
  const extension = extensionOf(node.name);
  if (extension === 'parquet')
    return { kind: 'none', reason: 'Parquet tables can’t be shown here yet. Save the file and read it with pandas or DuckDB.' };
  const image = images[extension];
  if (image) {
    const { bytes, isCut } = await readUpTo(await node.read!(client, limits.image), limits.image);
    if (isCut) return { kind: 'none', reason: tooLarge('An image', limits.image) };
    return { kind: 'image', blob: new Blob([bytes], { type: image }) };
  }
  const isTable = extension === 'csv' || extension === 'tsv';
  const isJson = extension === 'json' || extension === 'ipynb';
  const limit = isJson ? limits.json : isTable ? limits.table : limits.text;
  const response = await node.read!(client, limit);
  const { bytes, isCut } = await readUpTo(response, limit);
  const total = node.size ?? sizeOf(response) ?? (isCut ? undefined : bytes.byteLength);
  if (isBinary(bytes)) return { kind: 'none', reason: 'This file is not text, so there is nothing to show. Save it to use it.' };
  // The cut may fall inside a character.
  const text = new TextDecoder().decode(bytes);
  if (isJson && !isCut) {
    try {
      return { kind: 'json', value: JSON.parse(text) };
    } catch (error) {
      return {
        kind: 'text',
        lines: linesOf(text),
        isCut,
        note: `This is not valid JSON: ${(error as Error).message}`,
        ...(total === undefined ? {} : { total }),
      };
    }
  }
  if (isTable)
    return {
      kind: 'table',
      table: parseTable(isCut ? text.slice(0, text.lastIndexOf('\n') + 1) : text, extension === 'tsv' ? '\t' : undefined),
      isCut,
      ...(total === undefined ? {} : { total }),
    };
  return { kind: 'text', lines: linesOf(text), isCut, ...(total === undefined ? {} : { total }) };
}

const tooLarge = (what: string, bytes: number) => `${what} of more than ${bytes / MB} MB is not shown. Save the file to look at it.`;
const linesOf = (text: string) => (text.endsWith('\n') ? text.slice(0, -1) : text).split(/\r?\n/);
/** A NUL in the first bytes, as git decides it. */
const isBinary = (bytes: Uint8Array) => bytes.subarray(0, 8000).includes(0);

function sizeOf(response: Response): number | undefined {
  const match = /\/(\d+)$/.exec(response.headers.get('content-range') ?? '');
  return match ? Number(match[1]) : undefined;
}

/** At most `limit` bytes of an answer; the rest is not fetched. */
export async function readUpTo(response: Response, limit: number): Promise<{ bytes: Uint8Array<ArrayBuffer>; isCut: boolean }> {
  const total = sizeOf(response);
  const pieces: Uint8Array[] = [];
  let length = 0;
  const reader = response.body?.getReader();
  while (reader && length < limit) {
    const { done, value } = await reader.read();
    if (done) break;
    pieces.push(value);
    length += value.byteLength;
  }
  const isMore =
    reader !== undefined &&
    length >= limit &&
    (await reader.read().then(
      ({ done }) => !done,
      () => false,
    ));
  reader?.cancel().catch(() => {});
  const bytes = new Uint8Array(Math.min(length, limit));
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece.subarray(0, bytes.byteLength - at), at);
    at += Math.min(piece.byteLength, bytes.byteLength - at);
  }
  return { bytes, isCut: total !== undefined ? total > bytes.byteLength : length > limit || isMore };
}
