/** Nine colours of viridis, which grows in brightness evenly and is told apart with every kind of colour vision. */
const viridis = ['#440154', '#472d7b', '#3b528b', '#2c728e', '#21918c', '#28ae80', '#5ec962', '#addc30', '#fde725'].map((hex) =>
  [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16)),
);

/** Colours that are drawn: so many elements a chart has at most, whatever the number of its runs. */
export const colorLevels = 24;

/** The share of viridis that can be seen on the background: its darkest part vanishes on dark, its brightest on light. */
const seen = { dark: [0.22, 1], light: [0, 0.88] } as const;

/** From the least value to the greatest. */
export function sequentialColors(isDark: boolean): string[] {
  const [from, to] = isDark ? seen.dark : seen.light;
  return Array.from({ length: colorLevels }, (_, level) => viridisAt(from + ((to - from) * level) / (colorLevels - 1)));
}

function viridisAt(share: number): string {
  const place = Math.min(share * (viridis.length - 1), viridis.length - 1 - 1e-9);
  const [below, above, part] = [viridis[Math.floor(place)]!, viridis[Math.floor(place) + 1]!, place % 1];
  return `#${below
    .map((channel, index) =>
      Math.round(channel + (above[index]! - channel) * part)
        .toString(16)
        .padStart(2, '0'),
    )
    .join('')}`;
}

/** The level of a share from 0 to 1. */
export const levelOf = (share: number): number => Math.min(colorLevels - 1, Math.max(0, Math.floor(share * colorLevels)));

/** Whether a colour is one of text on a dark background. `color` is hex or rgb, as themes write them. */
export function isBright(color: string): boolean {
  const hex = /^#([0-9a-f]{3,8})/i.exec(color)?.[1];
  const channels = hex
    ? hex.length < 6
      ? [...hex.slice(0, 3)].map((digit) => Number.parseInt(digit + digit, 16))
      : [0, 2, 4].map((at) => Number.parseInt(hex.slice(at, at + 2), 16))
    : (color.match(/[\d.]+/g) ?? []).slice(0, 3).map(Number);
  const [red = 0, green = 0, blue = 0] = channels;
  return 0.299 * red + 0.587 * green + 0.114 * blue > 127;
}
