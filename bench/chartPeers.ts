import { createServer } from 'node:http';
import path from 'node:path';
import { build } from 'esbuild';
import type { Page } from 'playwright-core';
import { chartPeers } from '../scripts/chartPeers.ts';
import type { PlaneClient } from '../src/client/planeClient.ts';
import { seriesKey } from './dashboardData.ts';
import { nameOf, pointAt } from './metricData.ts';

/** What a library took for a curve, in ms, round by round. */
export interface Drawn {
  /** From its points in the page, as the library takes them, to the frame in which it is painted. */
  toPaint: number[];
  /** What the main thread worked for that, without the waiting for frames. */
  work: number[];
  /** From the request for its points, as JSON of a server of this machine, to the frame. */
  fetched: number[];
}

type Draw = (element: HTMLElement, x: Float64Array, y: Float64Array) => unknown;

const plotly: Draw = (element, x, y) =>
  (globalThis as any).Plotly.newPlot(element, [{ type: 'scatter', mode: 'lines', x, y }], {}, { staticPlot: false });
const echarts: Draw = (element, x, y) =>
  new Promise((resolve) => {
    const made = (globalThis as any).echarts.init(element);
    made.on('finished', resolve);
    made.setOption({
      animation: false,
      xAxis: { type: 'value' },
      yAxis: { type: 'value' },
      dataset: { source: { x, y }, dimensions: ['x', 'y'] },
      series: [{ type: 'line', showSymbol: false, sampling: 'lttb', encode: { x: 'x', y: 'y' } }],
    });
  });
const ours: Draw = (element, x, y) => (globalThis as any).drawOurs(element, x, y);

/** The same curve by Plotly and ECharts, which draw all its points, and by our own chart, which draws what the plane answers for one of its size. */
export async function drawnByPeers(
  page: Page,
  client: PlaneClient,
  points: number,
  rounds: number,
): Promise<Record<'plotly' | 'echarts' | 'ours', Drawn>> {
  const libraries = await chartPeers();
  const all = JSON.stringify(
    columnsOf(Array.from({ length: points }, (_, at) => pointAt(seriesKey, at)).map(({ step, value }) => [step, value])),
  );
  let few = '';
  for await (const { steps, values } of client.series({ jobs: [nameOf(0)], keys: [seriesKey], points: 2000 }))
    few = JSON.stringify({ x: [...steps], y: [...values] });
  const bundled = await build({
    entryPoints: [path.join(import.meta.dirname, 'drawOurs.ts')],
    ...{ bundle: true, write: false, minify: true, format: 'iife' },
  });
  const server = createServer((request, response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-store', 'access-control-allow-origin': '*' });
    response.end(request.url === '/all' ? all : few);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  try {
    const of = (script: { path: string } | { content: string }, draw: Draw, which: string) =>
      drawn(page, script, draw, `http://127.0.0.1:${port}/${which}`, rounds);
    return {
      plotly: await of({ path: libraries.plotly }, plotly, 'all'),
      echarts: await of({ path: libraries.echarts }, echarts, 'all'),
      ours: await of({ content: bundled.outputFiles[0]!.text }, ours, 'few'),
    };
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

const columnsOf = (points: number[][]) => ({ x: points.map(([x]) => x), y: points.map(([, y]) => y) });

async function drawn(page: Page, script: { path: string } | { content: string }, draw: Draw, url: string, rounds: number): Promise<Drawn> {
  await page.setContent('<!DOCTYPE html><div id="chart" style="width: 400px; height: 260px"></div>');
  await page.addScriptTag(script);
  const devTools = await page.context().newCDPSession(page);
  await devTools.send('Performance.enable');
  const worked = async () =>
    (await devTools.send('Performance.getMetrics')).metrics.find(({ name }) => name === 'TaskDuration')!.value * 1000;
  const once = (isFetched: boolean): Promise<number> =>
    page.evaluate(
      async ([source, from, isAsked]) => {
        const element = document.getElementById('chart')!.cloneNode(false) as HTMLElement;
        document.getElementById('chart')!.replaceWith(element);
        const drawIt = new Function(`return ${source}`)();
        const state = globalThis as any;
        const started = performance.now();
        if (isAsked) {
          const { x, y } = await (await fetch(from)).json();
          state.columns = [Float64Array.from(x), Float64Array.from(y)];
        }
        await drawIt(element, ...state.columns);
        await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
        return performance.now() - started;
      },
      [draw.toString(), url, isFetched] as const,
    );
  const found: Drawn = { toPaint: [], work: [], fetched: [] };
  for (let round = -1; round < rounds; round++) {
    const fetched = await once(true);
    const before = await worked();
    const toPaint = await once(false);
    const work = (await worked()) - before;
    if (round < 0) continue;
    found.fetched.push(fetched);
    found.toPaint.push(toPaint);
    found.work.push(work);
  }
  await devTools.detach();
  return found;
}
