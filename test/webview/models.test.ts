import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'mocha';
import type { Page } from 'playwright-core';
import { defaultModelFile } from '../../scripts/defaultModelFile.ts';
import { measureModel } from '../../src/client/localModels.ts';
import { hubPath, startHub } from '../contract/modelHub.ts';
import type { ModelServer } from '../contract/modelServer.ts';
import { ownModelStore } from '../contract/ownModelStore.ts';
import { startPlane, type TestPlane } from '../contract/plane.ts';
import { ggufFile } from '../unit/catalog/modelFiles.ts';
import { closeBrowser, closeTab, openStudio, shoot } from './browser.ts';
import { openInEditor } from './editorPage.ts';
import { tinyModel } from './fixture.ts';

const wide = { width: 1100, height: 900 };
const llama = { 'general.architecture': 'llama', 'llama.context_length': 2048, 'general.languages': ['en', 'fr'] };
const small = ggufFile(llama);
/** A model of 8 MB, most of it zeros. */
const large = ggufFile(llama, [{ name: 'a', shape: [1024, 2000] }]);
const here = (page: Page) => page.getByRole('list', { name: 'Models on this machine' });
const row = (page: Page, name: string) => page.getByRole('listitem').filter({ has: page.getByText(name, { exact: true }) });
const button = (page: Page, label: string | RegExp) => page.getByRole('button', { name: label });

