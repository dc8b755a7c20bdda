import { existsSync, type FSWatcher, watch } from 'node:fs';
import path from 'node:path';
import type { Disposable } from '../base/disposable.ts';
import { readLock } from '../plane/lock.ts';

/** Calls `onUp` now and whenever a plane says in its data folder where it is. The folder need not be there yet. */
export function watchPlane(dataFolder: string, onUp: () => void): Disposable {
  let watcher: FSWatcher | undefined;
  let watched = '';
  const follow = (): void => {
    const folder = nearestFolder(dataFolder);
    if (folder !== watched) {
      watcher?.close();
      watched = folder;
      try {
        // The plane writes a lot beside that file.
        const awaited = path.relative(folder, path.join(dataFolder, 'plane.json')).split(path.sep)[0];
        watcher = watch(folder, { persistent: false }, (_event, name) => (name === null || name === awaited) && look());
        watcher.on('error', () => {});
      } catch {
        // Where nothing can be watched, the plane is looked for at each check.
      }
    }
  };
  const look = (): void => {
    follow();
    if (watched === dataFolder && readLock(dataFolder)) onUp();
  };
  look();
  return { dispose: () => watcher?.close() };
}

/** The folder, or the nearest one above it that is there. */
function nearestFolder(folder: string): string {
  let at = folder;
  while (!existsSync(at) && at !== path.dirname(at)) at = path.dirname(at);
  return at;
}
