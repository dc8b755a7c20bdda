import { plural } from '../../../src/base/text.ts';
import { messageOf, UserError } from '../../../src/base/userError.ts';
import type { PlaneClient } from '../../../src/client/planeClient.ts';
import { extensionOf } from './fileIcon.ts';
import type { FileNode } from './fileNode.ts';
import { mostPixels, pixelsOf } from './previews/imageSize.ts';
import { type NotebookPart, notebookParts } from './previews/notebook.ts';
import { pythonJson } from './pythonJson.ts';
import { readUpTo, sizeOf } from './readUpTo.ts';
import { parseTable, type Table } from './table.ts';

const MB = 1_000_000;
/** How much of a file is read to show it, in bytes. Images and JSON need all of it. */
export const limits = { text: 2 * MB, table: 2 * MB, json: 5 * MB, image: 25 * MB };

/** What is shown of a file. `total` is the size of the file in bytes, where it is known. `isCut` is true when only the beginning of the file was read. `pixels` is the number of pixels of an image, 0 for an image without a size of its own, such as an SVG. */
export type Content =
  | { kind: 'text'; lines: string[]; isCut: boolean; total?: number; note?: string }
  | { kind: 'table'; table: Table; isCut: boolean; total?: number; note?: string }
  | { kind: 'markdown'; text: string }
  | { kind: 'html'; text: string }
  | { kind: 'notebook'; parts: NotebookPart[] }
  | { kind: 'json'; value: unknown }
  | { kind: 'image'; blob: Blob; pixels: number }
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
  if (extension === 'parquet') return parquet(client, node);
  if (extension === 'npy') return npy(client, node);
  const image = images[extension];
  if (image) {
    const { bytes, isCut } = await readUpTo(await node.read!(client, limits.image), limits.image);
    if (isCut) return { kind: 'none', reason: tooLarge('An image', limits.image) };
    const pixels = extension === 'svg' ? 0 : pixelsOf(bytes);
    // What does not say how large it is could be of any size.
    if (pixels === undefined)
      return { kind: 'none', reason: 'This image can’t be read. It may be incomplete, or of another type than its name says.' };
    if (pixels > mostPixels)
      return {
        kind: 'none',
        reason: `This image has ${(pixels / 1e6).toFixed(0)} million pixels, which is too many to show. Save it to look at it.`,
      };
    return { kind: 'image', blob: new Blob([bytes], { type: image }), pixels };
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
      const value = pythonJson(text);
      const parts = extension === 'ipynb' ? notebookParts(value) : undefined;
      return parts ? { kind: 'notebook', parts } : { kind: 'json', value };
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
  if (extension === 'md' && !isCut) return { kind: 'markdown', text };
  if ((extension === 'html' || extension === 'htm') && !isCut) return { kind: 'html', text };
  if (isTable)
    return {
      kind: 'table',
      table: parseTable(isCut ? text.slice(0, text.lastIndexOf('\n') + 1) : text, extension === 'tsv' ? '\t' : undefined),
      isCut,
      ...(total === undefined ? {} : { total }),
    };
  return { kind: 'text', lines: linesOf(text), isCut, ...(total === undefined ? {} : { total }) };
}

/** A table of which only the parts are read that its first rows need: where they are stands at the end of the file. */
async function parquet(client: PlaneClient, node: FileNode): Promise<Content> {
  const size = node.size ?? sizeOf(await node.read!(client, 1));
  if (size === undefined)
    return { kind: 'none', reason: 'The size of this file is not known, so it can’t be read from its end. Save it to use it.' };
  const slice = async (start: number, end = size) => {
    const [from, to] = [start < 0 ? size + start : start, end < 0 ? size + end : end];
    return (await node.read!(client, to - from, from)).arrayBuffer();
  };
  const { readParquet } = await import('./previews/parquet.ts');
  try {
    const { table, rows, columns } = await readParquet({ byteLength: size, slice });
    const types = columns.map(({ name, type }) => `${name}: ${type}`).join(', ');
    const counts = `${plural(rows, 'row')}, ${plural(columns.length, 'column')}`;
    if (!table)
      return { kind: 'none', reason: `A table of ${counts}, whose rows are too large to show. Its columns: ${types.slice(0, 2000)}` };
    const isCut = table.rows.length < rows;
    return {
      kind: 'table',
      table,
      isCut,
      note: isCut ? `${counts} · only the first ${plural(table.rows.length, 'row')} are shown` : counts,
    };
  } catch (error) {
    if (error instanceof UserError) throw error;
    return {
      kind: 'none',
      reason: `This Parquet file can’t be read: ${messageOf(error)} It may have been cut off. Save the file to look at it.`,
    };
  }
}

async function npy(client: PlaneClient, node: FileNode): Promise<Content> {
  const { bytes } = await readUpTo(await node.read!(client, limits.table), limits.table);
  const { readNpy } = await import('./previews/npy.ts');
  try {
    const { shape, type, table } = readNpy(bytes);
    const note = `An array of shape ${shape}, type ${type}`;
    return table ? { kind: 'table', table, isCut: false, note } : { kind: 'none', reason: `${note}, whose values can’t be shown.` };
  } catch (error) {
    return { kind: 'none', reason: `This array can’t be read: ${messageOf(error)} Save the file to look at it.` };
  }
}

const tooLarge = (what: string, bytes: number) => `${what} of more than ${bytes / MB} MB is not shown. Save the file to look at it.`;
const linesOf = (text: string) => (text.endsWith('\n') ? text.slice(0, -1) : text).split(/\r?\n/);
/** A NUL in the first bytes, as git decides it. */
const isBinary = (bytes: Uint8Array) => bytes.subarray(0, 8000).includes(0);
