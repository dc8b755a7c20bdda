import type { RunTest } from '../../runQuery.ts';

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
      const pattern = likePattern(test.value, test.operator === 'ILIKE');
      return (value) => value !== undefined && pattern.test(String(value));
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

/** SQL's LIKE: `%` is any text, `_` any character; nothing escapes them. */
export function likePattern(text: string, ignoreCase: boolean): RegExp {
  // `%%` is `%`: without that, a row of them would take the pattern's time to the power of their number.
  const body = text
    .replace(/%+/g, '%')
    .replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
    .replaceAll('%', '[^]*')
    .replaceAll('_', '[^]');
  return new RegExp(`^${body}$`, ignoreCase ? 'iu' : 'u');
}
