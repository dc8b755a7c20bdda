import type { Range } from '../../../base/ranges.ts';
import { sha256Of } from '../../../files/hash.ts';
import type { StoreReader } from '../../../store/store.ts';
import { unfinished } from '../../unfinishedUploads.ts';

/** Bytes of a file that have arrived, and the content that they are kept as. */
export interface ArrivedRange extends Range {
  content: string;
}

const pageSize = 1000;

/** Where ranges of a content are kept until all of them are there. Each principal has its own: nobody can spoil what another one sends. */
export const rangesFolder = ({ principal }: Pick<StoreReader, 'principal'>, sha256: string): string =>
  `${sha256Of(principal.id)}/${sha256}`;

export const rangePath = (folder: string, { start, length }: Range): string => `${folder}/${start}-${length}`;

/** What has arrived of a content, in any order. */
export async function arrivedRanges(store: StoreReader, sha256: string): Promise<ArrivedRange[]> {
  const folder = rangesFolder(store, sha256);
  const ranges: ArrivedRange[] = [];
  for (let after = ''; ; ) {
    const page = await store.blobsFrom(unfinished.ranges, `${folder}/`, after, pageSize);
    for (const { path, size, sha256: content } of page)
      ranges.push({ start: Number.parseInt(path.slice(folder.length + 1), 10), length: size, content });
    if (page.length < pageSize) return ranges;
    after = page.at(-1)!.path;
  }
}
