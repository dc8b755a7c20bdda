import { plural } from '../../../src/base/text.ts';
import type { RunColumn, RunKeys } from '../../../src/protocol/runTable.ts';
import { fieldName } from '../fields.ts';
import { attributeNames } from './columns.ts';

/** What may stand at a place of a filter. */
export interface FilterContext {
  expects: 'field' | 'operator' | 'value' | 'and';
  /** The field that is compared, where it was named. */
  field?: RunColumn;
  /** What is being typed begins here. */
  from: number;
  typed: string;
}

export interface Completion {
  text: string;
  label: string;
  detail: string;
}

type Kind = 'open' | 'text' | 'list' | 'number' | 'operator' | 'name' | 'other';
const patterns: [Kind, RegExp][] = [
  ['open', /(?:[\p{L}_]\w*\.[`"][^`"]*|[\p{L}_]\w*\.|'[^']*|"[^"]*|`[^`]*|\([^()]*)$/uy],
  ['text', /'[^']*'/y],
  ['list', /\([^()]*\)/y],
  ['number', /[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?(?![\p{L}\w.])/iuy],
  ['operator', /[!<>=]+/y],
  ['name', /(?:`[^`]*`|"[^"]*"|[\p{L}_][\p{L}\p{M}\p{N}_/-]*)(?:\.(?:`[^`]*`|"[^"]*"|[\p{L}\p{M}\p{N}_/-]+))*/uy],
  ['other', /\S/y],
];

function tokensOf(text: string): { kind: Kind; text: string; start: number }[] {
  const tokens: { kind: Kind; text: string; start: number }[] = [];
  let at = 0;
  next: while (at < text.length) {
    if (/\s/.test(text[at]!)) {
      at++;
      continue;
    }
    for (const [kind, pattern] of patterns) {
      pattern.lastIndex = at;
      const found = pattern.exec(text)?.[0];
      if (!found) continue;
      tokens.push({ kind, text: found, start: at });
      at += found.length;
      continue next;
    }
    at++;
  }
  return tokens;
}

/** What may stand at the end of `text`, which is a filter up to the cursor. */
export function filterContext(text: string): FilterContext {
  const open = openParenthesis(text);
  if (open !== undefined) {
    const inside = filterContext(text.slice(open + 1));
    return { ...inside, from: inside.from + open + 1 };
  }
  let expects: FilterContext['expects'] = 'field';
  let field: RunColumn | undefined;
  const at = (from: number): FilterContext => ({ expects, ...(field ? { field } : {}), from, typed: text.slice(from) });
  for (const token of tokensOf(text)) {
    // What touches the cursor is still being typed.
    const isTyped = token.start + token.text.length === text.length && !(token.kind === 'text' || token.kind === 'list');
    if (isTyped && !(expects === 'value' && /^["'].*["']$/.test(token.text))) {
      // Right behind an operator a value begins.
      if (token.kind === 'operator' && expects === 'operator') return at(token.start);
      return at(token.start);
    }
    if (expects === 'field') {
      field = writtenField(token.text);
      expects = 'operator';
    } else if (expects === 'operator') {
      if (/^(?:IS|NOT)$/i.test(token.text)) continue;
      expects = /^NULL$/i.test(token.text) ? 'and' : 'value';
    } else if (expects === 'value') expects = 'and';
    else if (/^(?:AND|OR)$/i.test(token.text)) {
      expects = 'field';
      field = undefined;
    }
  }
  return at(text.length);
}

/** Where the innermost parenthesis that is open at the end begins; not that of a list of values, nor one within quotes. */
function openParenthesis(text: string): number | undefined {
  const open: number[] = [];
  for (const { 0: piece, index } of text.matchAll(/'[^']*(?:'|$)|"[^"]*(?:"|$)|`[^`]*(?:`|$)|[()]/g)) {
    if (piece === '(') open.push(index);
    else if (piece === ')') open.pop();
  }
  const last = open.at(-1);
  return last === undefined || /\bIN\s*$/i.test(text.slice(0, last)) ? undefined : last;
}

/** A field by any of the names that MLflow takes. */
function writtenField(text: string): RunColumn | undefined {
  const match = /^(?:(metric|param|parameter|tag|attribute|attr|run)s?\.)?(.+)$/s.exec(text);
  if (!match) return undefined;
  const of = { metric: 'metric', param: 'param', parameter: 'param', tag: 'tag' }[match[1] ?? ''] ?? 'attribute';
  return { of: of as RunColumn['of'], key: match[2]!.replace(/^([`"])(.*)\1$/s, '$2') };
}

const numberOperators = ['>', '>=', '<', '<=', '=', '!='];
const textOperators = ['=', '!=', 'LIKE', 'ILIKE'];
const numericAttributes = ['start_time', 'end_time', 'duration'];
export const isNumeric = ({ of, key }: RunColumn): boolean => of === 'metric' || (of === 'attribute' && numericAttributes.includes(key));

const statuses = ['RUNNING', 'SCHEDULED', 'FINISHED', 'FAILED', 'KILLED'].map((value) => ({ value, runs: 0 }));
const details = { attribute: 'attribute', metric: 'metric', param: 'parameter', tag: 'tag' };
/** Completions that are offered at once. */
const most = 50;

/** What may be typed at such a place, the likeliest first. `values` are those that the field has, where they are known. */
export function completions(
  context: FilterContext,
  keys: RunKeys | undefined,
  values: readonly { value: string; runs: number }[] = [],
  now = Date.now(),
): Completion[] {
  const { expects, field, typed } = context;
  const like = (list: Completion[]) => best(list, typed.replace(/^["'`]|["'`]$/g, ''));
  if (expects === 'field') return fields(typed, keys);
  if (expects === 'operator') {
    const operators = !field ? textOperators : isNumeric(field) ? numberOperators : textOperators;
    const nulls = field?.of === 'param' || field?.of === 'tag' ? ['IS NULL', 'IS NOT NULL'] : [];
    return like([...operators, ...nulls].map((text) => ({ text: `${text} `, label: text, detail: meanings[text] ?? '' })));
  }
  if (expects === 'and')
    return like([
      { text: 'AND ', label: 'AND', detail: 'both hold' },
      { text: 'OR ', label: 'OR', detail: 'one of them holds' },
    ]);
  if (field?.of === 'attribute' && numericAttributes.includes(field.key) && field.key !== 'duration')
    return like(
      ages.map(([label, ms]) => ({ text: `${now - ms} `, label, detail: new Date(now - ms).toISOString().slice(0, 16).replace('T', ' ') })),
    );
  const all = field?.of === 'attribute' && field.key === 'status' ? statuses : values;
  return like(all.map(({ value, runs }) => ({ text: `${inQuotes(value)} `, label: value, detail: runs > 0 ? plural(runs, 'run') : '' })));
}

const meanings: Record<string, string> = { LIKE: '% stands for any text', ILIKE: 'as LIKE, in small or capital letters', '!=': 'is not' };
const ages: [string, number][] = [
  ['1 hour ago', 3_600_000],
  ['1 day ago', 86_400_000],
  ['1 week ago', 604_800_000],
  ['30 days ago', 2_592_000_000],
];

export const inQuotes = (text: string): string => (text.includes("'") ? `"${text}"` : `'${text}'`);

/** The scope has 12,000 keys at times: each is looked at once, and only the best are sorted. */
function fields(typed: string, keys: RunKeys | undefined): Completion[] {
  const all: RunColumn[] = [
    ...attributeNames.map((name) => ({ of: 'attribute' as const, key: name.slice('attributes.'.length) })),
    ...(keys?.metrics ?? []).map((key) => ({ of: 'metric' as const, key })),
    ...(keys?.params ?? []).map((key) => ({ of: 'param' as const, key })),
    ...(keys?.tags ?? []).map((key) => ({ of: 'tag' as const, key })),
  ];
  const scope = /^(\w+)\./.exec(typed)?.[1];
  return best(
    all
      .filter(({ of }) => !scope || details[of].startsWith(scope.replace(/s$/, '')) || `${of}s` === scope)
      .map((column) => ({ text: `${fieldName(column)} `, label: fieldName(column), detail: details[column.of] })),
    typed,
  );
}

/** Those that begin so, then those whose last part does, then those that have it anywhere. */
function best(list: Completion[], typed: string): Completion[] {
  const wanted = typed.toLowerCase().replaceAll('`', '').replaceAll('"', '');
  const ranks: Completion[][] = [[], [], []];
  for (const each of list) {
    const label = each.label.toLowerCase().replaceAll('`', '');
    const rank = label.startsWith(wanted)
      ? 0
      : label.slice(label.indexOf('.') + 1).startsWith(wanted)
        ? 1
        : label.includes(wanted)
          ? 2
          : -1;
    if (rank >= 0 && ranks[rank]!.length < most) ranks[rank]!.push(each);
  }
  return ranks.flat().slice(0, most);
}

/**
 * Where a filter is wrong, by the server's words, which quote it: the longest piece of them that stands in the filter, but for spaces. The last one counts, as
 * what comes before was understood.
 */
export function faultyPlace(filter: string, message: string): { start: number; end: number } | undefined {
  const pieces = [...message.matchAll(/'([^']+(?:'[^']*)*?)'(?=[\s.,}\]]|$)|"([^"]+)"|(?:Found|value|quotes used for string value) (\S+)/g)]
    .flatMap((match) => [match[1], match[2], match[3]])
    .filter((piece): piece is string => Boolean(piece));
  let found: { start: number; end: number } | undefined;
  for (const piece of pieces) {
    const words = piece
      .replace(/…$/, '')
      .trim()
      .split(/\s+/)
      .map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
    const match = [...filter.matchAll(new RegExp(words.join('\\s*'), 'g'))].at(-1);
    if (match?.[0] && (!found || match[0].length > found.end - found.start))
      found = { start: match.index, end: match.index + match[0].length };
  }
  return found;
}
