import { rmSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { launchChromium } from '../scripts/chromium.ts';
import { findPlane } from '../src/plane/ensurePlane.ts';
import { startPlaneProcess } from '../test/contract/planeProcess.ts';
import { experiment, folderOfRuns } from './dashboardData.ts';
import { type Benchmark, figure, p95 } from './figure.ts';

const runs = Number(process.env.UPDRAFT_BENCH_RUNS ?? 100_000);
const rounds = 7;
const frames = 200;
const firstRow = '.grid-row[data-row="0"] a';

/** Milliseconds from the start of the navigation until the first row is painted. */
async function firstPaint(browser: Browser, address: string): Promise<number> {
  const context = await browser.newContext({ viewport: { width: 1600, height: 900 } });
  const page = await context.newPage();
  await page.goto(address);
  await page.waitForSelector('.grid-row a');
  // The token is kept, the scripts are in the cache, and the browser has them compiled, which it does when a page is opened for the second time: as for who uses it daily.
  await page.reload();
  await page.waitForSelector('.grid-row a');
  await page.addInitScript(() => {
    const look = () => {
      if (document.querySelector('.grid-row .is-number'))
        requestAnimationFrame(() => setTimeout(() => ((globalThis as any).__painted = performance.now())));
      else requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  });
  await page.reload();
  const painted = await page.waitForFunction(() => (globalThis as any).__painted as number | undefined);
  const ms = (await painted.jsonValue())!;
  await context.close();
  return ms;
}

/** Milliseconds of work in each frame while the table is scrolled: from its first event until it is painted. */
const scrolled = (page: Page, pixels: number): Promise<number[]> =>
  page.evaluate(
    ([count, step]) =>
      new Promise<number[]>((resolve) => {
        const grid = document.querySelector('.grid')!;
        const work: number[] = [];
        let began = 0;
        document.addEventListener('scroll', () => (began = performance.now()), { capture: true });
        const channel = new MessageChannel();
        channel.port1.onmessage = () => {
          if (began > 0) work.push(performance.now() - began);
          began = 0;
        };
        let frame = 0;
        const next = () => {
          // Arrives when the frame is painted.
          channel.port2.postMessage(0);
          if (++frame > count) return resolve(work);
          grid.scrollTop += step;
          requestAnimationFrame(next);
        };
        requestAnimationFrame(next);
      }),
    [frames, pixels] as const,
  );

/** Milliseconds from what a person does until an element has another text. */
async function repainted(page: Page, selector: string, act: () => Promise<unknown>): Promise<number> {
  await page.evaluate((wanted) => {
    const text = () => document.querySelector(wanted)?.textContent;
    const before = text();
    const state = globalThis as any;
    state.__repainted = undefined;
    state.__began = undefined;
    const begin = () => (state.__began ??= performance.now());
    for (const kind of ['keydown', 'pointerdown']) document.addEventListener(kind, begin, { capture: true, once: true });
    const look = () => {
      if (text() !== before) setTimeout(() => (state.__repainted = performance.now() - state.__began));
      else requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  }, selector);
  await act();
  const done = await page.waitForFunction(() => (globalThis as any).__repainted as number | undefined);
  return (await done.jsonValue())!;
}

export const benchmark: Benchmark = {
  name: 'dashboards-table',
  what: `the table of ${runs.toLocaleString('en')} runs in Chromium`,
  async run() {
    const folder = await folderOfRuns(runs);
    const plane = await startPlaneProcess(folder, ['--no-runner']);
    const browser = await launchChromium();
    try {
      const { url, token } = (await findPlane(folder))!;
      const address = `${url}/studio/runs/${experiment}?token=${encodeURIComponent(token)}`;
      const paints: number[] = [];
      for (let round = 0; round < rounds; round++) paints.push(await firstPaint(browser, address));

      const page = await (await browser.newContext({ viewport: { width: 1600, height: 900 } })).newPage();
      await page.goto(address);
      await page.waitForSelector('.grid-row a');
      const smooth = await scrolled(page, 60);
      const fast = await scrolled(page, 5000);
      const head = page.getByRole('columnheader', { name: /^Metric metric_0/ });
      const filter = page.getByRole('combobox', { name: 'Filter', exact: true });
      const [sorts, filters]: number[][] = [[], []];
      for (let round = 0; round <= rounds; round++) {
        const sort = await repainted(page, firstRow, () => head.click());
        // Another limit each time: no answer is known.
        const text = `metrics.metric_1 > ${0.1 + round / 100} and params.param_0 != '${round}' `;
        const filtered = await repainted(page, '.runs-footer [role=status]', async () => {
          await filter.fill(text);
          await filter.press('Enter');
        });
        if (round === 0) continue;
        sorts!.push(sort);
        filters!.push(filtered);
      }
      return [
        figure('navigation to the first rows', paints, 'ms', { atMost: 300 }),
        figure('work in a frame, scrolling by 60 px, p95', [p95(smooth)], 'ms', { atMost: 16 }),
        figure('work in a frame, scrolling by 5000 px, p95', [p95(fast)], 'ms', { atMost: 16 }),
        figure('click on a head to rows sorted by it', sorts!, 'ms', { atMost: 150 }),
        figure('Enter to filtered and sorted rows', filters!, 'ms', { atMost: 150 }),
      ];
    } finally {
      await browser.close();
      await plane.stop();
      rmSync(folder, { recursive: true, force: true });
    }
  },
};
