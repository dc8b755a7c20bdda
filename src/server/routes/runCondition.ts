import { UserError } from '../../base/userError.ts';
import type { RunTest } from '../../store/runQuery.ts';
import { ownFields, parseRunFilter } from './mlflow/runFilter.ts';

/** Alternatives that one filter may come to, and parentheses within parentheses. */
const mostAlternatives = 200;
const deepest = 50;

type Token = { kind: 'and' | 'or' | '(' | ')'; text: string } | { kind: 'comparison'; text: string };

/**
 * MLflow's filter, in which comparisons are joined by AND, with OR and parentheses of ours around them. AND binds closer. Answers what all runs must pass, or, where there is an OR,
 * alternatives of which a run must pass one. Throws `InvalidRequest`.
 */
export function parseRunCondition(filter: string): { tests: RunTest[]; anyOf?: RunTest[][] } {
  const tokens = tokensOf(filter);
  // Without ours it is MLflow's language alone, with its own words for what is wrong.
  if (tokens.every(({ kind }) => kind === 'comparison' || kind === 'and')) return { tests: parseRunFilter(filter, ownFields) };
  let at = 0;
  const alternatives = (depth: number): RunTest[][] => {
    const found = conjunction(depth);
    while (tokens[at]?.kind === 'or') {
      at++;
      found.push(...conjunction(depth));
    }
    return bounded(found);
  };
  const conjunction = (depth: number): RunTest[][] => {
    let found = factor(depth);
    while (tokens[at]?.kind === 'and') {
      at++;
      const next = factor(depth);
      bounded({ length: found.length * next.length });
      found = found.flatMap((one) => next.map((other) => [...one, ...other]));
    }
    return found;
  };
  const factor = (depth: number): RunTest[][] => {
    const token = tokens[at++];
    if (token?.kind === 'comparison') return [parseRunFilter(token.text, ownFields)];
    if (token?.kind !== '(')
      throw wrong(token ? `"${token.text}" stands where a comparison is expected` : 'it ends where a comparison is expected');
    if (depth === deepest) throw wrong(`there are more than ${deepest} parentheses within each other`);
    const inside = alternatives(depth + 1);
    if (tokens[at++]?.kind !== ')') throw wrong('a parenthesis is not closed');
    return inside;
  };
  const found = alternatives(0);
  if (at < tokens.length) throw wrong(`"${tokens[at]!.text.slice(0, 100)}" stands behind its end`);
  return found.length === 1 ? { tests: found[0]! } : { tests: [], anyOf: found };
}

/** Comparisons as they are written, and what joins them. */
function tokensOf(filter: string): Token[] {
  const tokens: Token[] = [];
  // Texts in quotes, the list behind an IN, words, and single characters.
  const pieces = /'(?:''|\\'|[^'])*'|"[^"]*"|`[^`]*`|\b(?:AND|OR)\b|\bIN\s*\([^()]*\)|[()]|[\p{L}\p{N}_]+|./gisu;
  let comparison = '';
  const settle = () => {
    if (comparison.trim()) tokens.push({ kind: 'comparison', text: comparison });
    comparison = '';
  };
  let before = '';
  for (const [text] of filter.matchAll(pieces)) {
    const kind = text.toLowerCase();
    // A key may have the name of a word: `params.or`.
    const isOurs = (kind === 'and' || kind === 'or' || kind === '(' || kind === ')') && !/[.\-/]$/.test(before);
    if (isOurs) {
      settle();
      tokens.push({ kind, text } as Token);
    } else comparison += text;
    before = text;
  }
  settle();
  return tokens;
}

function bounded<T extends { length: number }>(alternatives: T): T {
  if (alternatives.length > mostAlternatives) throw wrong(`it comes to more than ${mostAlternatives} alternatives`);
  return alternatives;
}

const wrong = (what: string) =>
  new UserError('InvalidRequest', `The filter can not be read: ${what}.`, 'Join comparisons such as metrics.acc > 0.9 with AND and OR.');
