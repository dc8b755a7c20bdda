import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import type { Page } from 'playwright-core';
import type { TestPlane } from '../contract/plane.ts';
import { closeBrowser, closeTab, openStudio, shoot } from './browser.ts';
import { openInEditor } from './editorPage.ts';
import { startEndpoint } from './endpointFixture.ts';
import { startStudio } from './fixture.ts';

const wide = { width: 1100, height: 760 };
const body = (page: Page) => page.getByRole('textbox', { name: 'Body of the request' });
const answer = (page: Page) => page.getByRole('region', { name: 'Answer', exact: true });
const past = (page: Page) => page.getByRole('complementary', { name: 'Past requests' });
const button = (page: Page, label: string | RegExp) => page.getByRole('button', { name: label });

describe('requests to an endpoint', () => {
  let plane: TestPlane;
  before(async () => {
    plane = await startStudio();
    await startEndpoint(plane);
  });
  after(async () => {
    await closeBrowser();
    await plane?.remove();
  });

  it('begin with a sample, are sent from the editor, and are kept to be sent again', async () => {
    const tab = await openInEditor(plane, { page: 'endpoint', name: 'scores', state: { deployment: 'blue' } }, wide);
    const { page } = tab;
    await page.getByText('None yet.').waitFor();
    await page.waitForFunction(() => document.querySelector('textarea')!.value.includes('"data"'));
    await body(page).press('Control+Enter');
    await answer(page).getByText('200 OK').waitFor();
    await answer(page).getByText('by blue').waitFor();
    assert.deepEqual(JSON.parse((await answer(page).locator('pre').textContent())!), { got: { data: [[1, 2, 3]] } });
    await past(page).getByRole('button', { name: /200/ }).waitFor();

    await body(page).fill('{"fail": tru');
    await page.getByText(/^This is no JSON: /).waitFor();
    await body(page).fill('{"fail": true}');
    await page.getByText('Ctrl+Enter sends').waitFor();
    await button(page, 'Send').click();
    await answer(page).getByText('424 Model Error').waitFor();
    await answer(page).getByText('ValueError: <b>no good</b>').waitFor();
    assert.equal(await answer(page).locator('b').count(), 0);
    await shoot(page, 'endpoint-dark');

    await past(page).getByRole('button', { name: /200/ }).click();
    await page.getByRole('region', { name: 'Past answer' }).getByText('200 OK').waitFor();
    assert.match(await body(page).inputValue(), /"data"/);
    await button(page, /Format/).click();
    await button(page, 'Send').click();
    await answer(page).getByText('200 OK').waitFor();
    await past(page)
      .getByRole('button', { name: /200|424/ })
      .nth(2)
      .waitFor();
    // The same in another window, also after this one was closed.
    await closeTab(tab);
    const other = await openStudio(plane, '/endpoints', { ...wide, scheme: 'light' });
    await other.page.getByText('serving, 0 %').waitFor();
    await shoot(other.page, 'endpoints-light');
    await other.page.getByRole('link', { name: 'scores' }).click();
    await past(other.page)
      .getByRole('button', { name: /200|424/ })
      .nth(2)
      .waitFor();
    await past(other.page).getByRole('button', { name: /424/ }).click();
    await other.page.getByText('Past answer').waitFor();
    await other.page.getByText('424 Model Error').waitFor();
    await shoot(other.page, 'endpoint-light');
    await other.page.setViewportSize({ width: 400, height: 900 });
    await shoot(other.page, 'endpoint-narrow-light');
    await button(other.page, 'Forget the past requests').click();
    await button(other.page, 'Forget').last().click();
    await other.page.getByText('None yet.').waitFor();
    await closeTab(other);
  });

  it('say when nobody can answer, and stop when they are told to', async () => {
    const tab = await openStudio(plane, '/endpoints/scores', wide);
    const { page } = tab;
    await body(page).fill('[1]');
    await button(page, 'Send').click();
    await answer(page).getByText('404 Not Found').waitFor();
    await answer(page)
      .getByText(/no deployment that gets traffic/)
      .waitFor();
    // It never answers.
    await page.route('**/updraft/endpoints/scores/requests*', (route) =>
      route.request().method() === 'POST' ? undefined : route.continue(),
    );
    await button(page, 'Send').click();
    await page.getByText('Waiting for the answer. Escape stops.').waitFor();
    await button(page, 'Stop').click();
    await page.getByText('Ctrl+Enter sends').waitFor();
    tab.errors.length = 0;
    await closeTab(tab);

    const absent = await openInEditor(plane, { page: 'endpoint', name: 'absent' }, { ...wide, theme: 'contrast' });
    await absent.page.getByRole('alert').first().waitFor();
    absent.errors.length = 0;
    await closeTab(absent);
  });

  it('say what a deployment waits for: the program that runs its model', async () => {
    const tab = await openStudio(plane, '/endpoints/scores', { ...wide, scheme: 'light' });
    const { page } = tab;
    const engine = {
      format: 'onnx',
      title: 'onnxruntime-node 1',
      runs: 'ONNX models',
      isInstalled: false,
      bytes: 114_000_000,
      device: 'cpu',
    };
    let got: number | undefined = 45_000_000;
    await page.route('**/updraft/engines', (route) => route.fulfill({ json: { engines: [{ ...engine, got }] } }));
    await page.route(/\/onlineEndpoints\/scores\/deployments(?:\?|$)/, async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response, body: (await response.text()).replace('"Succeeded"', '"Creating"') });
    });
    await page.reload();
    await page.getByText('The program that runs ONNX models is being got.').waitFor();
    await page.getByText('45 MB of 114 MB').waitFor();
    await shoot(page, 'endpoint-getting-light');
    // A program that nobody gets is no matter of this endpoint.
    got = undefined;
    await page.reload();
    await page.waitForFunction(() => document.querySelector('textarea')?.value.includes('"data"'));
    assert.equal(await page.getByText('The program that runs').count(), 0);
    await closeTab(tab);
  });
});
