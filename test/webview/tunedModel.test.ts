import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'mocha';
import type { Page } from 'playwright-core';
import { defaultModel } from '../../src/catalog/knownModels.ts';
import { deployModel } from '../../src/client/deployModel.ts';
import { assetId, defaultWorkspace } from '../../src/protocol/arm.ts';
import { blobUri } from '../../src/protocol/asset.ts';
import { submitJob } from '../../src/submit/submitJob.ts';
import { ownModelStore } from '../contract/ownModelStore.ts';
import { jobWhen, startPlane, type TestPlane } from '../contract/plane.ts';
import { registerTuned, tiny, tinyAdapter, tinyFacts, tunedWhen } from '../contract/tunedFixture.ts';
import { writeIn } from '../contract/writeIn.ts';
import { closeBrowser, closeTab, openStudio, shoot } from './browser.ts';
import { openInEditor } from './editorPage.ts';

const section = (page: Page, name: string | RegExp) => page.getByRole('region', { name });
const button = (page: Page, name: string | RegExp) => page.getByRole('button', { name });

describe('the page of a registered adapter', () => {
  let plane: TestPlane;
  let home: string;
  before(async () => {
    home = mkdtempSync(path.join(tmpdir(), 'updraft-tuned-page-'));
    plane = await startPlane({}, path.join(home, 'data'), {
      ...(process.env as Record<string, string>),
      UPDRAFT_STUDIO_FOLDER: path.resolve(import.meta.dirname, '../../dist/webview'),
      UPDRAFT_CACHE: ownModelStore(home),
      UPDRAFT_MODEL_FOLDERS: tiny,
      HF_HOME: path.join(home, 'hf'),
      OLLAMA_MODELS: path.join(home, 'ollama'),
    });
    await registerTuned(plane.client, 'colours', '1');
    const [file] = 'pypi' in defaultModel.from ? defaultModel.from.pypi : [];
    const base = { file: 'smollm2.gguf', bytes: file!.pinned!.bytes + 1, sha256: 'b'.repeat(64) };
    await registerTuned(plane.client, 'lost', '1', {}, { ...tinyFacts, base });
    await registerTuned(plane.client, 'orders', '1', {}, { ...tinyFacts, base: { ...base, sha256: file!.pinned!.file } });
    await registerTuned(plane.client, 'broken', '1', { 'finetuning.json': '{' });
  });
  after(async () => {
    await closeBrowser();
    await plane?.stop();
    rmSync(home, { recursive: true, force: true, maxRetries: 10 });
  });

  for (const scheme of ['dark', 'light'] as const)
    it(`tells what it was trained from and on, and what has become of it, in ${scheme}`, async () => {
      const tab = await openStudio(plane, '/models/colours', { scheme, width: 1100, height: 900 });
      const { page } = tab;
      const about = section(page, 'Adapter of tiny-colours-f32.gguf');
      await about.getByText('200 rows; 20 to validate, 50 to test').waitFor();
      await about.getByText('It answers as it was trained: the divergence from torch is 1.2e-4 nats a token').waitFor();
      const rows = await section(page, 'Before and after').getByRole('row').allInnerTexts();
      assert.deepEqual(
        rows.map((row) => row.split(/\s*[\t\n]\s*/)),
        [
          ['Metric', 'Base model', 'Tuned'],
          ['Loss', '5.21', '0.0312 better'],
          ['Exact match', '0', '0.98 better'],
          ['Valid format', '1', '1'],
        ],
      );
      await section(page, 'Comes from').getByRole('link', { name: 'tiny-colours-f32.gguf' }).waitFor();
      assert.equal(await section(page, 'Signature').count(), 0);
      await about.getByText('Its base model is looked for').waitFor({ state: 'hidden' });
      await shoot(page, `tuned-model-${scheme}`);
      await page.setViewportSize({ width: 420, height: 900 });
      await shoot(page, `tuned-model-narrow-${scheme}`);
      await closeTab(tab);
    });

  it('is tried in the playground and deployed with one click each', async () => {
    const tab = await openStudio(plane, '/models/colours', { width: 1100, height: 900 });
    const { page } = tab;
    await button(page, 'Deploy').click();
    await page.getByText(/Serving at the endpoint colours as version-1, with 100 % of its traffic/).waitFor();
    assert.equal(await button(page, 'Deploy').count(), 0);
    await shoot(page, 'tuned-model-deployed');
    await button(page, 'Try in playground').click();
    await button(page, /^Settings/).click();
    await page.getByLabel('Temperature').fill('0');
    const prompt = page.getByRole('textbox', { name: 'Prompt', exact: true });
    await prompt.fill('what colour is the sky?');
    await prompt.press('Control+Enter');
    await page.getByRole('region', { name: 'Answer of colours' }).getByText('azul').waitFor();
    await button(page, 'Choose the models').click();
    await page.getByText('adapter of tiny-colours-f32.gguf, 256 tokens of context').waitFor();
    await shoot(page, 'tuned-playground');
    await closeTab(tab);
  });

  it('asks the editor for the same', async () => {
    const tab = await openInEditor(plane, { page: 'model', name: 'colours' }, { width: 900, height: 900 });
    const { page } = tab;
    await button(page, 'Try in playground').click();
    const { command, args } = tab.commands.at(-1)!;
    assert.deepEqual([command, JSON.parse(args.state!)], ['playground.open', { models: ['colours'] }]);
    await page.getByRole('link', { name: 'colours', exact: true }).click();
    assert.deepEqual([tab.commands.at(-1)!.command, tab.commands.at(-1)!.args.name], ['endpoint.open', 'colours']);
    await closeTab(tab);
  });

  it('says why a version does not run here, and offers its base model where that can be got', async () => {
    const tab = await openStudio(plane, '/models/orders', { width: 1100, height: 800, scheme: 'light' });
    const { page } = tab;
    const about = section(page, 'Adapter of smollm2-135m-instruct');
    await about.getByText('It does not run here. Its base model smollm2-135m-instruct is not on this machine.').waitFor();
    await about.getByText('Apache-2.0').waitFor();
    assert.ok((await page.locator('vscode-button', { hasText: 'Try in playground' }).getAttribute('disabled')) !== null);
    await shoot(page, 'tuned-model-without-base');
    await button(page, 'Get smollm2-135m-instruct').click();
    await page.getByRole('dialog', { name: 'Get smollm2-135m-instruct' }).waitFor();
    await shoot(page, 'tuned-model-get-base');
    await closeTab(tab);

    const broken = await openStudio(plane, '/models/broken', { width: 900, height: 700 });
    await broken.page.getByText('It does not run here. Its finetuning.json is no JSON.').waitFor();
    await shoot(broken.page, 'tuned-model-broken');
    await closeTab(broken);
  });

  it('leads to the pipeline that made it, and to the data that was trained on', async () => {
    const { client } = plane;
    for (const [file, content] of [
      ['finetuning.json', JSON.stringify(tinyFacts)],
      ['adapter.gguf', tinyAdapter],
    ] as const)
      await client.writeBlob('azureml-blobstore', `examples/${file}`, content as BodyInit);
    await client.putAsset('data', 'examples', '1', { dataUri: blobUri('azureml-blobstore', 'examples'), dataType: 'uri_folder' });
    const step = (inputs: string, to: string) =>
      `type: command\n    command: cp -r "\${{inputs.from}}/." "\${{outputs.made}}"\n    environment: {image: ubuntu}\n    inputs:\n      from: {type: uri_folder, path: "${inputs}"}\n    outputs:\n      made: ${to}`;
    const file = writeIn(
      home,
      'tuning.yml',
      [
        'type: pipeline',
        'inputs:\n  training_data: {type: uri_folder, path: "azureml:examples:1"}',
        'outputs:\n  model: {type: custom_model, name: made}',
        `jobs:\n  train:\n    ${step('${{parent.inputs.training_data}}', '{type: uri_folder}')}`,
        `  finish:\n    ${step('${{parent.jobs.train.outputs.made}}', '${{parent.outputs.model}}')}`,
      ].join('\n'),
    );
    await submitJob({ client, file, name: 'tuning' });
    assert.equal((await jobWhen(client, 'tuning')).properties.status, 'Completed');
    const [{ name: last } = { name: '' }] = (await client.listJobs({ parent: 'tuning', search: 'finish' })).value;
    await client.logBatch(last, {
      metrics: ['base/loss', 'tuned/loss', 'tuned/seconds'].map((key) => ({ key, value: 7, timestamp: 1, step: 0 })),
    });
    const tab = await openStudio(plane, '/models/made', { width: 1100, height: 1100, scheme: 'light' });
    const from = section(tab.page, 'Comes from');
    await from.getByText('adapter of').waitFor();
    await from.getByText('trained on training_data').waitFor();
    await from.getByRole('link', { name: 'examples:1' }).waitFor();
    await from.getByText('registered by').waitFor();
    assert.equal(await from.getByText('trained on from').count(), 0);
    const metrics = section(tab.page, 'Metrics');
    await metrics.getByText('tuned/seconds').waitFor();
    assert.equal(await metrics.getByText('tuned/loss').count(), 0);
    await shoot(tab.page, 'tuned-model-lineage');
    await closeTab(tab);
  });

  it('is told in the list of models, and changes with what is registered', async () => {
    await tunedWhen(plane.client, 'colours');
    const tab = await openStudio(plane, '/models', { width: 1100, height: 900, scheme: 'light' });
    const { page } = tab;
    const table = page.getByRole('table', { name: 'Models' });
    const row = (name: string) => table.getByRole('row').filter({ has: page.getByRole('link', { name, exact: true }) });
    await row('colours').getByText('Adapter of tiny-colours-f32.gguf').waitFor();
    await row('lost').getByText('does not run here').waitFor();
    await registerTuned(plane.client, 'later', '1');
    await row('later').getByText('Adapter of tiny-colours-f32.gguf').waitFor();
    await shoot(page, 'tuned-models');
    await closeTab(tab);
  });

  it('is replaced by nobody who clicks: a deployment of something else keeps its name', async () => {
    const { client } = plane;
    const endpoint = ['onlineEndpoints', 'lost'];
    await client.putResource(endpoint, { location: 'local', properties: { authMode: 'Key', traffic: {} } });
    await client.putResource([...endpoint, 'deployments', 'version-1'], {
      location: 'local',
      properties: { endpointComputeType: 'Managed', model: assetId(defaultWorkspace, 'models', 'colours', '1') },
    });
    await assert.rejects(deployModel(client, 'lost', '1'), /has a deployment version-1 already, of something else/);
  });
});
