import type { Page } from 'playwright-core';

const limitMs = 60_000;

/**
 * Waits until an asynchronous function answers true in the page. Playwright's `waitForFunction` can't be used for it: it takes the promise of the function for a
 * true answer, and does not wait.
 */
export async function waitInPage<A>(page: Page, test: (argument: A) => Promise<boolean>, argument: A): Promise<void> {
  const until = performance.now() + limitMs;
  while (!(await page.evaluate(test as (argument: unknown) => Promise<boolean>, argument))) {
    if (performance.now() > until)
      throw new Error(`Not true in the page after ${limitMs / 1000} s, with ${JSON.stringify(argument)}: ${test}`);
    await page.evaluate(() => new Promise(requestAnimationFrame));
  }
}
