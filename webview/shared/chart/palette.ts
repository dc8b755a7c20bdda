import { useEffect, useState } from 'react';

/** Colours for what is painted on a canvas, resolved from the theme. */
export interface Palette {
  text: string;
  grid: string;
  accent: string;
  font: string;
  series: string[];
}

const seriesVariables = ['blue', 'orange', 'green', 'purple', 'red', 'yellow'].map((name) => `--vscode-charts-${name}`);

/** Some of the editor's chart colours are made for a highlight that shines through: a thin line of them can hardly be seen. */
const opaque = (color: string): string =>
  color.replace(/^(#[0-9a-f]{6})[0-9a-f]{2}$/i, '$1').replace(/^rgba\(([^,]+,[^,]+,[^,]+),[^,]+\)$/i, 'rgb($1)');

function read(): Palette {
  const style = getComputedStyle(document.body);
  const color = (...names: string[]) => names.map((name) => style.getPropertyValue(name).trim()).find(Boolean) ?? style.color;
  return {
    text: color('--vscode-descriptionForeground', '--vscode-foreground'),
    // High contrast has a border of its own for everything.
    grid: color('--updraft-grid'),
    accent: color('--vscode-focusBorder', '--vscode-foreground'),
    font: `11px ${style.fontFamily}`,
    series: seriesVariables.map((name) => opaque(color(name))),
  };
}

/** The palette of the present theme; a new object when the theme changes. */
export function usePalette(): Palette {
  const [palette, setPalette] = useState(read);
  useEffect(() => {
    const update = () => setPalette((old) => (JSON.stringify(old) === JSON.stringify(read()) ? old : read()));
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

/** The colour of a run, the same on every page and after every reload. */
export const colorOfRun = (id: string, palette: Pick<Palette, 'series'>): string => palette.series[slotOf(id) % palette.series.length]!;

/** FNV-1a: names that differ in one digit get other colours. */
function slotOf(id: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < id.length; at++) hash = Math.imul(hash ^ id.charCodeAt(at), 0x01000193);
  return (hash ^ (hash >>> 15)) >>> 0;
}
