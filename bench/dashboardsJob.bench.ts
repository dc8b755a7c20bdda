import type { Page } from 'playwright-core';
import { folderOfSeries, seriesKey } from './dashboardData.ts';
import { openDashboard } from './dashboardPage.ts';
import { type Benchmark, figure } from './figure.ts';
import { nameOf } from './metricData.ts';

const runs = 1000;
const points = 1_000_000;
const rounds = 9;

const chart = `[data-card="${seriesKey}"] .plot[data-lines="1"]`;

/** Milliseconds from a click on the first element that fits until another one is painted. */
const clickTo = (page: Page, clicked: string, painted: string): Promise<number> =>
  page.evaluate(
    ([from, to]) =>
      new Promise<number>((resolve) => {
        const started = performance.now();
        (document.querySelector(from) as HTMLElement).click();
        const look = () => {
          // The next frame begins when this one was painted.
          if (document.querySelector(to)) requestAnimationFrame(() => resolve(performance.now() - started));
          else requestAnimationFrame(look);
        };
        look();
      }),
    [clicked, painted] as const,
  );

/** The same for a link to the metrics of a job, such as the editor's: one click from the list to a chart. */
const linkTo = (page: Page, path: string, painted: string): Promise<number> =>
  page.evaluate(
    ([at, to]) =>
      new Promise<number>((resolve) => {
        const started = performance.now();
        history.pushState(null, '', at);
        dispatchEvent(new PopStateEvent('popstate'));
        const look = () => {
          if (document.querySelector(to)) requestAnimationFrame(() => resolve(performance.now() - started));
          else requestAnimationFrame(look);
        };
        look();
      }),
    [path, painted] as const,
  );

export const benchmark: Benchmark = {
  name: 'dashboards-job',
  what: `a job of ${points.toLocaleString('en')} points, opened from the Studio's list of ${runs.toLocaleString('en')} jobs, in Chromium`,
  async run() {
    const dashboard = await openDashboard(await folderOfSeries(runs, points));
    try {
      const { page } = dashboard;
      const [link, overview, metrics]: number[][] = [[], [], []];
      /** The list as somebody has it in front of them who reads it before they click. */
      const list = async () => {
        await dashboard.open('/jobs');
        await page.waitForSelector('table.list a');
        await page.waitForTimeout(1500);
      };
      for (let round = -1; round < rounds; round++) {
        await list();
        // Another job each time: no answer is known.
        const linked = await linkTo(page, `/studio/jobs/${nameOf(100 + round)}?tab=metrics`, chart);
        await list();
        const name = `table.list a[href$="/${nameOf(runs - 2 - round)}"]`;
        const opened = await clickTo(page, name, '[role=tabpanel] .number');
        await page.waitForTimeout(300);
        const drawn = await clickTo(page, '[role=tab][id$="-metrics"]', chart);
        if (round < 0) continue;
        link!.push(linked);
        overview!.push(opened);
        metrics!.push(drawn);
      }
      return [
        figure('a link to the metrics of a job, click to its first chart', link!, 'ms', { atMost: 200 }),
        figure('a job in the list, click to its overview', overview!, 'ms'),
        figure('its tab Metrics, click to the first chart', metrics!, 'ms', { atMost: 200 }),
      ];
    } finally {
      await dashboard.close();
    }
  },
};
