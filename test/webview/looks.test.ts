import assert from 'node:assert/strict';
import { before, describe, it } from 'mocha';
import type { Page } from 'playwright-core';
import type { TestPlane } from '../contract/plane.ts';
import { closeTab, openStudio, shoot } from './browser.ts';
import { contrast } from './contrast.ts';
import { openInEditor } from './editorPage.ts';
import { fixturePlane } from './fixture.ts';

/** What tells that a tab of the job page is painted. */
const painted: Record<string, (page: Page) => Promise<void>> = {
  Overview: (page) => page.getByText('Submitted', { exact: true }).waitFor(),
  Metrics: (page) => page.getByRole('figure', { name: 'grad_norm' }).waitFor(),
  Graph: (page) => page.getByRole('group', { name: /step train/ }).waitFor(),
  Outputs: (page) => page.getByRole('treeitem', { name: 'weights.bin' }).waitFor(),
  Log: (page) => page.getByText(/epoch\s+200/).waitFor(),
  Lineage: (page) => page.getByText('Led to').waitFor(),
};

/** Nothing may stick out to the side: a panel of an editor has no room to scroll there. */
async function assertFits(page: Page, what: string): Promise<void> {
  const wide = await page.evaluate(() => document.scrollingElement!.scrollWidth - innerWidth);
  assert.ok(wide <= 0, `${what} is ${wide} pixels too wide`);
}

describe('the pages look right', () => {
  let plane: TestPlane;
  before(async () => {
    plane = await fixturePlane();
  });

  for (const [theme, width] of [
    ['light', 1000],
    ['contrast', 1000],
    ['dark', 300],
  ] as const) {
    it(`in ${theme}, ${width} pixels wide`, async () => {
      const name = width === 300 ? 'narrow' : theme;
      const tab = await openInEditor(plane, { page: 'job', name: 'digits_1' }, { theme, width, height: 760 });
      for (const [label, wait] of Object.entries(painted)) {
        await tab.page.getByRole('tab', { name: label }).click();
        if (label === 'Log') await chooseStep(tab.page, 'train');
        await wait(tab.page);
        await assertFits(tab.page, label);
        await shoot(tab.page, `pages-${label.toLowerCase()}-${name}`);
      }
      await closeTab(tab);
      const failed = await openInEditor(plane, { page: 'job', name: 'wrong_file' }, { theme, width, height: 760 });
      await failed.page.getByText('no rows in missing.csv').first().waitFor();
      await assertFits(failed.page, 'the error');
      await shoot(failed.page, `pages-error-${name}`);
      await closeTab(failed);
      const model = await openInEditor(plane, { page: 'model', name: 'digits' }, { theme, width, height: 760 });
      await model.page.getByRole('link', { name: 'train' }).waitFor();
      await assertFits(model.page, 'the model');
      await shoot(model.page, `pages-model-${name}`);
      await closeTab(model);
    });
  }

  it('with words and icons of every status that can be read in the default themes', async () => {
    // What a webview gets of VS Code's own: Light Modern and Visual Studio Light, Dark Modern and Dark, the two of high contrast.
    const pale = { 'testing-iconPassed': '#73c991', 'testing-iconFailed': '#f14c4c', 'testing-iconErrored': '#f14c4c' };
    const themes: [string, Record<string, string>][] = [
      [
        'vscode-light',
        { ...pale, 'charts-blue': '#1a85ff', foreground: '#3b3b3b', descriptionForeground: '#3b3b3b', 'editor-background': '#ffffff' },
      ],
      [
        'vscode-light',
        { ...pale, 'charts-blue': '#1a85ff', foreground: '#616161', descriptionForeground: '#717171', 'editor-background': '#ffffff' },
      ],
      [
        'vscode-dark',
        { ...pale, 'charts-blue': '#3794ff', foreground: '#cccccc', descriptionForeground: '#9d9d9d', 'editor-background': '#1f1f1f' },
      ],
      [
        'vscode-high-contrast',
        { ...pale, 'charts-blue': '#3794ff', foreground: '#ffffff', descriptionForeground: '#d4d4d4', 'editor-background': '#000000' },
      ],
      [
        'vscode-high-contrast-light',
        {
          'testing-iconPassed': '#007100',
          'testing-iconFailed': '#b5200d',
          'testing-iconErrored': '#b5200d',
          'charts-blue': '#1a85ff',
          foreground: '#292929',
          descriptionForeground: '#616161',
          'editor-background': '#ffffff',
        },
      ],
    ];
    const tab = await openInEditor(plane, { page: 'job', name: 'digits_1' }, { theme: 'light' });
    await tab.page.locator('.subtitle').getByText('Completed').waitFor();
    const studio = [await openStudio(plane, '/jobs/digits_1', { scheme: 'light' }), await openStudio(plane, '/jobs/digits_1')];
    const check = async (page: Page, theme: string, variables: Record<string, string>) => {
      for (const { what, color, ground } of await page.evaluate(readTones, [theme, variables] as const)) {
        const found = contrast(color, ground);
        assert.ok(found >= (what.startsWith('icon') ? 3 : 4.5), `${what} in ${theme} ${variables.foreground ?? ''}: ${found.toFixed(2)}`);
      }
    };
    for (const [theme, variables] of themes) await check(tab.page, theme, variables);
    for (const { page } of studio) {
      await page.locator('.subtitle').getByText('Completed').waitFor();
      await check(page, 'studio', {});
    }
    for (const each of [tab, ...studio]) await closeTab(each);
  });

  it('as the Studio in light, and on a narrow window', async () => {
    for (const [width, name] of [
      [1280, 'light'],
      [360, 'narrow'],
    ] as const) {
      const tab = await openStudio(plane, '/', { scheme: 'light', width });
      await tab.page.getByRole('link', { name: 'Digits, two layers' }).waitFor();
      await assertFits(tab.page, 'the list of jobs');
      await shoot(tab.page, `pages-studio-jobs-${name}`);
      await tab.page.getByRole('link', { name: 'Digits, two layers' }).click();
      await tab.page.getByRole('button', { name: 'Download everything as a zip file' }).and(tab.page.locator(':enabled')).waitFor();
      await assertFits(tab.page, 'a job');
      await shoot(tab.page, `pages-studio-job-${name}`);
      await closeTab(tab);
    }
  });
});

