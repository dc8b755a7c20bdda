import { readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import type { Browser, CDPSession, Page } from 'playwright-core';
import { launchChromium } from '../scripts/chromium.ts';
import { findPlane } from '../src/plane/ensurePlane.ts';
import { type PlaneProcess, startPlaneProcess } from '../test/contract/planeProcess.ts';

/** A page of the Studio in Chromium, served by the built plane from a data folder. */
export interface DashboardPage {
  plane: PlaneProcess;
  browser: Browser;
  page: Page;
  devTools: CDPSession;
  /** Goes to an address below `/studio`. */
  open(at: string): Promise<void>;
  /** Bytes of the bodies of answers since the last call, of paths that fit. */
  received(pattern: RegExp): number;
  /** Resident memory of the page's process in bytes, after its garbage was collected; NaN where there is no `/proc`. */
  memory(): Promise<number>;
  close(): Promise<void>;
}

export async function openDashboard(folder: string): Promise<DashboardPage> {
  process.env.UPDRAFT_STUDIO_FOLDER = path.resolve(import.meta.dirname, '../dist/webview');
  const plane = await startPlaneProcess(folder, ['--no-runner']);
  const { url, token } = (await findPlane(folder))!;
  const browser = await launchChromium();
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  const devTools = await page.context().newCDPSession(page);
  await devTools.send('Network.enable');
  await devTools.send('Performance.enable');
  const paths = new Map<string, string>();
  const bytes = new Map<string, number>();
  devTools.on('Network.requestWillBeSent', ({ requestId, request }) => paths.set(requestId, new URL(request.url).pathname));
  devTools.on('Network.dataReceived', ({ requestId, dataLength }) => {
    const at = paths.get(requestId) ?? '';
    bytes.set(at, (bytes.get(at) ?? 0) + dataLength);
  });
  const processes = await (await browser.newBrowserCDPSession()).send('SystemInfo.getProcessInfo');
  const renderer = processes.processInfo.filter(({ type }) => type === 'renderer').at(-1)?.id;
  return {
    plane,
    browser,
    page,
    devTools,
    open: async (at) => void (await page.goto(`${url}/studio${at}${at.includes('?') ? '&' : '?'}token=${encodeURIComponent(token)}`)),
    received(pattern) {
      let sum = 0;
      for (const [at, count] of bytes) {
        if (!pattern.test(at)) continue;
        sum += count;
        bytes.set(at, 0);
      }
      return sum;
    },
    async memory() {
      await devTools.send('HeapProfiler.collectGarbage');
      try {
        return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${renderer}/status`, 'utf8'))?.[1]) * 1024;
      } catch {
        return Number.NaN;
      }
    },
    async close() {
      await browser.close();
      await plane.kill();
      rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
    },
  };
}
