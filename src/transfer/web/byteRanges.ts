/** From a byte on, up to the one before `to`. */
export type ByteRange = readonly [from: number, to: number];

/** Which bytes of a file are there. */
export class ByteRanges {
  private ranges: ByteRange[] = [];

  constructor(ranges: readonly ByteRange[] = []) {
    for (const [from, to] of ranges) this.add(from, to);
  }

  add(from: number, to: number): void {
    if (from >= to) return;
    const apart = this.ranges.filter(([start, end]) => end < from || start > to);
    const touching = this.ranges.filter(([start, end]) => end >= from && start <= to);
    const whole: ByteRange = [Math.min(from, ...touching.map(([start]) => start)), Math.max(to, ...touching.map(([, end]) => end))];
    this.ranges = [...apart, whole].sort(([a], [b]) => a - b);
  }

  clear(): void {
    this.ranges = [];
  }

  get count(): number {
    return this.ranges.reduce((sum, [from, to]) => sum + to - from, 0);
  }

  /** In order, with gaps between them. */
  get all(): readonly ByteRange[] {
    return this.ranges;
  }

  /** What is not there of a file of `size` bytes, in pieces of at most `most` bytes. */
  missing(size: number, most: number): ByteRange[] {
    const gaps: ByteRange[] = [];
    let at = 0;
    for (const [from, to] of [...this.ranges, [size, size] as const]) {
      for (; at < from; at = Math.min(from, at + most)) gaps.push([at, Math.min(from, at + most)]);
      at = Math.max(at, to);
    }
    return gaps;
  }
}
