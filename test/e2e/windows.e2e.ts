import { strict as assert } from 'node:assert';
import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from '../../scripts/runCommand.ts';
import { jobProperty } from '../../src/protocol/job.ts';
import { fixture, repository, type Story, startStory } from './story.ts';

const manifest = join(repository, 'package.json');

describe('windows and folders of all kinds', () => {
  let story: Story;
  after(() => story?.end());
  afterEach(function () {
    return story?.vscode.evidence(this.currentTest);
  });

  it('is installed from its package; shows everything and runs nothing in a folder that is not trusted, until it is', async () => {
    await runCommand(process.execPath, [join(repository, 'scripts/package.ts')], { cwd: repository });
    const { version } = (await import(manifest, { with: { type: 'json' } })).default;
    story = await startStory({ extension: join(repository, `updraft-${version}.vsix`), trust: 'restricted' });
    const window = await story.vscode.open({ folder: fixture('stories') });
    await window.showViews('Updraft');
    await window.page.getByText('No jobs yet.').waitFor();
    const client = await story.client();
    await window.openFile('hello.yml');
    await window.codeLens('Submit').first().click();
    await window.notification('you have not said that you trust it').waitFor();
    await window.screenshot('restricted');
    assert.equal((await client.listJobs()).value.length, 0);
    await window.runCommand('Notifications: Clear All Notifications');
    await window.trustFolder();
    await window.openFile('hello.yml');
    await window.codeLens('Submit').first().click();
    await window.notification('hello completed').waitFor();
  });

  it('shares one control plane between windows, each told of what the other does', async () => {
    const [first] = story.vscode.windows;
    const second = await story.vscode.open({ folder: fixture('stories') });
    await second.trustFolder();
    await second.showViews('Updraft');
    await second.tree('Jobs').row('greetings').waitFor();
    await second.openFile('endless.yml');
    await second.codeLens('Submit').first().click();
    await first!.showViews('Updraft');
    await first!.tree('Jobs').row('endless').waitFor();
    await first!.statusBarItem('1 running').waitFor();
    await first!.tree('Jobs').inlineAction('endless', 'Cancel Job');
    await second.statusBarItem('running').waitFor({ state: 'detached' });
    // Each window listens, and so does each dashboard.
    assert.ok((await (await story.client()).status()).clients >= 2);
    await second.close();
  });

  it('submits from any folder of a multi-root workspace', async () => {
    const root = join(story.vscode.folder, 'many');
    await mkdir(root);
    for (const name of ['one', 'two']) await cp(fixture('stories'), join(root, name), { recursive: true });
    const file = join(root, 'many.code-workspace');
    await writeFile(file, JSON.stringify({ folders: [{ path: 'one' }, { path: 'two' }] }));
    const window = await story.vscode.open({ folder: file, copy: false });
    await window.trustFolder();
    await window.openFile('two/hello.yml');
    await window.codeLens('Submit').first().click();
    await window.notification('hello completed').waitFor();
    const [job] = (await (await story.client()).listJobs()).value;
    assert.match(job?.properties.properties?.[jobProperty.submittedFile] ?? '', /many[\\/](?:one|two)[\\/]hello\.yml$/);
  });
});
