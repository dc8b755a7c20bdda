import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import type { Page } from 'playwright-core';
import type { TestPlane } from '../contract/plane.ts';
import { closeBrowser, closeTab, openStudio, shoot } from './browser.ts';
import { logCurves } from './chartRuns.ts';
import { openInEditor } from './editorPage.ts';
import { endRun, openRun, startStudio } from './fixture.ts';
import { answerSpans, logTrace } from './tracesFixture.ts';

const item = (page: Page, name: RegExp) => page.getByRole('treeitem', { name });
const selected = (page: Page) => page.locator('[role=treeitem][aria-selected=true]').getAttribute('aria-label');
const names = (page: Page) => page.getByRole('table', { name: 'Traces' }).locator('tbody th').allInnerTexts();
const assertFits = async (page: Page) =>
  assert.ok((await page.evaluate(() => document.scrollingElement!.scrollWidth - innerWidth)) <= 0, 'nothing sticks out to the side');

describe('traces of a job', () => {
  let plane: TestPlane;
  let run: string;
  before(async () => {
    plane = await startStudio();
    run = await openRun(plane, 'assistant');
    const usage = { 'mlflow.trace.tokenUsage': JSON.stringify({ input_tokens: 1200, output_tokens: 34, total_tokens: 1234 }) };
    await logTrace(plane, run, 'answer', answerSpans('What is a loss?'), usage);
    await logTrace(plane, run, 'answer late', answerSpans('Why is it so late?', 'The model did not answer within 30 s.'));
    await logTrace(plane, await openRun(plane, 'another'), 'of another run', answerSpans('Who are you?'));
    await endRun(plane, run);
  });
  after(async () => {
    await closeBrowser();
    await plane.remove();
  });

  it('are listed, searched by words and by filters, and come by themselves', async () => {
    const tab = await openStudio(plane, `/jobs/${run}?tab=traces`);
    const { page } = tab;
    const row = page.getByRole('row', { name: /^answer OK/ });
    await row.waitFor();
    assert.deepEqual(await names(page), ['answer late', 'answer']);
    const cells = await row.getByRole('cell').allInnerTexts();
    assert.equal(cells[0]!.trim(), 'OK');
    assert.deepEqual(cells.slice(2), [
      '2.1 s',
      '1,234',
      '{"question":"What is a loss?"}',
      '{"answer":"It is the sum of the squares.","sources":["digits.md","loss.md"]}',
    ]);
    await shoot(page, 'traces-list-dark');
    const search = page.getByRole('textbox', { name: 'Search traces' });
    await search.fill('so late');
    await row.waitFor({ state: 'detached' });
    assert.deepEqual(await names(page), ['answer late']);
    await search.fill("status = 'OK'");
    await row.waitFor();
    assert.deepEqual(await names(page), ['answer']);
    await search.fill('color = 5');
    await page
      .getByRole('alert')
      .getByText(/Invalid attribute key 'color'/)
      .waitFor();
    assert.deepEqual(await names(page), ['answer'], 'what was found stays');
    await search.fill("name = 'nobody'");
    await page.getByText('No trace fits.').waitFor();
    await page.getByRole('button', { name: 'Show all traces' }).click();
    await row.waitFor();
    await logTrace(plane, run, 'answer again', answerSpans('And now?'));
    await page.getByRole('button', { name: 'answer again' }).waitFor();
    // The browser tells of every answer that refuses something.
    tab.errors.splice(0, tab.errors.length, ...tab.errors.filter((error) => !error.includes('status of 400')));
    await closeTab(tab);
  });

  it('show their spans over time, and what a span got and gave', async () => {
    const tab = await openInEditor(plane, { page: 'job', name: run, tab: 'traces' }, { width: 1200 });
    const { page } = tab;
    await page.getByRole('button', { name: 'answer late' }).click();
    await item(page, /^answer/).waitFor();
    assert.deepEqual(await page.getByRole('treeitem').evaluateAll((items) => items.map((each: any) => [each.ariaLabel, each.ariaLevel])), [
      ['answer, agent, 2.1 s, Error', '1'],
      ['retrieve, retriever, 328 ms, OK', '2'],
      ['embed, embedding, 75 ms, OK', '3'],
      ['complete, chat model, 1.5 s, Error', '2'],
      ['calculator, tool, 0.60 ms, OK', '2'],
      ['check the answer, parser, 170 ms, OK', '2'],
    ]);
    const bar = item(page, /^complete/).locator('.span-bar');
    const style = (await bar.getAttribute('style'))!;
    assert.match(style, /left: 16\.8\d*%; width: 71\.9\d*%/);
    await item(page, /^complete/).click();
    const details = page.getByRole('region', { name: 'Span complete' });
    await details.getByText('1,234 tokens (1,200 in, 34 out)').waitFor();
    await details.getByText('The model did not answer within 30 s.').first().waitFor();
    assert.equal(await details.locator('.span-value').textContent(), 'It is the sum\nof the squares.');
    for (const part of ['Inputs', 'Outputs', 'Attributes', 'Events']) await details.getByRole('region', { name: part }).waitFor();
    await shoot(page, 'traces-trace-dark');
    await tab.reload();
    await page.getByRole('region', { name: 'Span complete' }).waitFor();
    await page.getByRole('button', { name: 'Back to all traces' }).click();
    await page.getByRole('button', { name: 'answer late' }).waitFor();
    await closeTab(tab);
  });

  it('are read with the keyboard alone', async () => {
    const tab = await openStudio(plane, `/jobs/${run}?tab=traces`);
    const { page } = tab;
    await page.getByRole('button', { name: 'answer late' }).focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await item(page, /^answer/).waitFor();
    const tree = page.getByRole('tree', { name: 'Spans of the trace' });
    await tree.focus();
    const press = async (key: string, name: RegExp) => {
      await page.keyboard.press(key);
      await page.locator('[role=treeitem][aria-selected=true]', { has: page.locator('.span-text', { hasText: name }) }).waitFor();
      const active = await tree.getAttribute('aria-activedescendant');
      assert.equal(await page.locator(`[id="${active}"]`).getAttribute('aria-label'), await selected(page));
    };
    await press('ArrowDown', /^retrieve/);
    await press('ArrowRight', /^embed/);
    await press('ArrowLeft', /^retrieve/);
    await press('ArrowLeft', /^retrieve/);
    await item(page, /^embed/).waitFor({ state: 'detached' });
    assert.equal(await item(page, /^retrieve/).getAttribute('aria-expanded'), 'false');
    await press('ArrowRight', /^retrieve/);
    await item(page, /^embed/).waitFor();
    await press('End', /^check/);
    await press('Home', /^answer/);
    await closeTab(tab);
  });

  for (const [theme, width] of [
    ['light', 1000],
    ['contrast', 1000],
    ['dark', 420],
  ] as const) {
    it(`look right in ${theme}, ${width} pixels wide`, async () => {
      const tab = await openInEditor(plane, { page: 'job', name: run, tab: 'traces' }, { theme, width, height: 760 });
      const { page } = tab;
      await page.getByRole('button', { name: 'answer late' }).waitFor();
      await assertFits(page);
      await shoot(page, `traces-list-${theme}-${width}`);
      await page.getByRole('button', { name: 'answer late' }).click();
      await item(page, /^complete/).click();
      await page.getByRole('region', { name: 'Span complete' }).waitFor();
      await assertFits(page);
      await shoot(page, `traces-trace-${theme}-${width}`);
      await closeTab(tab);
    });
  }

  it('of ten thousand spans and of values of a megabyte are shown in part', async () => {
    const large = await openRun(plane, 'large');
    const long = 'x'.repeat(1_000_000);
    const evil = '<img src=x onerror="document.title=1">\u202e';
    await logTrace(plane, large, evil, [
      {
        id: 1,
        name: evil,
        type: 'AGENT',
        start: 0,
        end: 10_000,
        attributes: { 'mlflow.spanInputs': { long, [evil]: evil }, 'mlflow.spanOutputs': long },
      },
      ...Array.from({ length: 9_999 }, (_, at) => ({
        id: at + 2,
        parent: at < 5_000 ? at + 1 : 1,
        name: `step ${at}`,
        start: at,
        end: at + 1,
      })),
    ]);
    const tab = await openStudio(plane, `/jobs/${large}?tab=traces`);
    const { page } = tab;
    await page.getByRole('button', { name: /onerror/ }).click();
    await page.getByText('10000 spans').waitFor();
    await page.getByText('10000 spans').waitFor();
    await shoot(page, 'traces-large-dark');
    await page.getByText('(1,000,000 characters)').first().waitFor();
    assert.equal(await page.getByText('(1,000,000 characters)').count(), 2);
    const text = (await page.locator('main').textContent())!;
    assert.ok(text.length < 100_000, `${text.length} characters`);
    assert.ok(!text.includes('\u202e') && text.includes('⟨U+202E⟩'));
    await page.getByRole('tree').focus();
    await page.keyboard.press('End');
    await item(page, /^step 9998/).waitFor();
    assert.ok((await page.getByRole('treeitem').count()) < 100);
    assert.equal(await page.locator('main img').count(), 0);
    assert.notEqual(await page.title(), '1');
    await shoot(page, 'traces-large-dark');
    await closeTab(tab);
  });

  it('say how to log some', async () => {
    const tab = await openStudio(plane, `/jobs/${await openRun(plane, 'none')}?tab=traces`);
    await tab.page.getByText('This job has no traces.').waitFor();
    await shoot(tab.page, 'traces-none-dark');
    await closeTab(tab);
  });
});

