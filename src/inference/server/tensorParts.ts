import { UserError } from '../../base/userError.ts';
import type { TensorData, TensorMetadata } from '../worker/onnxRuntime.ts';

/** How one value becomes a number of a tensor. `what` is said of it when it can't. */
interface ElementType {
  what: string;
  array: (length: number) => TensorData;
  /** Undefined where the value is none of this type. */
  read: (value: unknown) => number | bigint | string | undefined;
}

/** A missing value of a table is NaN, as pandas has it. */
const float = (value: unknown): number | undefined => (value === null ? Number.NaN : typeof value === 'number' ? value : undefined);
const whole =
  (least: number, most: number) =>
  (value: unknown): number | undefined =>
    Number.isInteger(value) && (value as number) >= least && (value as number) <= most ? (value as number) : undefined;

/** JSON's numbers are exact up to 2^53: larger ones come as texts of digits. */
function whole64(bits: 'int' | 'uint') {
  return (value: unknown): bigint | undefined => {
    if (typeof value === 'string' ? !/^-?\d{1,20}$/.test(value) : !Number.isSafeInteger(value)) return undefined;
    const exact = BigInt(value as string | number);
    return (bits === 'int' ? BigInt.asIntN(64, exact) : BigInt.asUintN(64, exact)) === exact ? exact : undefined;
  };
}

const types: Record<string, ElementType> = {
  float32: { what: 'a number', array: (length) => new Float32Array(length), read: float },
  float64: { what: 'a number', array: (length) => new Float64Array(length), read: float },
  int8: { what: 'a whole number of 8 bits', array: (length) => new Int8Array(length), read: whole(-128, 127) },
  uint8: { what: 'a whole number from 0 to 255', array: (length) => new Uint8Array(length), read: whole(0, 255) },
  int16: { what: 'a whole number of 16 bits', array: (length) => new Int16Array(length), read: whole(-32768, 32767) },
  uint16: { what: 'a whole number from 0 to 65535', array: (length) => new Uint16Array(length), read: whole(0, 65535) },
  int32: { what: 'a whole number of 32 bits', array: (length) => new Int32Array(length), read: whole(-(2 ** 31), 2 ** 31 - 1) },
  uint32: { what: 'a whole number of 32 bits', array: (length) => new Uint32Array(length), read: whole(0, 2 ** 32 - 1) },
  int64: { what: 'a whole number, or a text of digits', array: (length) => new BigInt64Array(length), read: whole64('int') },
  uint64: { what: 'a whole number, or a text of digits', array: (length) => new BigUint64Array(length), read: whole64('uint') },
  bool: {
    what: 'true or false',
    array: (length) => new Uint8Array(length),
    read: (value) => (typeof value === 'boolean' ? Number(value) : undefined),
  },
  string: {
    what: 'a text',
    array: (length) => new Array<string>(length).fill(''),
    read: (value) => (typeof value === 'string' ? value : undefined),
  },
};

/** Whether requests can give such an input. */
export const isReadable = ({ type }: TensorMetadata): boolean => Object.hasOwn(types, type);

/** `It wants "x" (float32, [N, 4]).` */
export const wantedText = (wanted: readonly TensorMetadata[]): string =>
  `It wants ${wanted
    .slice(0, 30)
    .map(({ name, type, shape }) => `"${name}" (${type}, ${shapeText(shape)})`)
    .join(', ')}${wanted.length > 30 ? `, and ${wanted.length - 30} more` : ''}.`;

const shapeText = (shape: readonly (number | string)[]) =>
  `[${shape.map((size) => (typeof size === 'number' ? size : size || 'N')).join(', ')}]`;

/**
 * The numbers of nested lists, one behind the other, and their sizes. A list of single values does for a column. `sizes` has what names of sizes stood for in the inputs before. Throws `InvalidRequest`, which names
 * the value that is wrong by its place.
 */
export function tensorParts(
  value: unknown,
  wanted: TensorMetadata,
  at: string,
  sizes: Map<string, number>,
): { data: TensorData; dims: number[] } {
  const dims = dimsOf(value, wanted.shape.length + 1);
  const isColumn = dims.length === 1 && wanted.shape.length === 2 && (wanted.shape[1] === 1 || typeof wanted.shape[1] === 'string');
  const shaped = isColumn ? [dims[0]!, 1] : dims;
  const fits = shaped.length === wanted.shape.length && wanted.shape.every((size, axis) => sizeFits(size, shaped[axis]!, sizes));
  if (!fits) throw new UserError('InvalidRequest', `${at} has the shape ${shapeText(dims)}. ${wantedText([wanted])}`);
  const { array, read, what } = types[wanted.type]!;
  const data = array(dims.reduce((product, size) => product * size, 1)) as unknown[];
  let filled = 0;
  const fill = (part: unknown, axis: number, place: string): void => {
    if (axis === dims.length) {
      const number = read(part);
      if (number === undefined)
        throw new UserError('InvalidRequest', `${place} is ${shown(part)}, and must be ${what}. ${wantedText([wanted])}`);
      data[filled++] = number;
      return;
    }
    if (!Array.isArray(part) || part.length !== dims[axis])
      throw new UserError('InvalidRequest', `${place} must be a list of ${dims[axis]} values, as the first one is.`);
    for (let index = 0; index < part.length; index++) fill(part[index], axis + 1, `${place}[${index}]`);
  };
  fill(value, 0, at);
  return { data: data as unknown as TensorData, dims: shaped };
}

/** Sizes of nested lists, by the first of each. */
function dimsOf(value: unknown, most: number): number[] {
  const dims: number[] = [];
  for (let part = value; Array.isArray(part) && dims.length < most; part = part[0]) dims.push(part.length);
  return dims;
}

function sizeFits(wanted: number | string, size: number, sizes: Map<string, number>): boolean {
  if (typeof wanted === 'number') return size === wanted;
  if (wanted === '') return true;
  const before = sizes.get(wanted);
  sizes.set(wanted, before ?? size);
  return before === undefined || before === size;
}

const shown = (value: unknown): string => JSON.stringify(value)?.slice(0, 60) ?? 'nothing';
