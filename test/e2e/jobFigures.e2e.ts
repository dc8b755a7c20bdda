import { strict as assert } from 'node:assert';
import { openStory, type Story } from './story.ts';
import type { Workbench } from './workbench.ts';

describe('the row of a job in the Jobs view', () => {
  let story: Story;
  let window: Workbench;
  before(async () => {
    story = await openStory();
    window = story.window;
  });
  after(() => story?.end());
  afterEach(function () {
    return story?.evidence(this.currentTest);
  });

  it('tells the last values of what the script logged, as they come; its tooltip tells more', async () => {
    const post = <T>(path: string, body: object) => story.client.http.json<T>('POST', `/api/2.0/mlflow/${path}`, body);
    const start = async (name: string, lr: string) => {
      const { run } = await post<{ run: { info: { run_id: string } } }>('runs/create', { experiment_id: '0', run_name: name });
      await post('runs/log-parameter', { run_id: run.info.run_id, key: 'lr', value: lr });
      return run.info.run_id;
    };
    const log = (run: string, step: number, values: Record<string, number>) =>
      post('runs/log-batch', {
        run_id: run,
        metrics: Object.entries(values).map(([key, value]) => ({ key, value, step, timestamp: Date.now() })),
      });
    const runs = [await start('slow learner', '0.01'), await start('fast learner', '0.1')];
    await log(runs[0]!, 0, { speed: 12, 'val/acc': 0.5, 'system/cpu_utilization_percentage': 90 });
    const jobs = window.tree('Jobs');
    const row = (name: string, text: RegExp) => jobs.row(name).locator('.label-description', { hasText: text });
    await row('slow learner', /^val\/acc 0\.5 · speed 12 · since /).waitFor();
    await log(runs[0]!, 1, { 'val/acc': 0.98765 });
    await row('slow learner', /^val\/acc 0\.9877 · speed 12 · since /).waitFor();
    // By key: under the mouse a tooltip takes a minute here. The run that was made first is the last row.
    await window.runCommand('Updraft: Focus on Jobs View');
    await window.page.keyboard.press('End');
    await window.page.keyboard.press('Control+k');
    await window.page.keyboard.press('Control+i');
    const hover = window.page.locator('.monaco-hover', { hasText: 'Parameters that differ' });
    await hover.waitFor();
    // Spaces of a text in Markdown do not break.
    const text = ((await hover.textContent()) ?? '').replaceAll('\u00a0', ' ');
    for (const part of ['val/acc: 0.9877', 'speed: 12', 'lr: 0.01']) assert.ok(text.includes(part), text);
    assert.ok(!text.includes('system/'), text);
    await window.screenshot('job-figures');
    for (const run_id of runs) await post('runs/update', { run_id, status: 'FINISHED' });
    await jobs.row('slow learner').locator('.codicon-pass').waitFor();
  });
});
