import type { RunField, RunOrder, RunTest } from '../../../store/runQuery.ts';
import { invalid } from './request.ts';

/** Scopes with the names that MLflow takes for them. */
const scopes: Record<RunField['of'], string[]> = {
  metric: ['metric', 'metrics'],
  param: ['parameter', 'parameters', 'param', 'params'],
  tag: ['tag', 'tags'],
  attribute: ['attribute', 'attributes', 'attr', 'run'],
  dataset: ['dataset', 'datasets'],
};
/** How MLflow names the scopes in what it says. */
const scopeName: Record<RunField['of'], string> = {
  metric: 'metric',
  param: 'parameter',
  tag: 'tag',
  attribute: 'attribute',
  dataset: 'dataset',
};
const attributes = ['artifact_uri', 'end_time', 'run_id', 'run_name', 'start_time', 'status', 'user_id'];
const aliases: Record<string, string> = {
  created: 'start_time',
  Created: 'start_time',
  'run name': 'run_name',
  'Run name': 'run_name',
  'Run Name': 'run_name',
};
const numeric = ['start_time', 'end_time', 'duration'];

/** Attributes that a filter or an order may name beyond MLflow's. */
export type MoreFields = readonly string[];
export const ownFields: MoreFields = ['experiment', 'parent', 'job_type', 'duration'];
const datasetKeys = ['name', 'digest', 'context'];

const numberOperators = ['>', '>=', '!=', '=', '<', '<='];
const textOperators = ['!=', '=', 'LIKE', 'ILIKE'];
const operatorsOf = ({ of, key }: RunField): string[] => {
  if (of === 'metric' || (of === 'attribute' && numeric.includes(key))) return numberOperators;
  return of === 'param' || of === 'tag' ? [...textOperators, 'IS NULL', 'IS NOT NULL'] : [...textOperators, 'IN', 'NOT IN'];
};

interface Token {
  kind: 'name' | 'text' | 'number' | 'operator' | 'list' | 'word' | 'other';
  text: string;
}

