import { join } from 'node:path';
import { submitJob } from '../../src/submit/submitJob.ts';
import { openStory, type Story } from './story.ts';
import type { Workbench } from './workbench.ts';

describe('a reload of the window', () => {
  let story: Story;
  let window: Workbench;
  before(async () => {
    story = await openStory('authoring', 'stories');
    window = story.window;
  });
  after(() => story?.end());
  afterEach(function () {
    return story?.evidence(this.currentTest);
  });

  it('brings back the log of a running job, its dashboard, a pipeline with its lenses and its graph, each as it was', async () => {
    await submitJob({ client: story.client, file: join(window.folder, 'stories/endless.yml') });
    const jobs = window.tree('Jobs');
    await jobs.row('greetings').waitFor();
    await jobs.expand('greetings');
    await jobs.contextMenu('endless', 'Open Log');
    await window.line(/^line.\d+$/).waitFor();
    await jobs.contextMenu('endless', 'Open Dashboard');
    const metrics = { name: 'Metrics' };
    let dashboard = await window.webview('endless');
    await dashboard.getByRole('tab', metrics).click();
    await window.openFile('authoring/pipeline.yml');
    await window.codeLens('Graph').click();
    let graph = await window.webview('Graph: pipeline.yml');
    await graph.getByRole('button', { name: 'Show the steps of report' }).click();
    const inner = { name: /^step draw\b/ };
    await graph.getByRole('group', inner).waitFor();

    await window.reload('endless.log', '"tab":"metrics"', '"expanded":["report"]');

    graph = await window.webview('Graph: pipeline.yml');
    await graph.getByRole('group', inner).waitFor();
    // The file beside it has its language mode, without which it has no lenses.
    await window.codeLens('Submit').first().waitFor();
    await window.tab(/^endless(?!\.log)/).click();
    dashboard = await window.webview('endless');
    await dashboard.getByRole('tab', { ...metrics, selected: true }).waitFor();
    await window.tab('endless.log').click();
    await window.scrollsPast(/^line.\d+$/);
  });
});
