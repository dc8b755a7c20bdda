import type { Page } from 'playwright-core';
import { drawnByPeers } from './chartPeers.ts';
import { experiment, folderOfKeys, folderOfSeries, seriesKey } from './dashboardData.ts';
import { type DashboardPage, openDashboard } from './dashboardPage.ts';
import { type Benchmark, type Figure, figure, p95 } from './figure.ts';
import { nameOf } from './metricData.ts';

const runs = 1000;
const points = 1_000_000;
const rounds = 5;
const keyRuns = 500;
const liveRuns = 50;
const liveSeconds = 15;

const chart = (lines: string) => `[data-card="${seriesKey}"] .plot[data-lines${lines}]`;

/** Milliseconds from the click on the tab to a chart that is painted with some lines, and with all of them. */
async function openCharts(
  { page, open }: DashboardPage,
  selected: readonly string[],
  [some, every] = [`${chart('')}:not([data-lines="0"])`, chart(`="${selected.length}"`)],
): Promise<{ first: number; all: number }> {
  await open(`/runs/${experiment}`);
  await page.getByRole('tab', { name: 'Charts' }).waitFor();
  // Somebody looks at the table first; meanwhile the page loads what the charts need.
  await page.waitForTimeout(1000);
  return page.evaluate(
    async ([ids, some, every]) => {
      // The address of so many runs is longer than a server takes: it is written as the page does when they are selected.
      const query = new URLSearchParams(location.search);
      query.set('selected', JSON.stringify(ids));
      history.replaceState(null, '', `${location.pathname}?${query}`);
      const painted = (selector: string) =>
        new Promise<number>((resolve) => {
          const look = () =>
            document.querySelector(selector) ? requestAnimationFrame(() => resolve(performance.now())) : requestAnimationFrame(look);
          look();
        });
      const started = performance.now();
      (document.querySelectorAll('[role=tab]')[1] as HTMLElement).click();
      const first = await painted(some);
      const all = await painted(every);
      return { first: first - started, all: all - started };
    },
    [selected, some, every] as const,
  );
}

/** Milliseconds of the frames while a pointer pans a chart by Shift, or a wheel zooms it. */
async function frames(page: Page, move: () => Promise<void>): Promise<number[]> {
  await page.evaluate(() => {
    const times: number[] = [];
    (globalThis as any).__frames = times;
    const note = (time: number) => {
      times.push(time);
      if ((globalThis as any).__frames === times) requestAnimationFrame(note);
    };
    requestAnimationFrame(note);
  });
  await move();
  const times = await page.evaluate(() => {
    const noted = (globalThis as any).__frames as number[];
    (globalThis as any).__frames = undefined;
    return noted;
  });
  return times.slice(1).map((time, at) => time - times[at]!);
}

async function pan(page: Page): Promise<number[]> {
  const { x, y, width, height } = (await page.locator(chart('')).boundingBox())!;
  return frames(page, async () => {
    await page.keyboard.down('Shift');
    await page.mouse.move(x + width * 0.8, y + height / 2);
    await page.mouse.down();
    for (let step = 0; step < 90; step++) await page.mouse.move(x + width * (0.8 - step / 200), y + height / 2);
    await page.mouse.up();
    await page.keyboard.up('Shift');
  });
}

async function zoom(page: Page): Promise<number[]> {
  const { x, y, width, height } = (await page.locator(chart('')).boundingBox())!;
  return frames(page, async () => {
    await page.mouse.move(x + width / 2, y + height / 2);
    await page.keyboard.down('Control');
    for (let step = 0; step < 60; step++) await page.mouse.wheel(0, step < 30 ? -60 : 60);
    await page.keyboard.up('Control');
  });
}

/** Runs that log once a second, while their charts are open. */
async function live(dashboard: DashboardPage): Promise<Figure[]> {
  const { page, plane, devTools } = dashboard;
  const log = (step: number) =>
    Promise.all(
      Array.from({ length: liveRuns }, (_, run) =>
        plane.client.logBatch(nameOf(run), {
          metrics: [{ key: seriesKey, value: Math.sin(step / 9 + run), timestamp: 1_800_000_000_000 + step * 1000, step: points + step }],
        }),
      ),
    );
  await openCharts(
    dashboard,
    Array.from({ length: liveRuns }, (_, run) => nameOf(run)),
  );
  const busy = async () => (await devTools.send('Performance.getMetrics')).metrics.find(({ name }) => name === 'ProcessTime')!.value;
  for (let step = 0; step < 3; step++) {
    await log(step);
    await page.waitForTimeout(1000);
  }
  dashboard.received(/./);
  const [before, started] = [await busy(), performance.now()];
  for (let step = 3; step < 3 + liveSeconds; step++) {
    const next = started + (step - 2) * 1000;
    await log(step);
    await page.waitForTimeout(Math.max(0, next - performance.now()));
  }
  const seconds = (performance.now() - started) / 1000;
  const [series, feed, all] = [dashboard.received(/series$/), dashboard.received(/changes$/), dashboard.received(/./)];
  return [
    figure(`${liveRuns} runs live: bytes a second of series`, [series / seconds / 1000], 'kB/s', { atMost: 10 }),
    figure(`${liveRuns} runs live: bytes a second of the feed`, [feed / seconds / 1000], 'kB/s'),
    figure(`${liveRuns} runs live: bytes a second of everything else`, [all / seconds / 1000], 'kB/s'),
    figure(`${liveRuns} runs live: CPU of the page`, [(((await busy()) - before) / seconds) * 100], '%', { atMost: 10 }),
  ];
}

