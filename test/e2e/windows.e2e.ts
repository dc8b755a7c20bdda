import { strict as assert } from 'node:assert';
import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { jobProperty } from '../../src/protocol/job.ts';
import { jobWhen } from '../contract/plane.ts';
import { fixture } from './session.ts';
import { openStory, type Story } from './story.ts';
import type { Workbench } from './workbench.ts';

describe('a second window, on two folders that are not trusted', () => {
  let story: Story;
  let window: Workbench;
  before(async () => {
    story = await openStory();
    const root = join(story.vscode.folder, 'many');
    await mkdir(root);
    for (const name of ['one', 'two']) await cp(fixture('stories'), join(root, name), { recursive: true });
    const file = join(root, 'many.code-workspace');
    await writeFile(file, JSON.stringify({ folders: [{ path: 'one' }, { path: 'two' }] }));
    window = await story.vscode.open({ folder: file, copy: false });
  });
  after(async () => {
    await window?.close();
    await story?.end();
  });
  afterEach(function () {
    return story?.evidence(this.currentTest);
  });

  const submit = async () => {
    await window.openFile('two/hello.yml');
    await window.codeLens('Submit').first().click();
  };

  it('shows everything and runs nothing until the folders are trusted', async () => {
    await window.showViews('Updraft');
    await window.page.getByText('No jobs yet.').waitFor();
    await submit();
    await window.notificationButton('you have not said that you trust it', 'Manage Workspace Trust').waitFor();
    await window.screenshot('restricted');
    assert.equal((await story.client.listJobs()).value.length, 0);
    await window.runCommand('Notifications: Clear All Notifications');
  });

  it('shows the lenses of a file that is opened right after they are, also when the text loses the focus at once', async () => {
    await window.trustFolder();
    await window.openFile('one/failing.yml');
    await window.activeTab().filter({ hasText: 'failing' }).waitFor();
    await window.statusBarItem('Azure ML YAML').waitFor();
    await window.showViews('Explorer');
    await window.codeLens('Submit').first().waitFor();
    await window.showViews('Updraft');
  });

  it('submits from a file that was open before, to the control plane that all windows share', async () => {
    await submit();
    await story.window.tree('Jobs').row('greetings').waitFor();
    await jobWhen(story.client, (await story.client.listJobs()).value[0]!.name);
    const [job] = (await story.client.listJobs()).value;
    assert.match(job?.properties.properties?.[jobProperty.submittedFile] ?? '', /many[\\/]two[\\/]hello\.yml$/);
    // Each window listens, and so does each dashboard.
    assert.ok((await story.client.status()).clients >= 2);
  });
});
