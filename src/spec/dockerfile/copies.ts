import { imagePath } from './imagePath.ts';
import { jsonWords } from './jsonWords.ts';
import { Refused } from './refused.ts';
import { wordsOf } from './shellCommands.ts';

/** A file or folder of the context that an instruction puts into the image. */
export interface Copy {
  line: number;
  source: string;
  readonly isUsed: boolean;
  use(): void;
  /** Where in the context may lie what has that path in the image: one or none of them does. */
  sourcesOf(path: string): string[];
}

/** Reads COPY and ADD; `folder` is the folder of the image in which they work. */
export function copiedPaths(rest: string, line: number, variables: Record<string, string>, folder: string): Copy[] {
  const words = rest.startsWith('[') ? jsonWords(rest) : wordsOf(rest, variables);
  const from = words.find((word) => word.startsWith('--from='));
  // uv as a program of its own: it is here anyway.
  if (from && /astral-sh\/uv/.test(from)) return [];
  if (from) throw new Refused('a second image is not built here.');
  const paths = words.filter((word) => !word.startsWith('--'));
  const target = paths.pop();
  if (target === undefined || paths.length === 0) throw new Refused('it names no files and their place.');
  return paths.map((given) => {
    if (/^(?:https?|ftp|git):|^git@/.test(given)) throw new Refused('what is downloaded into an image is not here.');
    const source = imagePath('/', given).slice(1);
    const place = imagePath(folder, target);
    let isUsed = false;
    return {
      line,
      source: given,
      get isUsed() {
        return isUsed;
      },
      use() {
        isUsed = true;
      },
      sourcesOf: (path) => sourcesOf(path, source, place),
    };
  });
}

/** A file has the place's own name or lies in it under its own; of a folder, the content lies in it. */
function sourcesOf(path: string, source: string, place: string): string[] {
  if (path === place) return [source];
  const prefix = place === '/' ? '/' : `${place}/`;
  if (!path.startsWith(prefix)) return [];
  const within = path.slice(prefix.length);
  const name = source.split('/').at(-1)!;
  const fits = name.includes('*')
    ? new RegExp(`^${name.replace(/[.+^${}()|[\]\\]/g, '\\$&').replaceAll('*', '[^/]*')}$`).test(within)
    : within === name;
  const parent = source.split('/').slice(0, -1);
  return [...(fits ? [[...parent, within].join('/')] : []), ...(name.includes('*') ? [] : [[source, within].filter(Boolean).join('/')])];
}
