/** Paths of the plane's machine, which may be of another system than the browser's. */

const parts = (path: string): string[] => path.split(/[\\/]/);

/** The folder of a file, with its separator; '' where there is none. */
export const folderOf = (file: string): string => /^.*[\\/]/s.exec(file)?.[0] ?? '';

export const nameOfFile = (file: string): string => parts(file).at(-1) ?? file;

/** A path as it is typed, without what may stand behind a folder. */
export const withoutEnd = (path: string): string => path.trim().replace(/(?<=[^\\/:])[\\/]+$/, '');

/** The file as it is seen from a folder: `./a.jsonl` where it is in it or below; else its whole path. */
export const pathFrom = (folder: string, file: string): string =>
  folder && file.startsWith(folder) ? `./${file.slice(folder.length).replaceAll('\\', '/')}` : file;

/** Whether it is a whole path, on Windows or elsewhere. */
export const isWholePath = (path: string): boolean => /^(?:\/|[A-Za-z]:[\\/]|\\\\)/.test(path);

/** What is shown of a long path. */
export const shortPath = (path: string): string => (path.length > 60 ? `…${path.slice(-59)}` : path);
