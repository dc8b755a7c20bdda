import type { Tensor } from '../worker/onnxRuntime.ts';

/** A tensor as nested lists. Whole numbers of 64 bits that JSON's numbers can't hold exactly are texts of digits; NaN and infinite numbers, which JSON does not have, are null. */
export function jsonOfTensor({ data, dims, type }: Tensor): unknown {
  const value = readerOf(type);
  let at = 0;
  const part = (axis: number): unknown => {
    if (axis === dims.length) return value((data as ArrayLike<number | bigint | string>)[at++]!);
    return Array.from({ length: dims[axis]! }, () => part(axis + 1));
  };
  return part(0);
}

function readerOf(type: string): (value: number | bigint | string) => unknown {
  if (type === 'bool') return (value) => value === 1;
  return (value) => (typeof value !== 'bigint' ? value : Number.isSafeInteger(Number(value)) ? Number(value) : String(value));
}
