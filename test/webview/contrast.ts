type Rgb = readonly [number, number, number];

const rgbOf = (hex: string): Rgb => [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16)) as unknown as Rgb;

/** Relative luminance by WCAG 2.2. */
function luminance([r, g, b]: Rgb): number {
  const linear = (value: number) => (value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4);
  return 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
}

/** The contrast of two colours by WCAG 2.2, as `#rrggbb` or channels from 0 to 255. */
export function contrast(first: string | Rgb, second: string | Rgb): number {
  const [one, other] = [first, second].map((each) => luminance(typeof each === 'string' ? rgbOf(each) : each)) as [number, number];
  return (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
}