const patterns: [Token['kind'], RegExp][] = [
  ['text', /'(?:''|\\'|[^'])*'/y],
  ['list', /\([^()]*\)/y],
  ['number', /[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?(?![\p{L}\w.])/iuy],
  ['operator', /!=|<>|>=|<=|==|=|>|</y],
  ['word', /(?:AND|OR|NOT|IN|IS|NULL|I?LIKE|RLIKE|BETWEEN)(?![\p{L}\w.])/iuy],
  ['name', /(?:`[^`]*`|"[^"]*"|[\p{L}_][\p{L}\p{M}\p{N}_/-]*)(?:\.(?:`[^`]*`|"[^"]*"|'[^']*'|[\p{L}\p{M}\p{N}_/-]+))*/uy],
  ['other', /\S/y],
];

function tokensOf(source: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  next: while (at < source.length) {
    if (/\s/.test(source[at]!)) {
      at++;
      continue;
    }
    for (const [kind, pattern] of patterns) {
      pattern.lastIndex = at;
      const text = pattern.exec(source)?.[0];
      if (!text) continue;
      tokens.push({ kind, text });
      at += text.length;
      continue next;
    }
    at++;
  }
  return tokens;
}

/** MLflow's filter over runs: comparisons joined by AND. Throws `InvalidRequest` in MLflow's words. */
export function parseRunFilter(filter: string, more: MoreFields = []): RunTest[] {
  const tokens = tokensOf(filter);
  const tests: RunTest[] = [];
  let at = 0;
  const word = (offset: number) => (tokens[at + offset]?.kind === 'word' ? tokens[at + offset]!.text.toUpperCase() : undefined);
  const wrong = () => {
    if (filter.includes(';') && tokens[at]?.text === ';')
      return invalid(`Search filter contained multiple expression '${short(filter)}'. Provide AND-ed expression list.`);
    return invalid(
      `Invalid clause(s) in filter string: '${short(
        tokens
          .slice(at)
          .map(({ text }) => text)
          .join(' '),
      )}'`,
    );
  };
  while (at < tokens.length) {
    if (word(0) === 'AND' && tests.length > 0) {
      at++;
      continue;
    }
    const name = tokens[at]!;
    if (name.kind !== 'name') throw wrong();
    if (word(1) === 'IS' && (word(2) === 'NULL' || (word(2) === 'NOT' && word(3) === 'NULL'))) {
      const operator = word(2) === 'NULL' ? 'IS NULL' : 'IS NOT NULL';
      const field = fieldOf(name.text, more);
      if (field.of !== 'tag' && field.of !== 'param')
        throw invalid(`IS NULL / IS NOT NULL is only supported for tags and params, not for '${scopeName[field.of]}' '${field.key}'`);
      tests.push({ ...field, operator });
      at += operator === 'IS NULL' ? 3 : 4;
      continue;
    }
    const isNot = word(1) === 'NOT' && ['IN', 'LIKE', 'ILIKE'].includes(word(2) ?? '');
    const operator = isNot ? `NOT ${word(2)}` : tokens[at + 1]?.kind === 'operator' ? tokens[at + 1]!.text : word(1);
    const value = tokens[at + (isNot ? 3 : 2)];
    if (!operator || operator === 'AND' || operator === 'OR' || operator === 'IS' || !value) throw wrong();
    const field = fieldOf(name.text, more);
    const read = literalOf(field, value);
    const allowed = operatorsOf(field);
    if (!allowed.includes(operator) || Array.isArray(read) !== operator.endsWith('IN'))
      throw invalid(`Invalid comparator '${operator}' not one of '{${allowed.map((each) => `'${each}'`).join(', ')}}'`);
    tests.push({ ...field, operator, value: read } as RunTest);
    at += isNot ? 4 : 3;
  }
  return tests;
}

/** `metrics.loss`, `tags."my key"`, or an attribute's name alone. */
function fieldOf(name: string, more: MoreFields): RunField {
  const dot = /^([^.`"]+|`[^`]*`)\.(.*)$/s.exec(name);
  const scope = dot ? unquote(dot[1]!, '`') : 'attribute';
  const of = (Object.keys(scopes) as RunField['of'][]).find((each) => scopes[each].includes(scope));
  if (!of)
    throw invalid(
      `Invalid entity type '${short(scope)}'. Valid values are [${Object.values(scopeName)
        .map((each) => `'${each}'`)
        .join(', ')}]`,
    );
  const written = unquote(unquote(unquote(dot ? dot[2]! : name, '"'), '`'), "'");
  const key = of === 'attribute' ? (aliases[written] ?? written) : written;
  if (of === 'attribute' && !attributes.includes(key) && !more.includes(key))
    throw unknownKey('attribute', written, [...attributes, ...more, ...Object.keys(aliases)]);
  if (of === 'dataset' && !datasetKeys.includes(key)) throw unknownKey('dataset', written, datasetKeys);
  return { of, key };
}

const unknownKey = (what: string, key: string, keys: string[]) =>
  invalid(`Invalid ${what} key '${short(key)}' specified. Valid keys are '{${keys.map((each) => `'${each}'`).join(', ')}}'`);

function literalOf({ of, key }: RunField, { kind, text }: Token): string | number | string[] {
  if (of === 'metric' || (of === 'attribute' && numeric.includes(key))) {
    if (kind === 'number') return Number(text);
    throw invalid(
      of === 'metric'
        ? `Expected numeric value type for metric. Found ${short(text)}`
        : `Expected numeric value type for numeric attribute: ${key}. Found ${short(text)}`,
    );
  }
  if (kind === 'text') return text.slice(1, -1);
  if (kind === 'name') {
    if (/^"[^"]*"$/.test(text)) return text.slice(1, -1);
    throw invalid(
      `Parameter value is either not quoted or unidentified quote types used for string value ${short(text)}. Use either single or double quotes.`,
    );
  }
  if (kind === 'list' && of === 'attribute') {
    if (key !== 'run_id') throw invalid("Only ['run_id'] attributes support comparison with a list of quoted string values.");
    return listOf(text);
  }
  if (kind === 'list' && of === 'dataset') return listOf(text);
  throw invalid(
    of === 'attribute'
      ? `Expected a quoted string value for attributes. Got value ${short(text)}`
      : of === 'dataset'
        ? `Expected a quoted string value for dataset attributes. Got value ${short(text)}`
        : `Expected a quoted string value for ${scopeName[of]} (e.g. 'my-value'). Got value ${short(text)}`,
  );
}

/** `('a', "b")`: texts in quotes. */
function listOf(text: string): string[] {
  const inside = text.slice(1, -1).trim().replace(/,$/, '');
  const values = inside.match(/'[^']*'|"[^"]*"|[^,\s]+/g) ?? [];
  if (values.length === 0 || !/^\s*(?:'[^']*'|"[^"]*"|[^,'"]+)(?:\s*,\s*(?:'[^']*'|"[^"]*"|[^,'"]+))*\s*$/.test(inside))
    throw invalid('While parsing a list in the query, expected a non-empty list of string values, but got ill-formed list.');
  return values.map((value) => {
    if (!/^['"]/.test(value))
      throw invalid(
        `While parsing a list in the query, expected string value, punctuation, or whitespace, but got different type in list: (${short(inside)})`,
      );
    return value.slice(1, -1);
  });
}

/** MLflow's `order_by` entries: a field, then `ASC` or `DESC`. */
export function parseRunOrder(entries: string[], more: MoreFields = []): RunOrder[] {
  const seen = new Set<string>();
  return entries.map((entry) => {
    const match = /^\s*((?:`[^`]*`|"[^"]*"|'[^']*'|[^\s`"'])+)(?:\s+(\S+))?\s*$/.exec(entry);
    if (!match) throw invalid(`Invalid order_by clause '${short(entry)}'. Could not be parsed.`);
    const direction = match[2]?.toLowerCase() ?? 'asc';
    if (direction !== 'asc' && direction !== 'desc') throw invalid(`Invalid ordering key in order_by clause '${short(entry)}'.`);
    const field = fieldOf(match[1]!, more);
    if (field.of === 'dataset') throw invalid("Invalid identifier type 'dataset'");
    const name = `${field.of} ${field.key}`;
    if (seen.has(name)) throw invalid(`\`order_by\` contains duplicate fields: [${entries.map((each) => `'${short(each)}'`).join(', ')}]`);
    seen.add(name);
    return { ...field, descending: direction === 'desc' };
  });
}

const unquote = (text: string, quote: string): string =>
  text.length >= 2 && text.startsWith(quote) && text.endsWith(quote) ? text.slice(1, -1) : text;

const short = (text: string): string => (text.length > 500 ? `${text.slice(0, 500)}…` : text);
