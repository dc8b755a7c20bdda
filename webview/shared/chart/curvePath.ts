/** An SVG path through the values, at even distances; what is not finite is a gap. A lone point is a short dash. */
export function curvePath(values: ArrayLike<number>, width: number, height: number): string {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (!Number.isFinite(value)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (low > high) return '';
  const [inset, range] = [1.5, high - low];
  const y = (value: number) => (range > 0 ? inset + (1 - (value - low) / range) * (height - 2 * inset) : height / 2).toFixed(1);
  const x = (index: number) => (values.length === 1 ? width / 2 : (index / (values.length - 1)) * width).toFixed(1);
  let path = '';
  let isDown = false;
  for (let i = 0; i < values.length; i++) {
    if (!Number.isFinite(values[i]!)) {
      isDown = false;
      continue;
    }
    path += `${isDown ? 'L' : 'M'}${x(i)} ${y(values[i]!)}`;
    const isLone = !isDown && !Number.isFinite(values[i + 1] ?? Number.NaN);
    if (isLone) path += 'h2';
    isDown = true;
  }
  return path;
}