async function chooseStep(page: Page, step: string): Promise<void> {
  await page.getByTitle('Step', { exact: true }).click();
  await page.getByRole('option', { name: step }).click();
}

/** Runs in the page: the colours that words and icons of each tone really have there. */
function readTones([theme, variables]: readonly [string, Record<string, string>]): {
  what: string;
  color: [number, number, number];
  ground: [number, number, number];
}[] {
  if (theme !== 'studio') document.body.className = theme;
  for (const [name, value] of Object.entries(variables)) document.documentElement.style.setProperty(`--vscode-${name}`, value);
  const context = new OffscreenCanvas(1, 1).getContext('2d')!;
  const channels = (color: string): [number, number, number] => {
    context.fillStyle = color;
    context.fillRect(0, 0, 1, 1);
    const [r, g, b] = context.getImageData(0, 0, 1, 1).data;
    return [r!, g!, b!];
  };
  return ['running', 'queued', 'skipped', 'passed', 'failed', 'warning'].flatMap((tone) =>
    ['word', 'icon'].map((kind) => {
      const element = document.body.appendChild(document.createElement('span'));
      element.className = `${kind === 'icon' ? 'codicon ' : ''}tone-${tone}`;
      const color = channels(getComputedStyle(element).color);
      element.remove();
      return { what: `${kind} ${tone}`, color, ground: channels(getComputedStyle(document.body).backgroundColor) };
    }),
  );
}
