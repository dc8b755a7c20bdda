import { invalid } from './request.ts';

export interface Comparison {
  /** `name` of `tags.name`, without quotes; the whole name when it has no scope. */
  key: string;
  /** `tags` of `tags.name`, lower case; '' without one. */
  scope: string;
  /** Upper case, one space inside: `NOT IN`, `IS NOT NULL`. */
  operator: string;
  value: string | number | (string | number)[] | null;
}

const identifier = /(?:`[^`]*`|"[^"]*"|[^\s.`"'=!<>()]+)(?:\.(?:`[^`]*`|"[^"]*"|'[^']*'|[^\s.`"'=!<>()]+))*/y;
const operator = /\s*(!=|>=|<=|=|>|<|NOT\s+IN\b|IN\b|NOT\s+LIKE\b|I?LIKE\b|RLIKE\b|IS\s+NOT\s+NULL\b|IS\s+NULL\b)\s*/iy;
const literal = /'(?:[^'\\]|\\.|'')*'|"(?:[^"\\]|\\.)*"|-?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?|[^\s()',]+/iy;
const and = /\s+AND\s+/iy;

/** Comparisons joined by AND, as all of MLflow's searches have them. Throws `InvalidRequest` at what is none. */
export function parseFilter(text: string | undefined): Comparison[] {
  const source = (text ?? '').trim();
  const comparisons: Comparison[] = [];
  let at = 0;
  const wrong = () =>
    invalid(`Invalid clause(s) in filter string: '${source.slice(at, at + 200)}'. Filter string: '${source.slice(0, 500)}'`);
  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    const match = pattern.exec(source);
    if (match) at = pattern.lastIndex;
    return match?.[1] ?? match?.[0];
  };
  while (at < source.length) {
    if (comparisons.length > 0 && take(and) === undefined) throw wrong();
    const name = take(identifier);
    const compared = name && take(operator)?.toUpperCase().replace(/\s+/, ' ').replace(/\s+/g, ' ');
    if (!name || !compared) throw wrong();
    const [scope, key] = splitName(name);
    if (compared.endsWith('NULL')) {
      comparisons.push({ scope, key, operator: compared, value: null });
      continue;
    }
    if (compared.endsWith('IN')) {
      const list = take(/\(([^)]*)\)/y);
      if (list === undefined) throw wrong();
      const values = [...list.matchAll(new RegExp(literal.source, 'gi'))].map(([each]) => literalOf(each));
      if (values.length === 0) throw wrong();
      comparisons.push({ scope, key, operator: compared, value: values });
      continue;
    }
    const value = take(literal);
    if (value === undefined) throw wrong();
    comparisons.push({ scope, key, operator: compared, value: literalOf(value) });
  }
  return comparisons;
}

/** `[scope, key]` of a name as it is written. */
function splitName(name: string): [string, string] {
  const dot = /^([A-Za-z_]+)\.(.+)$/s.exec(name);
  return dot ? [dot[1]!.toLowerCase(), unquote(dot[2]!)] : ['', unquote(name)];
}

const unquote = (text: string): string => (/^(["'`]).*\1$/s.test(text) ? text.slice(1, -1) : text);

function literalOf(text: string): string | number {
  if (text.startsWith("'"))
    return text
      .slice(1, -1)
      .replaceAll("''", "'")
      .replace(/\\(['\\])/g, '$1');
  if (text.startsWith('"')) return text.slice(1, -1);
  const number = Number(text);
  // A word without quotes is a mistake that the kind of the field tells apart.
  if (Number.isNaN(number)) throw invalid(`Expected a quoted string value or a number in the filter. Got value ${text.slice(0, 100)}`);
  return number;
}

/** Whether a value passes; a value that is not there passes `IS NULL` alone, as in SQL. */
export function passes(value: string | number | boolean | undefined | null, { operator, value: wanted }: Comparison): boolean {
  if (operator === 'IS NULL') return value === undefined || value === null;
  if (value === undefined || value === null) return false;
  if (operator === 'IS NOT NULL') return true;
  if (Array.isArray(wanted)) return wanted.some((each) => same(value, each)) === (operator === 'IN');
  if (operator === '=') return same(value, wanted!);
  if (operator === '!=') return !same(value, wanted!);
  if (operator === 'RLIKE') return pattern(() => new RegExp(String(wanted)), wanted).test(String(value));
  if (operator.endsWith('LIKE'))
    return likePattern(String(wanted), operator === 'ILIKE').test(String(value)) !== operator.startsWith('NOT');
  const [a, b] = typeof value === 'number' ? [value, Number(wanted)] : [String(value), String(wanted)];
  if (operator === '>') return a > b;
  if (operator === '>=') return a >= b;
  return operator === '<' ? a < b : a <= b;
}

const same = (value: string | number | boolean, wanted: string | number): boolean =>
  typeof value === 'number' ? value === Number(wanted) : String(value) === String(wanted);

function pattern(make: () => RegExp, wanted: unknown): RegExp {
  try {
    return make();
  } catch {
    throw invalid(`The filter's pattern ${JSON.stringify(wanted)} is no regular expression.`);
  }
}

/** SQL's LIKE: `%` is any text, `_` any character. */
export const likePattern = (text: string, ignoreCase: boolean): RegExp =>
  new RegExp(
    `^${text
      .replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
      .replaceAll('%', '[^]*')
      .replaceAll('_', '[^]')}$`,
    ignoreCase ? 'i' : '',
  );

export interface Order {
  key: string;
  scope: string;
  descending: boolean;
}

/** `name DESC`, `metrics.accuracy`; a key is checked by who sorts. */
export function parseOrder(entries: string[]): Order[] {
  return entries.map((entry) => {
    const match = /^\s*((?:`[^`]*`|"[^"]*"|'[^']*'|[^\s`"'])+)(?:\s+(ASC|DESC))?\s*$/i.exec(entry);
    if (!match)
      throw invalid(`Invalid order_by clause '${entry.slice(0, 200)}'. Valid values are "<column> [ASC|DESC]", such as "name DESC".`);
    const [scope, key] = splitName(match[1]!);
    return { scope, key, descending: match[2]?.toUpperCase() === 'DESC' };
  });
}

/** Sorts by the first difference; what is not there comes last whatever the direction. */
export function sortBy<T>(
  items: T[],
  order: { read: (item: T) => string | number | boolean | undefined | null; descending: boolean }[],
): T[] {
  return [...items].sort((a, b) => {
    for (const { read, descending } of order) {
      const [x, y] = [read(a) ?? undefined, read(b) ?? undefined];
      if (x === y) continue;
      if (x === undefined) return 1;
      if (y === undefined) return -1;
      return x < y === descending ? 1 : -1;
    }
    return 0;
  });
}
