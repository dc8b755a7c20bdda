import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { before, describe, it } from 'mocha';
import type { PipelineNode } from '../../src/protocol/job.ts';
import { component, shellEnvironment, type TestPlane } from '../contract/plane.ts';
import { closeTab, openStudio, shoot } from './browser.ts';
import { openInEditor } from './editorPage.ts';
import { fixturePlane, openRun, submitted } from './fixture.ts';

const literal = (value: string) => ({ job_input_type: 'literal', value });

describe('a page of something that is going on', () => {
  let plane: TestPlane;
  let waits: string;
  let reads: string;
  let inner: string;
  before(async () => {
    plane = await fixturePlane();
    const environment = `azureml:${await shellEnvironment(plane.client)}`;
    waits = await component(plane.client, 'waits', {
      command: 'until [ -e ${{inputs.gate}} ]; do read -t 0.05 < <(:) || true; done; echo open > ${{outputs.out}}/text.txt',
      environment,
      inputs: { gate: { type: 'string' } },
      outputs: { out: { type: 'uri_folder' } },
    });
    reads = await component(plane.client, 'reads', {
      command: 'cat ${{inputs.data}}/text.txt; echo no such column >&2; exit 7',
      environment,
      inputs: { data: { type: 'uri_folder' } },
      outputs: { out: { type: 'uri_folder' } },
    });
    const jobs: Record<string, PipelineNode> = {
      first: { type: 'command', componentId: waits, inputs: { gate: literal('${{parent.inputs.gate}}') } },
      second: { type: 'command', componentId: reads, inputs: { data: literal('${{parent.jobs.first.outputs.out}}') } },
    };
    inner = await component(plane.client, 'inner_pages', { type: 'pipeline', inputs: { gate: { type: 'string' } }, jobs });
  });

  async function start(name: string): Promise<() => void> {
    const gate = path.join(plane.folder, `gate-${name}`);
    await plane.client.putJob(name, {
      jobType: 'Pipeline',
      inputs: { gate: { jobInputType: 'literal', value: gate } },
      jobs: {
        load: { type: 'command', componentId: waits, inputs: { gate: literal('${{parent.inputs.gate}}') } },
        nested: { type: 'pipeline', componentId: inner, inputs: { gate: literal('${{parent.inputs.gate}}') } },
        check: {
          type: 'command',
          componentId: reads,
          inputs: { data: literal('${{parent.jobs.load.outputs.out}}') },
          outputs: { out: { type: 'literal', value: '${{parent.outputs.checked}}' } },
        },
        later: { type: 'command', componentId: reads, inputs: { data: literal('${{parent.jobs.check.outputs.out}}') } },
      },
      outputs: { checked: { jobOutputType: 'uri_folder', assetName: 'checked' } },
    });
    return () => writeFileSync(gate, '');
  }

  it('follows the steps of a pipeline in its graph, also of a nested one, to the one that fails', async () => {
    const open = await start('going');
    const tab = await openInEditor(plane, { page: 'job', name: 'going', tab: 'graph' });
    const { page } = tab;
    const step = (name: RegExp) => page.getByRole('group', { name });
    await step(/^step load, Running/).waitFor();
    await step(/^step check, Waiting/).waitFor();
    await page.getByRole('button', { name: 'Show the steps of nested' }).click();
    await step(/^step first, Running/).waitFor();
    await step(/^step second, Waiting/).waitFor();
    await shoot(page, 'pages-graph-live-dark');
    open();
    await step(/^step load, Completed/).waitFor();
    await step(/^step check, Failed/).waitFor();
    await page.locator('.subtitle').getByText('Failed', { exact: true }).first().waitFor();
    await step(/^step check, Failed/).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('complementary', { name: 'Details of check' }).getByText('exit code 7').first().waitFor();
    await shoot(page, 'pages-graph-failed-dark');
    await page.getByRole('tab', { name: 'Graph' }).focus();
    await page.keyboard.press('Home');
    await page.getByRole('tab', { name: 'Overview', selected: true }).waitFor();
    await page.getByText('no such column').waitFor();
    await page.getByText('not registered as checked').waitFor();
    await page.getByRole('listitem').filter({ hasText: 'later' }).getByText('Not started').waitFor();
    await shoot(page, 'pages-failed-pipeline-dark');
    await page.getByRole('button', { name: 'Open the step' }).click();
    assert.deepEqual(tab.commands.at(-1), { type: 'command', command: 'job.open', args: { name: 'going-nested-second' } });
    await closeTab(tab);
  });

  it('cancels a job from the browser after a question, and no button takes the place of another', async () => {
    await start('to_cancel');
    const tab = await openStudio(plane, '/jobs/to_cancel');
    const { page } = tab;
    const cancel = page.getByRole('button', { name: 'Cancel the job' });
    const rerun = page.getByRole('button', { name: /again/ });
    const question = page.getByRole('alertdialog', { name: 'Cancel to_cancel?' });
    await cancel.click();
    await page.keyboard.press('Escape');
    await question.waitFor({ state: 'detached' });
    await cancel.click();
    await shoot(page, 'pages-cancel-dark');
    await question.getByText('Keep it running').click();
    await question.waitFor({ state: 'detached' });
    assert.ok(await rerun.isDisabled());
    const before = await rerun.boundingBox();
    await cancel.click();
    await question.getByText('Cancel the job').click();
    await page.locator('.subtitle').getByText('Canceled').waitFor();
    await cancel.waitFor({ state: 'detached' });
    assert.deepEqual(await rerun.boundingBox(), before);
    await closeTab(tab);
  });

  it('offers no rerun of a run that a script made', async () => {
    const tab = await openStudio(plane, `/jobs/${await openRun(plane, 'by a script')}`);
    await tab.page.getByRole('heading', { name: /by a script/ }).waitFor();
    assert.equal(await tab.page.getByRole('button', { name: /again/ }).count(), 0);
    await closeTab(tab);
  });

  it('says which steps were reused, and from where', async () => {
    await submitted(plane, 'pipeline.yml', 'digits_again', 'The same again');
    const tab = await openStudio(plane, '/jobs/digits_again');
    const { page } = tab;
    await page.getByRole('listitem').filter({ hasText: 'train' }).getByText('reused').waitFor();
    await page.getByRole('link', { name: 'train', exact: true }).click();
    await page.getByText('Nothing had to be run').waitFor();
    await page.getByRole('link', { name: 'digits_1-train' }).first().waitFor();
    await closeTab(tab);
  });

  it('draws a gap where a value is no number, and long series at their extremes', async () => {
    const run = await openRun(plane, 'long');
    for (let from = 0; from < 12_000; from += 1000)
      await plane.client.logBatch(run, {
        metrics: Array.from({ length: 1000 }, (_, index) => {
          const step = from + index;
          return {
            key: 'spiky',
            value: step === 7777 ? 1000 : step === 3 ? 'NaN' : Math.sin(step / 500),
            timestamp: 1_700_000_000_000 + step,
            step,
          };
        }),
      });
    const tab = await openInEditor(plane, { page: 'job', name: run, tab: 'metrics' });
    const chart = tab.page.getByRole('figure', { name: 'spiky' });
    await chart.getByRole('cell', { name: '1000', exact: true }).waitFor();
    await tab.page.getByText('Log scale').click();
    await chart.getByText(/can't be shown on a log scale/).waitFor();
    await closeTab(tab);
  });

  it('follows a long log, of which only the lines in view are in the document', async () => {
    await plane.client.putJob('long_log', {
      jobType: 'Command',
      environmentId: await shellEnvironment(plane.client),
      command: `for i in $(seq 1 20000); do echo "line $i of many"; done; until [ -e ${path.join(plane.folder, 'gate-log')} ]; do read -t 0.05 < <(:) || true; done; echo the end`,
    });
    const tab = await openInEditor(plane, { page: 'job', name: 'long_log', tab: 'log' });
    const { page } = tab;
    await page.getByText('line 20000 of many').waitFor();
    writeFileSync(path.join(plane.folder, 'gate-log'), '');
    await page.getByText('the end', { exact: true }).waitFor();
    assert.ok((await page.locator('.text-line').count()) < 200);
    await page.getByRole('textbox', { name: 'Search' }).fill('line 10000 ');
    await page.getByText('1 of 1', { exact: true }).waitFor();
    await page.getByText('line 10000 of many').waitFor();
    await closeTab(tab);
  });
});
