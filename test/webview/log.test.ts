import assert from 'node:assert/strict';
import { before, describe, it } from 'mocha';
import type { Page } from 'playwright-core';
import { jobWhen, shellEnvironment, type TestPlane } from '../contract/plane.ts';
import { closeTab, shoot } from './browser.ts';
import { openInEditor } from './editorPage.ts';
import { fixturePlane } from './fixture.ts';

/** A log of 20,000 lines that ends with all that has a look of its own. */
const command = `seq -f 'epoch %.0f loss 0.5' 20000
printf '%s\\n' '2026-01-02 10:00:00 INFO start' '2026-01-02 10:00:01 WARNING slow disk' 'UserWarning: old' '2026-01-02 10:00:02 ERROR no data'
printf '\\033[38;5;208morange \\033[38;2;10;10;60mdark \\033[48;5;52mon red\\033[0m plain\\n'
echo 'see https://example.org/a?b=1. <b>not bold</b> javascript:alert(1)'
printf 'Error 1\\nerror 2\\n'`;

describe('the log of a job', () => {
  let plane: TestPlane;
  before(async () => {
    plane = await fixturePlane();
    await plane.client.putJob('looks', { jobType: 'Command', environmentId: await shellEnvironment(plane.client), command });
    await jobWhen(plane.client, 'looks');
  });
  const open = (options: Parameters<typeof openInEditor>[2] = {}) =>
    openInEditor(plane, { page: 'job', name: 'looks', tab: 'log' }, { height: 640, ...options });
  const end = (page: Page) => page.getByText('error 2', { exact: true }).waitFor();
  const status = (page: Page, text: string) => page.locator('.matches').getByText(text, { exact: true }).waitFor();
  const texts = (page: Page) => page.locator('.line-text').allInnerTexts();

  it('is searched from the keyboard: by case, by a regular expression, and down to the lines that match', async () => {
    const tab = await open();
    const { page } = tab;
    await end(page);
    await page.getByRole('tab', { name: 'Log' }).focus();
    await page.keyboard.press('Control+f');
    await page.keyboard.type('Error');
    await status(page, '1 of 3');
    await page.keyboard.press('F3');
    await status(page, '2 of 3');
    await page.keyboard.press('Shift+F3');
    await page.keyboard.press('Shift+Enter');
    await status(page, '3 of 3');
    await page.keyboard.press('Alt+c');
    await status(page, '1 of 1');
    await page.keyboard.press('Alt+c');
    await page.getByRole('button', { name: 'Only lines that match (Alt+L)' }).click();
    await page.waitForFunction(() => document.querySelectorAll('.text-line').length === 3);
    assert.deepEqual(await texts(page), ['2026-01-02 10:00:02 ERROR no data', 'Error 1', 'error 2']);
    const numbers = await page.locator('.line-number').allInnerTexts();
    assert.ok(Number(numbers[2]) > 20_000 && Number(numbers[2]) === Number(numbers[1]) + 1, numbers.join());
    await page.keyboard.press('Control+f');
    await page.keyboard.press('Alt+r');
    await page.keyboard.type('^epoch \\d*9999 ');
    await status(page, '1 of 2');
    assert.deepEqual(await texts(page), ['epoch 9999 loss 0.5', 'epoch 19999 loss 0.5']);
    await shoot(page, 'log-filter-dark');
    await page.reload();
    await status(page, '1 of 2');
    assert.deepEqual(await texts(page), ['epoch 9999 loss 0.5', 'epoch 19999 loss 0.5']);
    await page.keyboard.press('Control+f');
    await page.keyboard.type('(');
    await status(page, 'No regular expression');
    // Nothing is left out by what can't be looked for.
    await page.waitForFunction(() => document.querySelectorAll('.text-line').length > 10);
    await closeTab(tab);
  });

  it('has colours for errors, warnings and what a program painted, and links that are opened by the editor', async () => {
    for (const [theme, width] of [
      ['dark', 900],
      ['light', 900],
      ['contrast', 900],
      ['dark', 340],
    ] as const) {
      const tab = await open({ theme, width });
      const { page } = tab;
      await end(page);
      const level = (text: string) => page.locator('.line-text', { hasText: text }).getAttribute('class');
      assert.deepEqual(await Promise.all(['INFO start', 'WARNING slow', 'UserWarning', 'ERROR no'].map(level)), [
        'line-text',
        'line-text tone-log-warning',
        'line-text tone-log-warning',
        'line-text tone-log-error',
      ]);
      const link = page.locator('.line-text a');
      assert.equal(await link.count(), 1);
      await link.click();
      assert.deepEqual(tab.commands.at(-1)?.args, { url: 'https://example.org/a?b=1' });
      await page.getByText('<b>not bold</b>').waitFor();
      assert.equal(await page.evaluate(() => document.scrollingElement!.scrollWidth > innerWidth), false);
      await shoot(page, `log-looks-${theme}-${width}`);
      await closeTab(tab);
    }
  });
});
