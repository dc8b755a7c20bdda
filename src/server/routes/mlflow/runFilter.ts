import { UserError } from '../../../base/userError.ts';
import type { Run } from '../../../protocol/mlflow.ts';

type Test = (run: Run) => boolean;

const clause =
  /^\s*(?:(attributes?|attr|run|metrics?|params?|parameters?|tags?)\.)?(`[^`]+`|"[^"]+"|[\w./-]+)\s*(!=|>=|<=|=|>|<|\bI?LIKE\b|\bNOT IN\b|\bIN\b)\s*('(?:[^']|'')*'|"[^"]*"|\([^)]*\)|-?[\d.]+(?:e[+-]?\d+)?)\s*(?:AND\b|$)/i;

/** MLflow's search filter over runs: comparisons of attributes, metrics, params and tags joined by AND. Throws `InvalidRequest`. */
export function parseRunFilter(text: string): Test {
  const tests: Test[] = [];
  let rest = text.trim();
  while (rest !== '') {
    const match = clause.exec(rest);
    if (!match) throw new UserError('InvalidRequest', `Invalid clause(s) in filter string: '${rest}'.`);
    tests.push(testOf(match[1]?.toLowerCase() ?? 'attribute', unquote(match[2]!), match[3]!.toUpperCase().replace(/\s+/, ' '), match[4]!));
    rest = rest.slice(match[0].length);
  }
  return (run) => tests.every((test) => test(run));
}

function testOf(scope: string, key: string, operator: string, literal: string): Test {
  const read = readerOf(scope, key);
  const numeric = scope.startsWith('metric') || (scope.startsWith('a') && ['start_time', 'end_time'].includes(key));
  if (literal.startsWith('(')) {
    const values = literal
      .slice(1, -1)
      .split(',')
      .map((each) => unquote(each.trim()));
    return (run) => values.includes(String(read(run))) === (operator === 'IN');
  }
  if (numeric) {
    const value = Number(literal);
    if (Number.isNaN(value) || literal.startsWith("'"))
      throw new UserError('InvalidRequest', `Expected numeric value type for metric. Found ${literal}`);
    return (run) => compare(read(run), operator, value);
  }
  if (!/^['"]/.test(literal))
    throw new UserError('InvalidRequest', `Expected a quoted string value for ${scope} (e.g. 'my-value'). Got value ${literal}`);
  const value = unquote(literal);
  if (operator === 'LIKE' || operator === 'ILIKE') {
    const pattern = new RegExp(
      `^${value
        .replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
        .replaceAll('%', '[^]*')
        .replaceAll('_', '[^]')}$`,
      operator === 'ILIKE' ? 'i' : '',
    );
    return (run) => pattern.test(String(read(run) ?? ''));
  }
  return (run) => compare(read(run), operator, value);
}

function compare(left: string | number | undefined, operator: string, right: string | number): boolean {
  if (left === undefined) return false;
  if (operator === '=') return left === right;
  if (operator === '!=') return left !== right;
  if (operator === '>') return left > right;
  if (operator === '<') return left < right;
  if (operator === '>=') return left >= right;
  return left <= right;
}

/** Reads one value of a run, as `metrics.accuracy` or `attributes.status` names it. */
export function readerOf(scope: string, key: string): (run: Run) => string | number | undefined {
  if (scope.startsWith('metric')) return (run) => run.data.metrics?.find((each) => each.key === key)?.value;
  if (scope.startsWith('param')) return (run) => run.data.params?.find((each) => each.key === key)?.value;
  if (scope.startsWith('tag')) return (run) => run.data.tags?.find((each) => each.key === key)?.value;
  const attributes: Record<string, (run: Run) => string | number | undefined> = {
    run_id: (run) => run.info.run_id,
    run_name: (run) => run.info.run_name,
    'Run name': (run) => run.info.run_name,
    status: (run) => run.info.status,
    artifact_uri: (run) => run.info.artifact_uri,
    user_id: (run) => run.info.user_id,
    start_time: (run) => run.info.start_time,
    created: (run) => run.info.start_time,
    Created: (run) => run.info.start_time,
    end_time: (run) => run.info.end_time,
  };
  const read = attributes[key];
  if (!read)
    throw new UserError(
      'InvalidRequest',
      `Invalid attribute key '${key}' specified. Valid keys are '${Object.keys(attributes).join("', '")}'`,
    );
  return read;
}

const unquote = (text: string): string =>
  /^'.*'$/s.test(text) ? text.slice(1, -1).replaceAll("''", "'") : /^[`"].*[`"]$/s.test(text) ? text.slice(1, -1) : text;

/** Sorts by MLflow's `order_by` entries; runs without the value come last, ties go by start time, newest first. */
export function sortRuns(runs: Run[], orderBy: string[]): Run[] {
  const keys = orderBy.map((entry) => {
    const match =
      /^\s*(?:(attributes?|attr|run|metrics?|params?|tags?)\.)?(`[^`]+`|"[^"]+"|[\w./-]+(?: name)?)(?:\s+(ASC|DESC))?\s*$/i.exec(entry);
    if (!match) throw new UserError('InvalidRequest', `Invalid order_by clause '${entry}'`);
    return {
      read: readerOf(match[1]?.toLowerCase() ?? 'attribute', unquote(match[2]!)),
      sign: match[3]?.toUpperCase() === 'DESC' ? -1 : 1,
    };
  });
  return [...runs].sort((a, b) => {
    for (const { read, sign } of keys) {
      const [x, y] = [read(a), read(b)];
      if (x === y) continue;
      if (x === undefined) return 1;
      if (y === undefined) return -1;
      return x < y ? -sign : sign;
    }
    return (b.info.start_time ?? 0) - (a.info.start_time ?? 0);
  });
}
