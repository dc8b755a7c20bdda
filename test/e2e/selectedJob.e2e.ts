import { join } from 'node:path';
import { submitJob } from '../../src/submit/submitJob.ts';
import { openStory, type Story } from './story.ts';
import type { Workbench } from './workbench.ts';

describe('the view of the selected job', () => {
  let story: Story;
  let window: Workbench;
  before(async () => {
    story = await openStory('pages', 'stories');
    window = story.window;
  });
  after(() => story?.end());
  afterEach(function () {
    return story?.evidence(this.currentTest);
  });

  it('follows the selection in the Jobs view and the active dashboard, and is back after a reload', async () => {
    const size = window.page.viewportSize()!;
    await window.page.setViewportSize({ width: 1440, height: 1000 });
    await window.openView('Selected Job');
    let view = await window.webview('Selected Job');
    // In the window of all stories, one before this may have selected a job that is gone by now.
    await view.getByText(/No job is selected|This job/).waitFor();

    await submitJob({ client: story.client, file: join(window.folder, 'pages/fails.yml') });
    const { job: endless } = await submitJob({ client: story.client, file: join(window.folder, 'stories/endless.yml') });
    const jobs = window.tree('Jobs');
    await jobs.row('endless').waitFor();
    await jobs.row('Reads the wrong file').locator('.codicon-error').waitFor();
    await jobs.row('Reads the wrong file').click();
    await view.getByRole('heading', { name: 'Reads the wrong file' }).waitFor();
    await view.getByText('no rows in missing.csv').first().waitFor();
    await window.screenshot('selected-job-failed');
    await jobs.row('endless').click();
    await view.getByRole('heading', { name: 'endless' }).waitFor();
    await view.getByText('Running', { exact: true }).waitFor();

    // Both have a page now: their tabs lead the view as well.
    await window.tab('Reads the wrong file').click();
    await view.getByRole('heading', { name: 'Reads the wrong file' }).waitFor();
    await window.runCommand('View: Close Editor');
    await view.getByRole('heading', { name: 'endless' }).waitFor();

    await window.reload(`"selectedJob":"${endless.name}"`);
    await window.showViews('Updraft');
    view = await window.webview('Selected Job');
    await view.getByRole('heading', { name: 'endless' }).waitFor();
    await view.getByText('Running', { exact: true }).waitFor();
    await window.page.locator('.pane-header', { hasText: 'Selected Job' }).click();
    await window.page.setViewportSize(size);
  });
});
