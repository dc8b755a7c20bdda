import { isLocalPath } from './paths.ts';

/**
 * One line of a requirements file, by what it means: a package or an option that stays as it is, another file of such lines (`-r`), or something of this
 * machine: constraints, a folder of wheels, a package's own folder or file, which stands between `before` and `after`.
 */
export type PipLine = { kind: 'plain' } | { kind: 'lines'; path: string } | { kind: 'local'; before: string; path: string; after: string };

/** Reads a line of a requirements file or an entry of a conda file's `pip`. */
export function pipLine(line: string): PipLine {
  const option = /^(-r|--requirement|-c|--constraint|-f|--find-links|-e|--editable)(?:\s*=\s*|\s+|(?<=^-[rcfe]))(.+)$/.exec(line.trim());
  const [, name, given] = option ?? [];
  const value = (given ?? line).trim().replace(/^(['"])(.*)\1$/, '$2');
  if (!isOfThisMachine(value)) return { kind: 'plain' };
  if (name === '-r' || name === '--requirement') return { kind: 'lines', path: value };
  if (name === '-c' || name === '--constraint') return { kind: 'local', before: '-c ', path: value, after: '' };
  if (name === '-f' || name === '--find-links') return { kind: 'local', before: '--find-links ', path: value, after: '' };
  const isEditable = name !== undefined;
  if (!isEditable && line.trim().startsWith('-')) return { kind: 'plain' };
  // `name @ ./folder`, `./folder[extra]`, `./wheel.whl ; python_version < "3.9"`
  const [, before = '', place = '', after = ''] = /^([\w.-]+(?:\[[^\]]*\])?\s*@\s*)?(.*?)(\[[^\]]*\])?(?:\s*[;#].*|\s+--hash.*)?$/.exec(
    value,
  )!;
  const isPath = isEditable || before !== '' || /^(?:file:|\.{0,2}[/\\]|\.{1,2}$|[A-Za-z]:[\\/])/.test(place) || isArchive(place);
  return isPath ? { kind: 'local', before: `${isEditable ? '-e ' : ''}${before}`, path: place, after } : { kind: 'plain' };
}

const isArchive = (text: string): boolean => /^[^\s@]+\.(?:whl|zip|tar\.gz|tgz|tar\.bz2)$/.test(text);
const isOfThisMachine = (text: string): boolean =>
  isLocalPath(text) && !/^(?:(?:git|hg|svn|bzr)\+|(?:ftp|ssh):)|@\s*(?:git\+|https?:)/.test(text);

/** The lines of a requirements file without comments, those that go on in the next line as one. */
export const requirementLines = (text: string): string[] =>
  text
    .replace(/\\\r?\n/g, ' ')
    .split(/\r?\n/)
    .map((line) => line.replace(/(?:^|\s)#.*$/, '').trim())
    .filter(Boolean);

/** The name of the package that a line asks for, as PyPI writes it; undefined for options, and for a path or address alone. */
export const packageOf = (line: string): string | undefined =>
  pipLine(line).kind === 'plain' && !/^-|^[a-z+]+:\/\//i.test(line.trim())
    ? /^[A-Za-z0-9][\w.-]*/
        .exec(line.trim())?.[0]
        .toLowerCase()
        .replace(/[-_.]+/g, '-')
    : undefined;
