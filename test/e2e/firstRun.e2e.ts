import { strict as assert } from 'node:assert';
import { join } from 'node:path';
import { repository, type Story, startStory } from './story.ts';
import type { Workbench } from './workbench.ts';

describe('the first run: the digits pipeline, from its YAML to a registered model', () => {
  let story: Story;
  let window: Workbench;

  before(async () => {
    story = await startStory({ size: { width: 1440, height: 900 } });
    window = await story.vscode.open({ folder: join(repository, 'examples/digits') });
  });
  after(() => story?.end());
  afterEach(function () {
    return story?.vscode.evidence(this.currentTest);
  });

  it('shows views with a next step before anything was run', async () => {
    await window.showViews('Updraft');
    await window.page.getByText('No jobs yet.').waitFor();
    await window.screenshot('views-empty');
  });

  it('submits from the CodeLens and shows the job running', async () => {
    await window.openFile('pipeline.yml');
    await window.codeLens('Submit').first().waitFor();
    await window.screenshot('codelens');
    await window.codeLens('Submit').first().click();
    const jobs = window.tree('Jobs');
    await jobs.row('train').waitFor();
    await window.screenshot('running');
  });

  it('says when it has completed', async () => {
    await window.notificationButton(/completed after/, 'Open').waitFor({ timeout: 200_000 });
    await window.screenshot('completed');
    assert.equal(await window.statusBarItem('running').count(), 0);
  });
});
