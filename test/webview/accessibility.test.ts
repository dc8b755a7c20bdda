import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import type { Page } from 'playwright-core';
import { pathOfPage } from '../../src/protocol/pageLink.ts';
import type { TestPlane } from '../contract/plane.ts';
import { type FullPlane, fullPlane } from './accessibilityFixture.ts';
import { axeFaults, themeRules } from './axe.ts';
import { closeBrowser, openStudio, type Tab } from './browser.ts';
import { type Frame } from './editorFrame.ts';
import { openInEditor } from './editorPage.ts';
import { everyPage, type PageCase } from './everyPage.ts';
import { startStudio } from './fixture.ts';
import { keyboardFaults } from './keyboardWalk.ts';

const wide = { width: 1000, height: 800 };
const narrow = { width: 420, height: 800 };

describe('every page can be used by everyone', () => {
  let full: FullPlane;
  let empty: TestPlane;
  before(async () => {
    [full, empty] = await Promise.all([fullPlane(), startStudio()]);
  });
  after(async () => {
    await closeBrowser();
    await Promise.all([full?.plane.remove(), empty?.remove()]);
  });

  for (const each of everyPage)
    for (const place of each.in ?? (['Studio', 'editor'] as const))
      it(`${each.name}, in the ${place}`, async () => {
        const t0 = performance.now();
        const tab = await open(each, place);
        await each.ready(tab.page);
        const t1 = performance.now();
        const faults = [
          ...under('keyboard', await walk(tab.page)),
        ];
        await tab.context.close();
        const t2 = performance.now();
        const again = await open(each, place);
        await each.ready(again.page);
        const t3 = performance.now();
        faults.push(...(await inEveryLook(again)));
        const t4 = performance.now();
        console.log('# times', t1 - t0, t2 - t1, t3 - t2, t4 - t3);
        for (const [part, show] of Object.entries(each.parts ?? {})) {
          await show(again.page);
          faults.push(...under(part, await axeFaults(again.page)));
        }
        await again.context.close();
        assert.ok(faults.length === 0, `${faults.length} faults\n${faults.join('\n')}`);
      });

  const open = (each: PageCase, place: 'Studio' | 'editor'): Promise<Tab | (Tab & Frame)> => {
    const plane = each.isEmpty ? empty : full.plane;
    const at = each.at(full);
    return place === 'editor' ? openInEditor(plane, at, wide) : openStudio(plane, pathOfPage(at), wide);
  };
  const walk = async (page: Page) => {
    await axeFaults(page, ['region']);
    return keyboardFaults(page);
  };
});

/** In dark all rules, wide and narrow; in the other themes those that have to do with colours. */
async function inEveryLook(tab: Tab | Frame): Promise<string[]> {
  const { page } = tab;
  const faults = under('dark', await axeFaults(page));
  for (const theme of 'setTheme' in tab ? (['light', 'contrast'] as const) : (['light'] as const)) {
    if ('setTheme' in tab) await tab.setTheme(theme);
    else await page.emulateMedia({ colorScheme: 'light' });
    faults.push(...under(theme, await axeFaults(page, themeRules)));
  }
  if ('setTheme' in tab) await tab.setTheme('dark');
  else await page.emulateMedia({ colorScheme: 'dark' });
  await page.setViewportSize(narrow);
  faults.push(...under('narrow', await axeFaults(page)));
  await page.setViewportSize(wide);
  return faults;
}

const under = (look: string, lines: readonly string[]): string[] => lines.map((line) => `  ${look}: ${line}`);
