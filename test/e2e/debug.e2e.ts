import { strict as assert } from 'node:assert';
import { join } from 'node:path';
import { submitJob } from '../../src/submit/submitJob.ts';
import { jobWhen } from '../contract/plane.ts';
import { openStory, type Story } from './story.ts';
import type { Workbench } from './workbench.ts';

describe('a failed job under the debugger of the editor', () => {
  let story: Story;
  let window: Workbench;

  before(async () => {
    story = await openStory('pages');
    window = story.window;
  });
  after(() => story?.end());
  afterEach(function () {
    return story?.evidence(this.currentTest);
  });

  it('stops at the line that failed, in the file of the workspace, with its variables', async () => {
    const { page } = window;
    const { job } = await submitJob({ client: story.client, file: join(window.folder, 'pages/fails.yml') });
    await jobWhen(story.client, job.name);
    await window.tree('Jobs').contextMenu('Reads the wrong file', 'Run Again under the Debugger');
    const widget = page.locator('.exception-widget');
    await widget.getByText('no rows in missing.csv').first().waitFor();
    await window.activeTab().filter({ hasText: 'fails.py' }).waitFor();
    await page.locator('.breadcrumbs-control, .tabs-breadcrumbs').getByText('pages').first().waitFor();
    await window.showViews('Run and Debug');
    const locals = page.getByRole('treeitem', { name: /Locals/ });
    await locals.waitFor();
    if ((await locals.getAttribute('aria-expanded')) !== 'true') await locals.click();
    await page.getByRole('treeitem', { name: /path.*missing\.csv/ }).waitFor();
    await window.screenshot('debugger');
    await window.runCommand('Debug: Stop');
    await widget.waitFor({ state: 'detached' });
    assert.equal((await story.client.getJob(job.name)).properties.status, 'Failed');
    await window.showViews('Updraft');
  });
});
