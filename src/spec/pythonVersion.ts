/** Oldest Python that environments are made for. */
export const oldestPython = '3.7';

/** What an environment asks of Python's version, as conda and pip write it: `3.11`, `=3.8.12`, `>=3.8,<3.12`, `3.8.*|3.9.*`. */
export interface PythonWish {
  text: string;
  accepts(version: string): boolean;
  /** The minor versions of Python 3 that it accepts, newest first. */
  minors: number[];
  /** For `uv python install`. */
  forUv: string;
}

type Condition = { operator: string; wanted: number[]; isPrefix: boolean };

/** Minor versions that are thought of. */
const newestMinor = 30;
/** Patch releases that stand for all when it is asked which minor versions are accepted. */
const somePatches = [0, 1, 5, 10, 20, 50];

/** What was read, for a folder of files asks for a few versions a thousand times. */
const read = new Map<string, PythonWish | undefined>();
const mostRead = 1000;

/** Reads a version or a range; undefined for text that is neither. */
export function pythonWish(text: string): PythonWish | undefined {
  if (read.has(text)) return read.get(text);
  if (read.size >= mostRead) read.clear();
  const wish = wishOf(text);
  read.set(text, wish);
  return wish;
}

function wishOf(text: string): PythonWish | undefined {
  const alternatives: Condition[][] = [];
  for (const alternative of text.split('|')) {
    const conditions: Condition[] = [];
    for (const each of alternative.split(',')) {
      // Behind a second "=" conda names a build, such as that of an implementation.
      const [, operator = '=', version] = /^\s*(===?|>=|<=|~=|!=|=|>|<)?\s*([\d.]+(?:\.?\*)?|\*)?(?:\s*=.*|\s+\S*)?$/.exec(each) ?? [];
      if (version === undefined) return undefined;
      if (version === '*') continue;
      const wanted = version
        .replace(/\.?\*$/, '')
        .split('.')
        .filter(Boolean)
        .map(Number);
      conditions.push({ operator, wanted, isPrefix: version.endsWith('*') });
    }
    alternatives.push(conditions);
  }
  const accepts = (version: string): boolean => {
    const parts = version.split('.').map((part) => Number.parseInt(part, 10));
    return alternatives.some((conditions) => conditions.every((condition) => meets(parts, condition)));
  };
  const minors: number[] = [];
  for (let minor = newestMinor; minor >= 0; minor--) if (somePatches.some((patch) => accepts(`3.${minor}.${patch}`))) minors.push(minor);
  return { text: text.trim(), accepts, minors, forUv: alternatives[0]!.map(conditionForUv).join(',') || '3' };
}

/** Whether what is asked for ends before the oldest Python that environments are made for. */
export function isTooOld(wanted: string): boolean {
  const wish = pythonWish(wanted);
  const oldest = pythonWish(`>=${oldestPython}`)!;
  return wish !== undefined && !wish.minors.some((minor) => oldest.minors.includes(minor));
}

/** Patch releases differ in mended faults alone: who names one is content with another of the same minor version. */
const exactly = (wanted: number[]): number[] => wanted.slice(0, 2);

function meets(version: number[], { operator, wanted, isPrefix }: Condition): boolean {
  switch (operator) {
    case '>=':
      return compare(version, wanted) >= 0;
    case '>':
      return compare(version, wanted) > 0;
    case '<':
      return compare(version, wanted) < 0;
    case '<=':
      return compare(version.slice(0, wanted.length), wanted) <= 0;
    case '~=':
      return compare(version, wanted) >= 0 && startsWith(version, wanted.slice(0, -1));
    case '!=':
      return isPrefix ? !startsWith(version, wanted) : compare(version, wanted) !== 0;
    default:
      return startsWith(version, exactly(wanted));
  }
}

function conditionForUv({ operator, wanted, isPrefix }: Condition): string {
  if (['=', '==', '==='].includes(operator)) return `==${exactly(wanted).join('.')}.*`;
  return `${operator}${wanted.join('.')}${isPrefix && operator === '!=' ? '.*' : ''}`;
}

const startsWith = (version: number[], wanted: number[]): boolean => wanted.every((part, index) => version[index] === part);

function compare(a: number[], b: number[]): number {
  for (let index = 0; index < Math.max(a.length, b.length); index++) {
    const difference = (a[index] ?? 0) - (b[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
