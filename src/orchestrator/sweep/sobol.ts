/** Degree, coefficients and initial numbers of each dimension but the first: Joe and Kuo (2008), new-joe-kuo-6.21201. */
const directions: [coefficients: number, initial: number[]][] = [
  [0, [1]],
  [1, [1, 3]],
  [1, [1, 3, 1]],
  [2, [1, 1, 1]],
  [1, [1, 1, 3, 3]],
  [4, [1, 3, 5, 13]],
  [2, [1, 1, 5, 5, 17]],
  [4, [1, 1, 5, 5, 5]],
  [7, [1, 1, 7, 11, 19]],
  [11, [1, 1, 5, 1, 1]],
  [13, [1, 1, 1, 3, 11]],
  [14, [1, 3, 5, 5, 31]],
  [1, [1, 3, 3, 9, 7, 49]],
  [13, [1, 1, 1, 15, 21, 21]],
  [16, [1, 3, 1, 13, 27, 49]],
  [19, [1, 1, 1, 15, 7, 5]],
  [22, [1, 3, 1, 15, 13, 25]],
  [25, [1, 1, 5, 5, 19, 61]],
  [1, [1, 3, 7, 11, 23, 15, 103]],
  [4, [1, 3, 7, 13, 13, 15, 69]],
];
const bits = 31;

/** Dimensions that a Sobol sequence is made for here. */
export const sobolDimensions = directions.length + 1;

/** The bits of one dimension that the bits of an index switch. */
function switches(dimension: number): number[] {
  if (dimension === 0) return Array.from({ length: bits }, (_each, bit) => 2 ** (bits - 1 - bit));
  const [coefficients, initial] = directions[dimension - 1]!;
  const degree = initial.length;
  const result = initial.map((each, bit) => each * 2 ** (bits - 1 - bit));
  for (let bit = degree; bit < bits; bit++) {
    let next = result[bit - degree]! ^ (result[bit - degree]! >>> degree);
    for (let k = 1; k < degree; k++) if ((coefficients >> (degree - 1 - k)) & 1) next ^= result[bit - k]!;
    result.push(next >>> 0);
  }
  return result;
}

/** Point `index` of the Sobol sequence in one dimension, in [0, 1). `shift`, in [0, 1), moves all points alike (by exclusive or), which keeps their evenness. */
export function sobol(index: number, dimension: number, shift: number): number {
  let point = Math.floor(shift * 2 ** bits);
  const all = switches(dimension);
  // Gray code order, as in Joe and Kuo's own programs.
  const code = index ^ (index >>> 1);
  for (let bit = 0; bit < bits; bit++) if ((code >>> bit) & 1) point ^= all[bit]!;
  return (point >>> 0) / 2 ** bits;
}