describe('the page of models', () => {
  let home: string;
  let hub: ModelServer;
  let plane: TestPlane;
  before(async () => {
    home = mkdtempSync(path.join(tmpdir(), 'updraft-models-page-'));
    mkdirSync(path.join(home, 'mine'));
    copyFileSync(path.join(tinyModel.folder, tinyModel.name), path.join(home, 'mine', 'tiny.gguf'));
    copyFileSync(path.join(tinyModel.folder, 'tiny-colours-lora-es.gguf'), path.join(home, 'mine', 'colours-in-spanish.gguf'));
    symlinkSync(await defaultModelFile(), path.join(home, 'mine', 'smollm2-135m.gguf'));
    hub = await startHub({ 'chat-Q4_K_M.gguf': small, 'chat-F32.gguf': large });
    plane = await startPlane({}, path.join(home, 'data'), {
      ...(process.env as Record<string, string>),
      UPDRAFT_STUDIO_FOLDER: path.resolve(import.meta.dirname, '../../dist/webview'),
      UPDRAFT_CACHE: ownModelStore(home),
      UPDRAFT_MODEL_FOLDERS: path.join(home, 'mine'),
      HF_HOME: path.join(home, 'hf'),
      HF_ENDPOINT: hub.url,
      HF_TOKEN: '',
      OLLAMA_MODELS: path.join(home, 'ollama'),
    });
  });
  after(async () => {
    await closeBrowser();
    await plane?.remove();
    hub?.close();
    rmSync(home, { recursive: true, force: true });
  });

  it('finds a model on the hub, shows its licence, and follows its download, which is canceled and goes on', async () => {
    hub.files.set(hubPath('chat-F32.gguf'), { bytes: large, stallAfter: 3_000_000 });
    const tab = await openStudio(plane, '/models', { ...wide, scheme: 'light' });
    const { page } = tab;
    await page.getByRole('textbox', { name: /^Words to search/ }).fill('chat');
    await button(page, 'Search').click();
    await button(page, 'Get org/chat').click();
    await page.getByRole('dialog').getByRole('button', { name: 'chat-F32.gguf' }).click();
    await page.getByText('You may do nothing on Tuesdays.').waitFor();
    await shoot(page, 'models-licence-light');
    await button(page, /^Accept the licence and get 8\.2 MB$/).click();
    const download = row(page, 'org/chat/chat-F32.gguf');
    await download.getByText(/^[2-9]\.\d MB of 8\.2 MB$/).waitFor();
    await shoot(page, 'models-download-light');
    await button(page, 'Cancel the download of org/chat/chat-F32.gguf').click();
    await download.getByText('Canceled').waitFor();
    hub.files.set(hubPath('chat-F32.gguf'), { bytes: large });
    await button(page, 'Go on with the download of org/chat/chat-F32.gguf').click();
    await page.getByText(', which was accepted before').waitFor();
    await button(page, /^Get 8\.2 MB$/).click();
    await button(page, 'Remove org/chat/chat-F32.gguf').waitFor();
    await row(page, 'org/chat/chat-F32.gguf').getByText(/^Runs/).waitFor();
    await button(page, 'More about org/chat/chat-F32.gguf').click();
    await page.getByText('en, fr').waitFor();

    await button(page, 'Remove org/chat/chat-F32.gguf').click();
    await page.getByText('It frees 8.2 MB').waitFor();
    await button(page, 'Remove').last().click();
    await row(page, 'org/chat/chat-F32.gguf').waitFor({ state: 'detached' });
    await page.getByRole('status').getByText('8.2 MB are free again.').waitFor();
    await closeTab(tab);
  });

  it('measures how fast a model is, filters, compares, and opens one in the playground', async () => {
    const tab = await openInEditor(plane, { page: 'models', name: '' }, { ...wide, theme: 'dark' });
    const { page } = tab;
    const tiny = row(page, 'tiny.gguf');
    await tiny.getByText(/^Runs, with a context of/).waitFor();
    await row(page, 'colours-in-spanish.gguf').getByText('It is an adapter').waitFor();
    const real = row(page, 'smollm2-135m.gguf');
    await button(page, 'Measure the speed of smollm2-135m.gguf').click();
    await real.getByText(/tokens\/s, measured$/).waitFor({ timeout: 60_000 });
    // Of those that were not measured it says that it is an estimate.
    await row(page, 'smollm2-360m-instruct')
      .getByText(/^About .* tokens\/s, an estimate$/)
      .waitFor();
    await button(page, 'Compare smollm2-135m.gguf').click();
    await page.getByText('Choose a second model to compare smollm2-135m.gguf with.').waitFor();
    await button(page, 'Compare smollm2-360m-instruct').click();
    await page.getByRole('table', { name: 'Comparison of two models' }).getByRole('columnheader', { name: 'smollm2-135m.gguf' }).waitFor();
    await shoot(page, 'models-compared-dark');
    await button(page, 'Close').click();
    await shoot(page, 'models-dark');
    await button(page, 'Open tiny.gguf in the playground').click();
    assert.deepEqual(tab.commands.at(-1), {
      type: 'command',
      command: 'playground.open',
      args: { name: '', state: '{"models":["tiny.gguf"]}' },
    });
    await page.getByText('Only what runs here').click();
    await row(page, 'colours-in-spanish.gguf').waitFor({ state: 'detached' });
    await page.getByRole('textbox', { name: 'Search by name' }).fill('nothing is called so');
    await page.getByText('No model on this machine matches.').waitFor();
    await button(page, 'Show all').click();
    await row(page, 'colours-in-spanish.gguf').waitFor();
    await closeTab(tab);
  });

  it('says in plain words why a model can’t be loaded, and why a download failed', async () => {
    hub.files.set(hubPath('chat-F32.gguf'), { bytes: Buffer.concat([large.subarray(0, -1), Buffer.from('x')]) });
    const tab = await openInEditor(plane, { page: 'models', name: '' }, { theme: 'contrast', width: 420, height: 900 });
    const { page } = tab;
    const field = page.getByRole('textbox', { name: /^Words to search/ });
    await field.fill('hf:org/chat/chat-Q4_K_M.gguf');
    await button(page, 'Look it up').click();
    await button(page, /^(?:Accept the licence and get|Get) \d/).click();
    await here(page).getByText('org/chat/chat-Q4_K_M.gguf', { exact: true }).waitFor();
    assert.deepEqual(tab.commands.at(-1)?.args, { name: 'org/chat/chat-Q4_K_M.gguf' });
    // Its row is there while it is on its way, too.
    await button(page, 'Remove org/chat/chat-Q4_K_M.gguf').waitFor();
    await measureModel(plane.client.http, 'org/chat/chat-Q4_K_M.gguf');
    await row(page, 'org/chat/chat-Q4_K_M.gguf')
      .getByText(/^The model was not loaded: .* Its file may be damaged/)
      .waitFor();
    await field.fill('hf:org/chat/chat-F32.gguf');
    await button(page, 'Look it up').click();
    await button(page, /^(?:Accept the licence and get|Get) \d/).click();
    await row(page, 'org/chat/chat-F32.gguf').getByText('The download failed').waitFor();
    await row(page, 'org/chat/chat-F32.gguf').getByText('It was thrown away.').waitFor();
    await shoot(page, 'models-failed-narrow-contrast');
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth));
    await closeTab(tab);
  });

  it('says that the hub can’t be reached, and asks for a token where the hub wants one', async () => {
    hub.json.set('/api/models/org/gated/revision/main', (_request: unknown, response: ServerResponse) => {
      response.writeHead(401, { 'x-error-code': 'GatedRepo', 'x-error-message': 'Access to model org/gated is restricted' }).end();
    });
    const tab = await openStudio(plane, '/models', { width: 700, height: 800 });
    const { page } = tab;
    const field = page.getByRole('textbox', { name: /^Words to search/ });
    await field.fill('hf:org/gated');
    await field.press('Enter');
    await page.getByText('Access to model org/gated is restricted').waitFor();
    await page.getByLabel(/^Your access token/).fill('hf_mine');
    const answered = page.waitForResponse((response) => response.url().endsWith('/updraft/models/find'));
    await button(page, 'Try again').click();
    await answered;
    await page.getByText('Access to model org/gated is restricted').waitFor();
    assert.ok(hub.asked.some(({ authorization }) => authorization === 'Bearer hf_mine'));
    await shoot(page, 'models-token-dark');
    await page.keyboard.press('Escape');
    hub.close();
    await field.fill('chat');
    await field.press('Enter');
    await page.getByText(/can't be reached/).waitFor();
    await shoot(page, 'models-hub-away-dark');
    tab.errors.length = 0;
    await closeTab(tab);
  });
});
