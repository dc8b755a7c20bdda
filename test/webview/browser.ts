import assert from 'node:assert/strict';
import path from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { launchChromium } from '../../scripts/chromium.ts';
import type { TestPlane } from '../contract/plane.ts';

const screenshots = path.resolve(import.meta.dirname, '../../test-artifacts/screenshots');

let shared: Promise<Browser> | undefined;
/** One Chromium for a whole test file. */
export const browser = (): Promise<Browser> => (shared ??= launchChromium());
export async function closeBrowser(): Promise<void> {
  await (await shared)?.close();
  shared = undefined;
}

export interface Tab {
  page: Page;
  context: BrowserContext;
  /** What went wrong in the page: console errors and exceptions. */
  errors: string[];
}

export async function openTab({
  width = 1280,
  height = 800,
  scheme = 'dark',
}: {
  width?: number;
  height?: number;
  scheme?: 'dark' | 'light';
} = {}): Promise<Tab> {
  const context = await (await browser()).newContext({ viewport: { width, height }, colorScheme: scheme, reducedMotion: 'reduce' });
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  const errors: string[] = [];
  // That a script of a shown file was kept from running is as it should be.
  const isMeant = (text: string) => /^Blocked script execution in 'about:srcdoc'/.test(text);
  page.on('console', (message) => message.type() === 'error' && !isMeant(message.text()) && errors.push(message.text()));
  page.on('pageerror', (error) => errors.push(error.stack ?? error.message));
  return { page, context, errors };
}

/** Opens a page of the Studio as its printed address does: with the token in the query. */
export async function openStudio(plane: TestPlane, at: string, options: Parameters<typeof openTab>[0] = {}): Promise<Tab> {
  const tab = await openTab(options);
  await tab.page.goto(`${plane.url}/studio${at}${at.includes('?') ? '&' : '?'}token=${encodeURIComponent(plane.token)}`);
  return tab;
}

/** Closes the tab; anything that the page complained about fails the test. */
export async function closeTab(tab: Tab): Promise<void> {
  await tab.context.close();
  assert.deepEqual(tab.errors, []);
}

export async function shoot(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: path.join(screenshots, `${name}.png`) });
}
