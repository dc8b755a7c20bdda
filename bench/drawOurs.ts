import type { SeriesPart } from '../src/protocol/seriesParts.ts';
import { curveOf } from '../webview/shared/chart/line.ts';
import { Plot } from '../webview/shared/chart/Plot.ts';
import { onLight } from '../webview/shared/chart/palette.ts';

/** Draws one series as the pages do, with nothing of the page around it: bundled for a page of its own. */
(globalThis as any).drawOurs = (element: HTMLElement, x: Float64Array, y: Float64Array): void => {
  const nothing = () => {};
  const series: SeriesPart = { job: 'run', key: 'loss', total: x.length, steps: x, times: x, values: y };
  const plot = new Plot(element, { onHover: nothing, onRange: nothing, onReset: nothing, onClick: nothing, onDrawn: nothing });
  plot.show({
    lines: [
      {
        ...{ id: 'run', label: 'run', color: onLight[0]!, dash: [], series },
        curve: curveOf(series, { axis: 'step', weight: 0, smoothing: 'points' }, 0),
      },
    ],
    ...{ band: undefined, axis: 'step', isSmoothed: false, isLog: false, xRange: undefined, yRange: undefined, best: undefined },
    palette: {
      text: '#444444',
      strong: '#000000',
      background: '#ffffff',
      grid: '#dddddd',
      accent: '#0060c0',
      font: '11px sans-serif',
      series: onLight,
    },
  });
};
