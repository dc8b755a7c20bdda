import { timingSafeEqual } from 'node:crypto';

/** Equal, in a time that does not tell where they differ. */
export function isSameSecret(a: string, b: string): boolean {
  const [x, y] = [Buffer.from(a), Buffer.from(b)];
  return x.length === y.length && timingSafeEqual(x, y);
}
