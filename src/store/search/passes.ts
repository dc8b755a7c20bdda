import type { RunTest } from '../runQuery.ts';

/** Whether a field's value passes a test. */
export function passes(test: RunTest): (value: number | string | undefined) => boolean {
  switch (test.operator) {
    case 'IS NULL':
      return (value) => value === undefined;
    case 'IS NOT NULL':
      return (value) => value !== undefined;
    case 'IN':
    case 'NOT IN': {
      const words = new Set<unknown>(test.value);
      const wanted = test.operator === 'IN';
      return (value) => value !== undefined && words.has(value) === wanted;
    }
    case 'LIKE':
    case 'ILIKE': {
      if (test.operator === 'LIKE') return (value) => value !== undefined && isLike(String(value), test.value);
      const pattern = test.value.toLowerCase();
      return (value) => value !== undefined && isLike(String(value).toLowerCase(), pattern);
    }
    case '!=':
      return (value) => value !== undefined && value !== test.value;
  }
  const { operator, value: wanted } = test;
  if (operator === '=') return (value) => value === wanted;
  if (operator === '<') return (value) => value !== undefined && value < wanted;
  if (operator === '<=') return (value) => value !== undefined && value <= wanted;
  if (operator === '>') return (value) => value !== undefined && value > wanted;
  return (value) => value !== undefined && value >= wanted;
}

/** SQL's LIKE: `%` is any text, `_` any character; nothing escapes them. Takes no longer than text times pattern, whatever they are. */
export function isLike(text: string, pattern: string): boolean {
  let [at, next] = [0, 0];
  // Where the last `%` was, and how far it had to reach.
  let [star, reach] = [-1, 0];
  while (at < text.length) {
    if (pattern[next] === '%') {
      star = next++;
      reach = at;
    } else if (next < pattern.length && (pattern[next] === '_' || pattern[next] === text[at])) {
      at++;
      next++;
    } else if (star >= 0) {
      next = star + 1;
      at = ++reach;
    } else return false;
  }
  while (pattern[next] === '%') next++;
  return next === pattern.length;
}
