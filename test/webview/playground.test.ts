import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import type { Page } from 'playwright-core';
import type { TestPlane } from '../contract/plane.ts';
import { closeBrowser, closeTab, openStudio, shoot } from './browser.ts';
import { openInEditor } from './editorPage.ts';
import { startStudio, tinyModel } from './fixture.ts';

const sky = 'what colour is the sky?';
const { name } = tinyModel;
const wide = { width: 1100, height: 760 };
const address = { page: 'playground' as const, name: '', state: { models: [name] } };
const prompt = (page: Page) => page.getByRole('textbox', { name: 'Prompt', exact: true });
const answer = (page: Page, model = 'tiny-colours-f32') => page.getByRole('region', { name: `Answer of ${model}` });
const button = (page: Page, label: string | RegExp) => page.getByRole('button', { name: label });

/** Events of a streamed answer, as the plane would tell them. */
const stream = (...deltas: object[]) =>
  [
    ...deltas.map((delta) => JSON.stringify({ choices: [{ index: 0, delta, finish_reason: null }] })),
    JSON.stringify({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] }),
    '[DONE]',
  ]
    .map((each) => `data: ${each}\n\n`)
    .join('');

describe('the playground', () => {
  let plane: TestPlane;
  before(async () => {
    plane = await startStudio();
  });
  after(async () => {
    await closeBrowser();
    await plane?.remove();
  });

  it('talks to a model in the editor, and has the conversation again after a reload', async () => {
    const tab = await openInEditor(plane, address, wide);
    const { page } = tab;
    await button(page, /^Settings/).click();
    await page.getByLabel('Temperature').fill('0');
    await prompt(page).fill(sky);
    await prompt(page).press('Control+Enter');
    await answer(page).getByText('blue').waitFor();
    await answer(page)
      .getByText(/tokens in .* out .* first after/)
      .waitFor();
    await tab.reload();
    await answer(page).getByText('blue').waitFor();
    assert.equal(await page.getByLabel('Temperature').inputValue(), '0');

    await button(page, 'Edit the answer').click();
    await page.getByRole('textbox', { name: 'Text of the answer' }).fill('It is green.');
    await button(page, /^Save$/).click();
    await answer(page).getByText('It is green.').waitFor();
    await button(page, 'Ask again').click();
    await answer(page).getByText('blue').waitFor();
    await shoot(page, 'playground-dark');

    await button(page, /^View code/).click();
    await page.getByText('curl "$OPENAI_BASE_URL/chat/completions"').waitFor();
    await button(page, 'Clear the conversation').click();
    await button(page, 'Clear').last().click();
    await page.getByText('Ask something.').waitFor();
    await closeTab(tab);
  });

  it('asks two models side by side, and shows what one says went wrong in its own words', async () => {
    const tab = await openStudio(plane, `/playground?models=${encodeURIComponent(JSON.stringify([name, 'nobody']))}`, {
      ...wide,
      scheme: 'light',
    });
    const { page } = tab;
    await prompt(page).fill(sky);
    await button(page, 'Send').click();
    await answer(page)
      .getByText(/tokens in/)
      .waitFor();
    await answer(page, 'nobody').getByText('There is no model "nobody" on this machine.').waitFor();
    // What is written here stands in no address.
    assert.ok(!page.url().includes('sky'), page.url());
    await page.reload();
    await answer(page, 'nobody').getByText('There is no model "nobody"').waitFor();
    await page.setViewportSize({ width: 420, height: 760 });
    await shoot(page, 'playground-narrow-light');
    tab.errors.length = 0;
    await closeTab(tab);
  });

  it('shows hostile answers as they are written, and folds thoughts', async () => {
    const tab = await openStudio(plane, `/playground?models=["${name}"]`, { ...wide, scheme: 'light' });
    const { page } = tab;
    const hostile = '<img src=x onerror="window.hurt=1"><script>window.hurt=1</script> [x](javascript:alert(1)) \u202Ereversed';
    await page.route('**/v1/chat/completions', (route) =>
      route.fulfill({
        contentType: 'text/event-stream',
        body: stream({ reasoning_content: 'Let me see.' }, { content: hostile }, { content: `\n\n${'word '.repeat(200_000)}` }),
      }),
    );
    await prompt(page).fill(sky);
    await prompt(page).press('Control+Enter');
    await answer(page).getByText('<img src=x onerror=').waitFor();
    await answer(page).getByText('⟨U+202E⟩reversed').waitFor();
    await answer(page)
      .getByText(/more characters are not shown/)
      .waitFor();
    assert.equal(await answer(page).locator('img, script, a[href^="javascript"]').count(), 0);
    assert.equal(await page.evaluate(() => (globalThis as { hurt?: number }).hurt), undefined);
    assert.equal(await page.getByText('Let me see.').isVisible(), false);
    await page.getByText('Thoughts').click();
    await page.getByText('Let me see.').waitFor();
    await closeTab(tab);
  });

  it('keeps a prompt as a test case, and runs it again against other models side by side', async () => {
    const tab = await openInEditor(plane, address, wide);
    const { page } = tab;
    await button(page, /^Settings/).click();
    await page.getByLabel('Temperature').fill('0');
    await button(page, /^Settings/).click();
    await prompt(page).fill(sky);
    await prompt(page).press('Control+Enter');
    await answer(page)
      .getByText(/tokens in/)
      .waitFor();
    await button(page, 'Save as a test case').click();
    const form = page.getByRole('region', { name: 'New test case' });
    assert.equal(await form.getByLabel('Expected answer').inputValue(), 'blue');
    await form.getByLabel('Name').fill('the sky');
    await shoot(page, 'playground-save-case-dark');
    await form.getByRole('button', { name: 'Save' }).click();
    await form.waitFor({ state: 'detached' });
    await closeTab(tab);

    const both = encodeURIComponent(JSON.stringify([name, 'nobody']));
    const other = await openStudio(plane, `/playground?cases=true&models=${both}`, { ...wide, scheme: 'light' });
    const cases = other.page.getByRole('region', { name: 'Test cases' });
    await cases.getByRole('heading', { name: 'the sky' }).waitFor();
    await button(other.page, 'Run all').click();
    await answer(other.page).getByText('as expected').waitFor();
    await answer(other.page, 'nobody').getByText('There is no model "nobody" on this machine.').waitFor();
    await cases.getByText('1 of 1 answers as expected').waitFor();
    await shoot(other.page, 'playground-cases-light');
    await other.page.setViewportSize({ width: 420, height: 760 });
    await shoot(other.page, 'playground-cases-narrow-light');
    await button(other.page, 'Delete the sky').click();
    await button(other.page, 'Delete').last().click();
    await cases.getByText('No test cases yet.').waitFor();
    other.errors.length = 0;
    await closeTab(other);
  });

  it('shows which function a model asks for, and goes on with the result that the person types', async () => {
    const tab = await openStudio(plane, `/playground?models=["${name}"]`, { ...wide, scheme: 'light' });
    const { page } = tab;
    const asked: { messages: object[]; tools: object[] }[] = [];
    await page.route('**/v1/chat/completions', (route) => {
      asked.push(route.request().postDataJSON() as { messages: object[]; tools: object[] });
      const call = { index: 0, id: 'call-1', type: 'function', function: { name: 'weather', arguments: '{"city":"Paris"}' } };
      const deltas = asked.length === 1 ? [{ content: 'Let me look.' }, { tool_calls: [call] }] : [{ content: 'It is sunny.' }];
      return route.fulfill({
        contentType: 'text/event-stream',
        body: stream(...deltas).replace('"stop"', asked.length === 1 ? '"tool_calls"' : '"stop"'),
      });
    });
    await button(page, /^Settings/).click();
    const tools = page.getByLabel('Functions that the model may call, as JSON');
    await tools.fill('{"name": "no name"}');
    await page.getByText('Each function has a name of letters').waitFor();
    await tools.fill('{"name": "weather"}');
    await shoot(page, 'playground-tools-light');
    await button(page, /^Settings/).click();
    await prompt(page).fill('And in Paris?');
    await prompt(page).press('Control+Enter');
    await answer(page).getByText('"city": "Paris"').waitFor();
    await answer(page).getByText('Let me look.').waitFor();
    await page.getByLabel('Result of weather').fill('sunny');
    await shoot(page, 'playground-call-light');
    await button(page, 'Send the results').click();
    await answer(page).getByText('It is sunny.').waitFor();
    await answer(page).getByText('sunny', { exact: true }).waitFor();
    const [first, second] = asked;
    assert.deepEqual(first!.tools, [{ type: 'function', function: { name: 'weather' } }]);
    assert.deepEqual(second!.messages, [
      { role: 'user', content: 'And in Paris?' },
      {
        role: 'assistant',
        content: 'Let me look.',
        tool_calls: [{ id: 'call-1', type: 'function', function: { name: 'weather', arguments: '{"city":"Paris"}' } }],
      },
      { role: 'tool', tool_call_id: 'call-1', content: 'sunny' },
    ]);
    await page.reload();
    await answer(page).getByText('It is sunny.').waitFor();
    await closeTab(tab);
  });

  it('stops an answer by Escape', async () => {
    const tab = await openStudio(plane, `/playground?models=["${name}"]`, wide);
    const { page } = tab;
    // It never answers.
    await page.route('**/v1/chat/completions', () => {});
    await prompt(page).fill(sky);
    await prompt(page).press('Control+Enter');
    await answer(page).getByText('Reads the prompt').waitFor();
    await page.keyboard.press('Escape');
    await answer(page).getByText('Stopped').waitFor();
    await button(page, 'Send').waitFor();
    await closeTab(tab);
  });

  it('says how to get a model, and how large the engine is that is to be downloaded', async () => {
    const tab = await openStudio(plane, '/playground', { ...wide, scheme: 'light' });
    const { page } = tab;
    let isInstalled = false;
    /** While someone else has it got. */
    let got: number | undefined;
    // One that writes nothing is no model to talk to.
    const embedder = { id: 'all-minilm-l6-v2', owned_by: 'Updraft', is_embedder: true };
    await page.route('**/v1/models', (route) =>
      route.fulfill({ json: { object: 'list', data: isInstalled ? [embedder, { id: name, owned_by: 'a folder' }] : [embedder] } }),
    );
    await page.route('**/updraft/engines**', (route) => {
      const engine = {
        format: 'gguf',
        title: 'node-llama-cpp 3',
        runs: 'language models',
        isInstalled,
        bytes: 31_000_000,
        device: 'cpu',
        got,
      };
      return route.fulfill({ json: { engines: [engine] } });
    });
    await page.route('**/updraft/engines/gguf', (route) => {
      isInstalled = true;
      return route.fulfill({
        contentType: 'text/event-stream',
        body: 'data: {"bytes":1,"of":31000000}\n\ndata: {"isInstalled":true}\n\ndata: [DONE]\n\n',
      });
    });
    await page.reload();
    await page.getByRole('main').getByRole('link', { name: 'models' }).waitFor();
    await page.getByText(/node-llama-cpp 3, .*MB, is downloaded once/).waitFor();
    got = 12_000_000;
    await page.reload();
    await page.getByText('The program that runs language models is being got.').waitFor();
    await page.getByText('12 MB of 31 MB').waitFor();
    assert.equal(await button(page, /^Download/).count(), 0);
    await shoot(page, 'playground-getting-light');
    got = undefined;
    await page.reload();
    await page.getByText(/is not on this machine yet/).waitFor();
    await shoot(page, 'playground-empty-light');
    await button(page, /^Download/).click();
    await button(page, /^Download/).waitFor({ state: 'detached' });
    await button(page, 'Look again').click();
    await prompt(page).fill(sky);
    await button(page, 'Send').waitFor();
    await closeTab(tab);
  });
});
