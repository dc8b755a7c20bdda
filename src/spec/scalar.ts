import { isScalar, type Node } from 'yaml';

/**
 * The value of an unquoted scalar as Azure's client reads it, by YAML 1.1: `yes` is true, `010` is 8, `1_000` is 1000, `1:30` is 90, and `1e3` is text.
 * A date stays as it is written; `isDate` tells it from text.
 */
export function scalarOf(source: string): unknown {
  const first = source.charCodeAt(0);
  // Digits, signs and dots begin numbers; n, N, t, T, f, F, y, Y, o, O and ~ the words.
  if ((first >= 43 && first <= 57) || source === '') return source === '' ? null : numberOf(source);
  if (source.length > 5) return source;
  if (/^(?:~|[Nn]ull|NULL)$/.test(source)) return null;
  if (/^(?:[Tt]rue|TRUE|[Yy]es|YES|[Oo]n|ON)$/.test(source)) return true;
  if (/^(?:[Ff]alse|FALSE|[Nn]o|NO|[Oo]ff|OFF)$/.test(source)) return false;
  return source;
}

function numberOf(source: string): unknown {
  if (/^[-+]?(?:0|[1-9][0-9]*)$/.test(source)) return Number(source) + 0;
  // No number has any other characters: most of what comes here is a path or a version.
  if (/[^-+.:_0-9a-fA-FxXiInN]/.test(source)) return source;
  if (/^[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+][0-9]+)?$|^\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?$/.test(source)) return Number(bare(source));
  if (/^[-+]?[1-9][0-9_]*$/.test(source)) return Number(bare(source));
  const [, sign = '', digits = ''] = /^([-+]?)(.*)$/.exec(bare(source))!;
  const signed = (value: number) => (sign === '-' ? -value : value);
  if (/^[-+]?0[0-7_]+$/.test(source)) return signed(Number.parseInt(digits, 8));
  if (/^[-+]?0x[0-9a-fA-F_]+$/.test(source)) return signed(Number.parseInt(digits.slice(2), 16));
  if (/^[-+]?0b[01_]+$/.test(source)) return signed(Number.parseInt(digits.slice(2), 2));
  // Parts of sixty, as in a time of the day.
  if (/^[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+$|^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*$/.test(source))
    return signed(digits.split(':').reduce((sum, part) => sum * 60 + Number(part), 0));
  if (/^[-+]?\.(?:inf|Inf|INF)$/.test(source)) return signed(Number.POSITIVE_INFINITY);
  return /^\.(?:nan|NaN|NAN)$/.test(source) ? Number.NaN : source;
}

const bare = (source: string): string => source.replaceAll('_', '');

/** Whether a node is a date or time without quotes, of which Azure's client makes a date where it expects text. */
export const isDate = (node: Node | null | undefined): boolean =>
  isScalar(node) &&
  node.type === 'PLAIN' &&
  typeof node.value === 'string' &&
  /^[0-9]{4}-(?:[0-9]{2}-[0-9]{2}$|[0-9]{1,2}-[0-9]{1,2}(?:[Tt]|[ \t]+)[0-9]{1,2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]*)?(?:[ \t]*(?:Z|[-+][0-9]{1,2}(?::[0-9]{2})?))?$)/.test(
    node.value,
  );