describe('what the machine did', () => {
  let plane: TestPlane;
  before(async () => {
    plane = await startStudio();
  });
  after(async () => {
    await closeBrowser();
    await plane.remove();
  });
  const curve = (from: number) => Array.from({ length: 30 }, (_, at) => from + 10 * Math.sin(at / 3));
  const machine = {
    'system/cpu_utilization_percentage': curve(50),
    'system/system_memory_usage_megabytes': curve(4000),
    'system/disk_usage_percentage': curve(20),
    'system/network_receive_megabytes': curve(100),
    'system/gpu_0_utilization_percentage': curve(70),
    'system/gpu_1_utilization_percentage': curve(80),
  };

  it('has a tab of its own, apart from what the script logged', async () => {
    const run = await openRun(plane, 'training');
    await logCurves(plane, run, { loss: curve(20), ...machine });
    const tab = await openStudio(plane, `/jobs/${run}`, { height: 2200 });
    const { page } = tab;
    const latest = page.getByRole('region', { name: 'Latest metrics' });
    await latest.getByText('loss').waitFor();
    assert.equal(await latest.getByText('system/').count(), 0);
    await page.getByRole('tab', { name: 'Metrics' }).click();
    await page.getByRole('figure', { name: 'loss', exact: true }).locator('.plot[data-lines="1"]').waitFor();
    assert.equal(await page.getByRole('figure').count(), 1);
    await page
      .getByRole('textbox', { name: /search/i })
      .first()
      .fill('loss');
    await page.getByRole('tab', { name: 'System' }).click();
    await page.getByRole('figure', { name: 'system/cpu_utilization_percentage' }).locator('.plot[data-lines="1"]').waitFor();
    assert.deepEqual(await page.locator('.charts-section-name').allInnerTexts(), ['CPU', 'Memory', 'Disk', 'Network', 'GPU']);
    await shoot(page, 'system-dark');
    await closeTab(tab);
  });

  it('is where a job without metrics leads to, and says when there is none', async () => {
    const run = await openRun(plane, 'quiet');
    const tab = await openInEditor(plane, { page: 'job', name: run, tab: 'metrics' }, { width: 420 });
    const { page } = tab;
    await page.getByText('No metrics yet.').waitFor();
    assert.equal(await page.getByRole('button', { name: 'Show what the machine did' }).count(), 0);
    await logCurves(plane, run, machine);
    await page.getByRole('button', { name: 'Show what the machine did' }).click();
    await page.getByRole('tab', { name: 'System', selected: true }).waitFor();
    await page.locator('.charts-section-name').getByText('CPU').waitFor();
    await assertFits(page);
    await shoot(page, 'system-narrow-dark');
    await closeTab(tab);
    const other = await openRun(plane, 'unmeasured');
    await endRun(plane, other);
    const empty = await openStudio(plane, `/jobs/${other}?tab=system`);
    await empty.page.getByText('The machine was not measured.').waitFor();
    await closeTab(empty);
  });
});
