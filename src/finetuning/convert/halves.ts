/** The bits of the 16-bit float nearest to a 32-bit float, given by its bits; of two that are as near, the even one. */
export function halfOf(bits: number): number {
  const sign = (bits >>> 16) & 0x8000;
  const fraction = bits & 0x7fffff;
  const exponent = ((bits >>> 23) & 0xff) - 112;
  if (exponent === 143) return sign | 0x7c00 | (fraction ? 0x200 : 0);
  if (exponent >= 31) return sign | 0x7c00;
  if (exponent < -10) return sign;
  // Below the smallest normal number the leading one is written out.
  const [whole, dropped] = exponent > 0 ? [(exponent << 23) | fraction, 13] : [0x800000 | fraction, 14 - exponent];
  let half = whole >>> dropped;
  const [rest, middle] = [whole & ((1 << dropped) - 1), 1 << (dropped - 1)];
  // What is carried goes into the exponent, as it should.
  if (rest > middle || (rest === middle && half & 1)) half++;
  return sign | half;
}

/** The number that the bits of a 16-bit float stand for. */
export function numberOfHalf(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const [exponent, fraction] = [(half >>> 10) & 31, half & 0x3ff];
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return exponent ? sign * (1024 + fraction) * 2 ** (exponent - 25) : sign * fraction * 2 ** -24;
}
