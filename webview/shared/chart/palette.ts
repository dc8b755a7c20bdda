import { useEffect, useState } from 'react';

/** Colours for what is painted on a canvas, resolved from the theme. */
export interface Palette {
  text: string;
  strong: string;
  background: string;
  grid: string;
  accent: string;
  font: string;
  /** Colours of lines, told apart by people who see colours differently, at least 3:1 against the background. */
  series: readonly string[];
}

/** The same hues for light and for dark backgrounds, so that a run keeps its hue when the theme changes. They differ in lightness too. */
export const onLight = ['#0072b2', '#e8300c', '#2f9488', '#96457b', '#16147a', '#747c30', '#730a08', '#2997d5', '#23414f', '#ea3a78'];
export const onDark = ['#4ea3e6', '#f0883a', '#29ccbb', '#f865e0', '#b3bdff', '#e8d94c', '#c77a5e', '#88e2ee', '#8ba0ac', '#fe678d'];

const isDark = (color: string): boolean => {
  const parts = /^#/.test(color)
    ? [1, 3, 5].map((at) => Number.parseInt(color.slice(at, at + 2), 16))
    : (color.match(/[\d.]+/g) ?? []).slice(0, 3).map(Number);
  return parts.length === 3
    ? 0.299 * parts[0]! + 0.587 * parts[1]! + 0.114 * parts[2]! < 128
    : matchMedia('(prefers-color-scheme: dark)').matches;
};

function read(): Palette {
  const style = getComputedStyle(document.body);
  const color = (...names: string[]) => names.map((name) => style.getPropertyValue(name).trim()).find(Boolean) ?? style.color;
  const background = color('--vscode-editor-background');
  return {
    text: color('--vscode-descriptionForeground', '--vscode-foreground'),
    strong: color('--vscode-foreground'),
    background,
    // High contrast has a border of its own for everything.
    grid: color('--updraft-grid'),
    accent: color('--vscode-focusBorder', '--vscode-foreground'),
    font: `11px ${style.fontFamily}`,
    series: isDark(background) ? onDark : onLight,
  };
}

let present: Palette | undefined;

/** The palette of the present theme; a new object when the theme changes. */
export function usePalette(): Palette {
  const [palette, setPalette] = useState(() => (present = read()));
  useEffect(() => {
    const update = () => {
      const now = read();
      if (JSON.stringify(present) !== JSON.stringify(now)) present = now;
      setPalette(present!);
    };
    update();
    // The editor tells of another theme by the classes of the body and the variables of the root.
    const observer = new MutationObserver(update);
    observer.observe(document.documentElement, { attributes: true, attributeFilter: ['style', 'class'] });
    observer.observe(document.body, { attributes: true, attributeFilter: ['class', 'data-vscode-theme-id'] });
    const preference = matchMedia('(prefers-color-scheme: dark)');
    preference.addEventListener('change', update);
    return () => {
      observer.disconnect();
      preference.removeEventListener('change', update);
    };
  }, []);
  return palette;
}

/** The colour of a run, the same on every page and after every reload. What shows it calls `usePalette`, to be painted anew in another theme. */
export const colorOfRun = (id: string, palette: Pick<Palette, 'series'> = (present ??= read())): string => palette.series[slotOf(id)]!;

/** FNV-1a: names that differ in one digit get other colours. */
function slotOf(id: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < id.length; at++) hash = Math.imul(hash ^ id.charCodeAt(at), 0x01000193);
  hash ^= hash >>> 15;
  return (hash >>> 0) % onLight.length;
}

/** Patterns of lines, in pixels: drawn and left out. */
export const dashes: readonly (readonly number[])[] = [[], [6, 3], [2, 2.5], [8, 3, 2, 3]];

/**
 * Colour and pattern of runs that are shown together, whatever their order. A run has its colour of `colorOfRun` unless another one has it too: then those colours
 * are given out that none has. Of more runs than there are colours, those of one colour have different patterns, as long as there are any.
 */
export function looksOfRuns(
  ids: readonly string[],
  palette: Pick<Palette, 'series'>,
): Map<string, { color: string; dash: readonly number[] }> {
  const looks = new Map<string, { color: string; dash: readonly number[] }>();
  let waiting = ids.toSorted();
  for (let round = 0; waiting.length > 0; round++) {
    const free = new Set(palette.series);
    const dash = dashes[round % dashes.length]!;
    const give = (id: string, color: string) => {
      free.delete(color);
      looks.set(id, { color, dash });
    };
    for (const id of waiting) if (free.has(colorOfRun(id, palette))) give(id, colorOfRun(id, palette));
    for (const id of waiting) {
      const [color] = free;
      if (color !== undefined && !looks.has(id)) give(id, color);
    }
    waiting = waiting.filter((id) => !looks.has(id));
  }
  return looks;
}