async function manyKeys(): Promise<Figure[]> {
  const dashboard = await openDashboard(await folderOfKeys());
  try {
    const times: number[] = [];
    const ids = Array.from({ length: keyRuns }, (_, run) => nameOf(run));
    // A metric that a run logged once is a bar.
    const shown = '.plot[data-lines], .chart-figure, .chart-bars';
    for (let round = 0; round < rounds; round++) times.push((await openCharts(dashboard, ids, [shown, shown])).first);
    const scrolled = await frames(dashboard.page, async () => {
      await dashboard.page.mouse.move(600, 500);
      for (let step = 0; step < 40; step++) await dashboard.page.mouse.wheel(0, 300);
    });
    return [
      figure('12,000 keys of 500 selected runs: click to first chart', times, 'ms', { atMost: 1000 }),
      figure('12,000 keys: frames while it scrolls, p95', [p95(scrolled)], 'ms'),
    ];
  } finally {
    await dashboard.close();
  }
}

export const benchmark: Benchmark = {
  name: 'dashboards-charts',
  what: `charts of ${runs} runs of ${points} points in Chromium, beside Plotly and ECharts that draw all points`,
  async run() {
    const dashboard = await openDashboard(await folderOfSeries(runs, points));
    try {
      const { page } = dashboard;
      const [one, first, all, bytes]: number[][] = [[], [], [], []];
      const ids = Array.from({ length: runs }, (_, run) => nameOf(run));
      await openCharts(dashboard, ids.slice(0, 1));
      for (let round = 0; round < rounds; round++) {
        one!.push((await openCharts(dashboard, [ids[round + 1]!])).all);
        dashboard.received(/series$/);
        const many = await openCharts(dashboard, ids);
        bytes!.push(dashboard.received(/series$/) / runs / 1000);
        first!.push(many.first);
        all!.push(many.all);
      }
      const memory = await dashboard.memory();
      const panned = await pan(page);
      const zoomed = await zoom(page);
      const others = await dashboard.browser.newPage({ viewport: { width: 1280, height: 800 } });
      const peers = await drawnByPeers(others, dashboard.plane.client, points, rounds);
      await others.close();
      const over = (a: number[], b: number[]) => a.map((each, at) => each / b[at]!);
      return [
        figure('a chart of 1,000,000 points, click to paint: updraft', one!, 'ms'),
        figure('the same as JSON from a server, request to paint: Plotly', peers.plotly.fetched, 'ms'),
        figure('the same as JSON from a server, request to paint: ECharts', peers.echarts.fetched, 'ms'),
        figure('request to paint: Plotly / updraft with its page', over(peers.plotly.fetched, one!), 'x', { atLeast: 20 }),
        figure('request to paint: ECharts / updraft with its page', over(peers.echarts.fetched, one!), 'x', { atLeast: 40 }),
        figure('drawing alone, what the plane answered in the page: updraft', peers.ours.toPaint, 'ms'),
        figure('drawing alone, all points in the page: Plotly', peers.plotly.toPaint, 'ms'),
        figure('drawing alone, all points in the page: ECharts', peers.echarts.toPaint, 'ms'),
        figure('drawing alone to the frame: Plotly / updraft', over(peers.plotly.toPaint, peers.ours.toPaint), 'x'),
        figure('drawing alone to the frame: ECharts / updraft', over(peers.echarts.toPaint, peers.ours.toPaint), 'x'),
        figure('drawing alone, work of the main thread: updraft', peers.ours.work, 'ms'),
        figure('work of the main thread: Plotly / updraft', over(peers.plotly.work, peers.ours.work), 'x'),
        figure('work of the main thread: ECharts / updraft', over(peers.echarts.work, peers.ours.work), 'x'),
        figure('1,000 runs of 1,000,000 points, click to first paint', first!, 'ms'),
        figure('1,000 runs, click to all lines', all!, 'ms'),
        figure('1,000 runs, first paint / one run', over(first!, one!), 'x', { atMost: 5 }),
        figure('1,000 runs, all lines / one run', over(all!, one!), 'x'),
        figure('1,000 runs: wire a series', bytes!, 'kB', { atMost: 64 }),
        figure('1,000 runs: memory of the page', [memory / 2 ** 20], 'MiB', { atMost: 300 }),
        figure('1,000 runs: frames while panning, p95', [p95(panned)], 'ms', { atMost: 33 }),
        figure('1,000 runs: frames while zooming, p95', [p95(zoomed)], 'ms', { atMost: 33 }),
        ...(await live(dashboard)),
        ...(await manyKeys()),
      ];
    } finally {
      await dashboard.close();
    }
  },
};
