import { cacheFolderOf } from '../src/plane/cacheFolder.ts';

/** The folder for downloaded tools, shared by all checkouts. */
export const cacheFolder = (): string => cacheFolderOf(process.env);
