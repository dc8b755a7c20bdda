import { enableCompileCache, flushCompileCache } from 'node:module';

/** Keeps what Node compiles of the program in a folder for its next start. To be called before the rest of the program is loaded. Where that can't be written it starts as ever. */
export function keepCompiled(folder: string): void {
  enableCompileCache(folder);
}

/** Writes it now: by the end of a process, which may be a kill, is too late. Does nothing where no folder was given. */
export const writeCompiled = (): void => flushCompileCache();
