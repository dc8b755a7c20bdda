import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'mocha';
import type { Page } from 'playwright-core';
import { ownModelStore } from '../contract/ownModelStore.ts';
import { startPlane, type TestPlane } from '../contract/plane.ts';
import { ggufFile } from '../unit/catalog/modelFiles.ts';
import { closeBrowser, closeTab, openStudio, shoot } from './browser.ts';
import { openInEditor } from './editorPage.ts';
import { tinyModel } from './fixture.ts';

const wide = { width: 1200, height: 900 };
const address = { page: 'finetuning' as const, name: '' };
const chat = (question: string, answer: string) =>
  JSON.stringify({
    messages: [
      { role: 'user', content: question },
      { role: 'assistant', content: answer },
    ],
  });
const button = (page: Page, label: string | RegExp) => page.getByRole('button', { name: label });
const field = (page: Page, label: string) => page.getByRole('textbox', { name: label, exact: true });
const yaml = (page: Page) => page.getByRole('document', { name: 'YAML of the job' });

describe('the form of a fine-tuning', () => {
  let home: string;
  let plane: TestPlane;
  let training: string;
  let bad: string;
  before(async () => {
    home = mkdtempSync(path.join(tmpdir(), 'updraft-form-page-'));
    mkdirSync(path.join(home, 'mine'));
    copyFileSync(path.join(tinyModel.folder, tinyModel.name), path.join(home, 'mine', 'tiny.gguf'));
    writeFileSync(
      path.join(home, 'mine', 'mamba.gguf'),
      ggufFile({ 'general.architecture': 'mamba', 'tokenizer.chat_template': '{{ messages }}', 'mamba.context_length': 2048 }),
    );
    training = path.join(home, 'train.jsonl');
    const colours = ['blue', 'green', 'red', 'white', 'black'];
    const things = ['the sky', 'grass in the early morning', 'a ripe tomato', 'fresh snow on the roof of the house', 'coal'];
    writeFileSync(
      training,
      Array.from(
        { length: 60 },
        (_, at) => `${chat(`what colour is ${things[at % 5]}${' indeed'.repeat(at % 7)}?`, `It is ${colours[at % 5]}. ${at}`)}\n`,
      ).join(''),
    );
    bad = path.join(home, 'bad.jsonl');
    writeFileSync(
      bad,
      `${chat('what colour is the sky?', 'blue')}\n{"prompt": "grass"}\n{"prompt": "grass", \n${chat('what colour is the sky?', 'blue')}\n${chat('and coal?', ' ')}\n{"instruction": "Say <b>\u202e</b>", "output": "${'very '.repeat(60)}long"}\n`,
    );
    plane = await startPlane({}, path.join(home, 'data'), {
      ...(process.env as Record<string, string>),
      UPDRAFT_STUDIO_FOLDER: path.resolve(import.meta.dirname, '../../dist/webview'),
      UPDRAFT_CACHE: ownModelStore(home),
      UPDRAFT_MODEL_FOLDERS: path.join(home, 'mine'),
      HF_HOME: path.join(home, 'hf'),
      OLLAMA_MODELS: path.join(home, 'ollama'),
    });
  });
  after(async () => {
    await closeBrowser();
    await plane?.remove();
    rmSync(home, { recursive: true, force: true });
  });

  it('goes from a base model and a file to YAML, which the editor saves', async () => {
    const tab = await openInEditor(plane, address, { ...wide, theme: 'dark' });
    const { page } = tab;
    // The only model that can be trained from is chosen already.
    await page.getByRole('radio', { name: /^tiny\.gguf/ }).waitFor();
    assert.equal(await page.getByRole('radio', { name: /^tiny\.gguf/ }).isChecked(), true);
    assert.equal(await page.getByRole('radio', { name: /^mamba\.gguf.*architecture "mamba"/ }).isDisabled(), true);
    await page.getByText('Choose training data first.').waitFor();
    await shoot(page, 'finetuning-empty-dark');
    await button(page, 'Choose the training data').click();
    assert.deepEqual(tab.commands.at(-1), { type: 'command', command: 'finetuning.chooseData', args: { which: 'training' } });
    // As the editor answers.
    await button(page, 'Choose a folder of training data').click();
    assert.deepEqual(tab.commands.at(-1), {
      type: 'command',
      command: 'finetuning.chooseData',
      args: { which: 'training', kind: 'folder' },
    });
    await tab.send({ type: 'navigate', address: { ...address, state: { training } } });
    const report = page.getByRole('region', { name: 'Training data' });
    await report.getByText('60 rows').waitFor();
    await report.getByText(/^[\d,]+ tokens in all\. Half of the rows/).waitFor();
    const takes = page.getByRole('region', { name: '4. What it takes' });
    await takes.getByText('48 to train, 6 to validate, 6 to test').waitFor();
    await shoot(page, 'finetuning-dark');

    await field(page, 'Epochs').fill('3');
    await takes.getByText('18 steps').waitFor();
    await field(page, 'Name of the tuned model').fill('colours');
    await page.getByText('More', { exact: true }).click();
    await field(page, 'Seed').fill('7');
    assert.equal(
      await yaml(page).textContent(),
      [
        '$schema: https://azuremlschemas.azureedge.net/latest/finetuningJob.schema.json',
        'type: finetuning',
        'task: chatCompletion',
        'model_provider: custom',
        'model:',
        '  type: custom_model',
        '  path: ./mine/tiny.gguf',
        'training_data: ./train.jsonl',
        'hyperparameters:',
        '  num_train_epochs: "3"',
        '  per_device_train_batch_size: "8"',
        '  learning_rate: "0.002"',
        '  max_seq_length: "512"',
        '  lora_r: "8"',
        '  lora_alpha: "16"',
        '  target_modules: all-linear',
        '  seed: "7"',
        'outputs:',
        '  registered_model:',
        '    type: custom_model',
        '    name: colours',
        '',
      ].join('\n'),
    );
    await button(page, 'Save and Open').click();
    assert.deepEqual(tab.commands.at(-1)?.command, 'finetuning.save');
    assert.deepEqual([tab.commands.at(-1)!.args.data, tab.commands.at(-1)!.args.text], [training, await yaml(page).textContent()]);
    await tab.reload();
    await takes.getByText('18 steps').waitFor();
    await closeTab(tab);
  });

  it('lists what is wrong by line, and what follows from settings', async () => {
    const tab = await openInEditor(plane, { ...address, state: { training: bad } }, { theme: 'light', width: 420, height: 1400 });
    const { page } = tab;
    const problems = page.getByRole('list', { name: 'Problems of the training data' });
    await problems.getByText('Line 2').waitFor();
    await problems.getByText('it is no JSON').waitFor();
    await problems.getByText('its answer is empty').waitFor();
    await page.getByText('1 row repeats another one.').waitFor();
    await page.getByText('1 to train, 1 to validate, 1 to test').waitFor();
    await page.getByText(/tokens in all/).waitFor();
    await field(page, 'Sequence length').fill('64');
    await problems.getByText(/^it has \d+ tokens, and max_seq_length is 64$/).waitFor();
    await page.getByText('4 rows can’t be learned from.').waitFor();
    await page.getByText('The training data has 2 rows, too few to take some for validation from.').waitFor();
    await shoot(page, 'finetuning-problems-narrow-light');
    await page.getByRole('checkbox', { name: 'Leave them out' }).check();
    await page.getByText('They are left out.').waitFor();
    assert.match((await yaml(page).textContent())!, /skip_bad_rows: "true"/);
    await field(page, 'Learning rate').fill('fast');
    await page.getByText(/^A number from/).waitFor();
    await page.getByText('A setting is wrong.').waitFor();
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth));
    await closeTab(tab);
  });

  it('takes a folder of files, and a judge', async () => {
    const data = path.join(home, 'folder');
    mkdirSync(data);
    const rows = (from: number, count: number) =>
      Array.from({ length: count }, (_, at) => `${chat(`what is ${from + at}?`, `${from + at}`)}\n`).join('');
    writeFileSync(path.join(data, 'train.jsonl'), `${rows(0, 20)}no row\n`);
    writeFileSync(path.join(data, 'more.jsonl'), rows(20, 10));
    writeFileSync(path.join(data, 'valid.jsonl'), rows(100, 4));
    writeFileSync(path.join(data, 'test.jsonl'), rows(200, 6));
    const tab = await openInEditor(
      plane,
      { ...address, state: { training: `${data}/`, more: true } },
      { theme: 'contrast', width: 520, height: 1500 },
    );
    const { page } = tab;
    await page.getByRole('region', { name: 'Training data' }).getByText('2 files · 30 rows').waitFor();
    await page.getByRole('list', { name: 'Problems of the training data' }).getByText('train.jsonl, line 21').waitFor();
    await page.getByRole('region', { name: 'Test data' }).getByText('6 rows').waitFor();
    await page.getByText('30 to train, 4 to validate, 6 to test').waitFor();
    await field(page, 'Address of the judge').fill('http://127.0.0.1:11434/v1');
    assert.match((await yaml(page).textContent())!, /\ntraining_data: \.\/folder\n/);
    assert.doesNotMatch((await yaml(page).textContent())!, /judge/);
    const judge = page.getByRole('combobox', { name: 'Judge', exact: true });
    await judge.fill('llama3 8b');
    await page.getByText('It must be the name of a language model.').waitFor();
    await judge.fill('ollama/llama3:8b');
    assert.match(
      (await yaml(page).textContent())!,
      /\n {2}judge_model: "?ollama\/llama3:8b"?\n {2}judge_url: "?http:\/\/127\.0\.0\.1:11434\/v1"?\n/,
    );
    await shoot(page, 'finetuning-folder-narrow-contrast');
    await button(page, 'Save and Submit').click();
    const { command, args } = tab.commands.at(-1)!;
    assert.deepEqual([command, args?.data, args?.submit], ['finetuning.save', data, 'true']);
    await closeTab(tab);
  });

  it('is opened from a row of the models, and its YAML is downloaded from the Studio', async () => {
    const tab = await openStudio(plane, '/models', { ...wide, scheme: 'light' });
    const { page } = tab;
    await button(page, 'Fine-tune tiny.gguf').click();
    await page.getByRole('radio', { name: /^tiny\.gguf/ }).waitFor();
    await field(page, 'Training data').fill('relative.jsonl');
    await page.getByText('The whole path, from the root of the disk.').waitFor();
    await field(page, 'Training data').fill(path.join(home, 'nowhere.jsonl'));
    await page.getByText('There is no file').waitFor();
    await field(page, 'Training data').fill(training);
    await page.getByRole('region', { name: 'Training data' }).getByText('60 rows').waitFor();
    await field(page, 'Validation data, if you have some').fill(training);
    await page.getByText('60 rows are in the training data, too').waitFor();
    await page.getByText(/54 to train, 60 to validate, 6 to test/).waitFor();
    await shoot(page, 'finetuning-studio-light');
    const [download] = await Promise.all([page.waitForEvent('download'), button(page, 'Download').click()]);
    assert.equal(download.suggestedFilename(), 'finetune.yml');
    await closeTab(tab);
  });
});
