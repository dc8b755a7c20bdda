import { mkdirSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { cacheFolderOf } from '../../src/plane/cacheFolder.ts';

/** A cache folder in `home` whose store of models is empty, and whose engines are those that all tests share. */
export function ownModelStore(home: string): string {
  const cache = path.join(home, 'cache');
  const engines = path.join(cacheFolderOf(process.env), 'engines');
  for (const folder of [cache, engines]) mkdirSync(folder, { recursive: true });
  symlinkSync(engines, path.join(cache, 'engines'), 'junction');
  return cache;
}
