import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { blobUri } from '../../src/protocol/asset.ts';
import { artifactFolder, packagesFile } from '../../src/protocol/jobPlaces.ts';
import type { TestPlane } from '../contract/plane.ts';
import { closeTab, openStudio, shoot } from './browser.ts';
import { openInEditor } from './editorPage.ts';
import { openRun, startStudio } from './fixture.ts';

const modelFile = (type: string) => `flavors:
  python_function:
    loader_module: mlflow.sklearn
    python_version: 3.11.7
  sklearn:
    sklearn_version: 1.9.1
mlflow_version: 3.17.2
signature:
  inputs: '[{"type": "${type}", "name": "width", "required": true}, {"type": "string",
    "name": "kind", "required": false}]'
  outputs: '[{"type": "tensor", "tensor-spec": {"dtype": "int64", "shape": [-1]}}]'
`;

describe('the page of a model', () => {
  let plane: TestPlane;
  const runs: string[] = [];
  before(async () => {
    plane = await startStudio();
    const { client } = plane;
    await client.http.json('POST', '/api/2.0/mlflow/registered-models/create', { name: 'flowers' });
    for (const [index, type] of ['float', 'double'].entries()) {
      const run = await openRun(plane, `try ${index + 1}`);
      runs.push(run);
      await client.logBatch(run, {
        metrics: [{ key: 'accuracy', value: 0.9 + index / 100, timestamp: 1, step: 0 }],
        params: [
          { key: 'depth', value: String(index + 3) },
          { key: 'seed', value: '7' },
        ],
      });
      await client.writeBlob('azureml', `${artifactFolder(run)}/model/MLmodel`, modelFile(type));
      const { model } = await client.http.json<{ model: { info: { model_id: string } } }>('POST', '/api/2.0/mlflow/logged-models', {
        experiment_id: '0',
        source_run_id: run,
      });
      const id = model.info.model_id;
      await client.http.json('POST', '/api/2.0/mlflow/runs/log-metric', {
        run_id: run,
        key: 'f1',
        value: 0.5 + index / 4,
        timestamp: 1,
        model_id: id,
        dataset_name: 'holdout',
        dataset_digest: 'abc',
      });
      await client.http.json('POST', '/api/2.0/mlflow/model-versions/create', {
        name: 'flowers',
        source: `runs:/${run}/model`,
        run_id: run,
        model_id: id,
      });
    }
    await client.putAsset('models', 'plain', '1', { modelUri: blobUri('azureml-blobstore', 'plain'), modelType: 'custom_model' });
    await client.writeBlob('azureml-blobstore', 'plain/weights.bin', 'x');
  });
  after(() => plane.remove());

  for (const scheme of ['dark', 'light'] as const)
    it(`has the metrics, the signature and the lines that load a version, in ${scheme}`, async () => {
      const tab = await openStudio(plane, '/models/flowers', { scheme, height: 1000 });
      const { page } = tab;
      const metrics = page.getByRole('region', { name: 'Metrics' });
      await metrics.getByText('0.91').waitFor();
      await metrics.getByText('f1 on holdout').waitFor();
      const inputs = page.getByRole('table', { name: 'Inputs' });
      assert.deepEqual(
        (await inputs.locator('tbody tr').allInnerTexts()).map((text) => text.split(/\s+/)),
        [
          ['width', 'double'],
          ['kind', 'string', 'optional'],
        ],
      );
      await page.getByText('model = mlflow.pyfunc.load_model("models:/flowers/2")').waitFor();
      await shoot(page, `model-${scheme}`);
      await page.getByTitle('How to load it').click();
      await page.getByRole('option', { name: 'Python, as sklearn' }).click();
      await page.getByText('model = mlflow.sklearn.load_model("models:/flowers/2")').waitFor();
      await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
      await page.getByRole('button', { name: 'Copy the lines' }).click();
      await page.getByRole('button', { name: 'Copied' }).waitFor();
      assert.match(await page.evaluate(() => navigator.clipboard.readText()), /^import mlflow\n\nmodel = mlflow\.sklearn\./);
      await closeTab(tab);
    });

  it('follows what is logged of the model later', async () => {
    const tab = await openStudio(plane, '/models/flowers');
    await tab.page.getByRole('region', { name: 'Metrics' }).getByText('0.91').waitFor();
    await plane.client.logBatch(runs[1]!, { metrics: [{ key: 'late', value: 3, timestamp: 2, step: 0 }] });
    await tab.page.getByRole('region', { name: 'Metrics' }).getByText('late').waitFor();
    await closeTab(tab);
  });

  for (const theme of ['dark', 'light'] as const)
    it(`compares versions, in ${theme}`, async () => {
      const tab = await openInEditor(plane, { page: 'model', name: 'flowers' }, { theme, width: 900, height: 900 });
      const { page } = tab;
      await page.getByRole('tab', { name: 'Compare versions' }).click();
      const table = page.getByRole('table', { name: 'Comparison of versions' });
      const row = async (label: string) => {
        const found = table.locator('tr').filter({ has: page.locator('th[scope=row]').getByText(label, { exact: true }) });
        await found.waitFor();
        return (await found.locator('td').allInnerTexts()).map((text) => text.trim());
      };
      assert.deepEqual(await row('accuracy'), ['0.91', '0.9']);
      assert.deepEqual(await row('width'), ['double', 'float']);
      assert.deepEqual(await row('seed'), ['7', '7']);
      await shoot(page, `model-compare-${theme}`);
      await page.getByText('Only differences').click();
      await table.getByText('seed').waitFor({ state: 'detached' });
      await page.getByRole('link', { name: /Compare their runs/ }).click();
      const { command, args } = tab.commands.at(-1)!;
      assert.deepEqual([command, args.tab, JSON.parse(args.state!)], ['runs.open', 'compare', { selected: runs }]);
      await page.getByRole('checkbox', { name: 'Version 1' }).uncheck();
      await page.getByText('Choose a second version').waitFor();
      await closeTab(tab);
    });

  it('says what is not known of a model that MLflow did not write', async () => {
    const tab = await openStudio(plane, '/models/plain');
    await tab.page.getByText('This version has no MLmodel file').waitFor();
    await tab.page.getByText('az ml model download --name plain --version 1').waitFor();
    await shoot(tab.page, 'model-plain-dark');
    await closeTab(tab);
  });

  it('keeps notes of a run as Markdown', async () => {
    const run = runs[0]!;
    const tab = await openStudio(plane, `/jobs/${run}`);
    const { page } = tab;
    await page.getByRole('button', { name: 'Add a note' }).click();
    const field = page.getByRole('textbox', { name: 'Notes, in Markdown' });
    await field.fill('# Why\n\nThe *first* try:\n\n- depth 3\n- <img src=x onerror="document.title=1">');
    await page.keyboard.press('Escape');
    assert.match(await field.inputValue(), /^# Why/, 'a text that was changed is not lost by a key');
    await page.keyboard.press('Control+Enter');
    const notes = page.getByRole('region', { name: 'Notes' });
    await notes.getByRole('heading', { name: 'Why' }).waitFor();
    await notes.getByText('<img src=x').waitFor();
    assert.equal(await notes.locator('img').count(), 0);
    await shoot(page, 'notes-dark');
    const { run: told } = await plane.client.getRun(run);
    assert.match(told.data.tags!.find(({ key }) => key === 'mlflow.note.content')!.value, /^# Why\n/);
    // What somebody else writes comes by itself.
    await plane.client.patchJob(run, { description: 'Shorter.' });
    await notes.getByText('Shorter.').waitFor();
    await notes.getByRole('button', { name: 'Edit the notes' }).press('Enter');
    await field.waitFor();
    await page.keyboard.press('Escape');
    await notes.getByRole('button', { name: 'Edit the notes' }).click();
    await field.fill('');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('button', { name: 'Add a note' }).waitFor();
    assert.equal((await plane.client.getJob(run)).properties.description, undefined);
    await closeTab(tab);
  });

  it('keeps what could not be saved of a note', async () => {
    const run = runs[1]!;
    const tab = await openStudio(plane, `/jobs/${run}`);
    const { page } = tab;
    await page.getByRole('button', { name: 'Add a note' }).click();
    await page.route(`**/jobs/${run}*`, (route) => (route.request().method() === 'PATCH' ? route.abort() : route.continue()));
    const field = page.getByRole('textbox', { name: 'Notes, in Markdown' });
    await field.fill('not lost');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('alert').waitFor();
    assert.equal(await field.inputValue(), 'not lost');
    await page.unroute(`**/jobs/${run}*`);
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('region', { name: 'Notes' }).getByText('not lost').waitFor();
    tab.errors.length = 0;
    await closeTab(tab);
  });

  it('shows what was installed for a job', async () => {
    const { client } = plane;
    await client.putAsset('environments', 'torch', '1', { image: 'ubuntu:22.04' });
    await client.claimJobs({ runnerId: 'elsewhere', computes: ['busy'], others: false, room: 0, holds: [] });
    const ws = (await client.getAsset('environments', 'torch', '1')).id;
    await client.putJob('waits', {
      jobType: 'Command',
      command: 'echo',
      environmentId: ws,
      computeId: ws.replace(/\/environments\/.*/, '/computes/busy'),
    });
    const tab = await openStudio(plane, '/jobs/waits', { height: 1000 });
    const { page } = tab;
    await page.getByRole('button', { name: 'Add a note' }).waitFor();
    await client.writeBlob('azureml', `${artifactFolder('waits')}/${packagesFile}`, '# Python 3.11.7\nnumpy==2.0.1\nscikit-learn==1.5.0\n');
    await page.getByText('Python 3.11.7 · 2 packages').click();
    await page.getByRole('list', { name: 'Installed packages' }).getByText('scikit-learn').waitFor();
    await shoot(page, 'packages-dark');
    await closeTab(tab);
  });
});
