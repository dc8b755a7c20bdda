import { strict as assert } from 'node:assert';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PlaneClient } from '../../src/client/planeClient.ts';
import { defaultWorkspace, workspacePath } from '../../src/protocol/arm.ts';
import type { AddedMember } from '../../src/protocol/team.ts';
import { type PlaneProcess, startPlaneProcess } from '../contract/planeProcess.ts';
import { openStory, type Story } from './story.ts';
import type { Workbench } from './workbench.ts';

const themes = { dark: 'Dark Modern', light: 'Light Modern', 'high-contrast': 'Dark High Contrast' };

describe('the planes of a team', () => {
  let story: Story;
  let window: Workbench;
  let data: string;
  let plane: PlaneProcess;
  let url: string;
  /** With the token of who operates the plane. */
  let operator: PlaneClient;
  const vision = { ...defaultWorkspace, workspace: 'vision' };
  const members = new Map<string, AddedMember>();
  before(async () => {
    data = await mkdtemp(join(tmpdir(), 'updraft-team-'));
    [story, plane] = await Promise.all([openStory('stories'), startPlaneProcess(data, ['--team'])]);
    window = story.window;
    url = plane.client.http.url;
    operator = plane.client;
    for (const name of ['vision', 'speech'])
      await operator.http.json('PUT', workspacePath({ ...defaultWorkspace, workspace: name }), { location: 'local' });
    for (const [name, role] of [
      ['ann', 'AzureML Data Scientist'],
      ['bob', 'Reader'],
    ])
      members.set(
        name!,
        await operator.http.json('POST', '/updraft/team/members', { kind: 'user', name: `${name}@example.org`, role, workspace: 'vision' }),
      );
  });
  after(async () => {
    await story?.end();
    await plane?.stop();
    await rm(data, { recursive: true, force: true, maxRetries: 10 });
  });
  afterEach(function () {
    return story?.evidence(this.currentTest);
  });
  const tokenOf = (name: string) => members.get(name)!.token.token;
  const as = (name: string) => new PlaneClient({ url, token: tokenOf(name), workspace: 'vision' }, vision);
  const pictures = async (name: string) => {
    for (const [theme, title] of Object.entries(themes)) {
      if (theme !== 'dark') await window.chooseTheme(title);
      await window.screenshot(`${name}-${theme}`);
    }
    await window.chooseTheme(themes.dark);
  };

  it('are added, signed in to, and chosen; submits go to the chosen workspace', async () => {
    await window.runCommand('Updraft: Add a Plane…');
    await window.quickInput.answer(url);
    await window.quickInput.answer(tokenOf('ann'));
    await window.quickInput.pick('vision');
    await window.statusBarItem(/vision \(127\.0\.0\.1/).waitFor();
    await window.page.getByText('No jobs yet.').waitFor();
    const settings = await readFile(join(window.folder, '.vscode/settings.json'), 'utf8');
    assert.equal(JSON.parse(settings)['updraft.workspace'], `${url}/vision`);

    await window.openFile('stories/hello.yml');
    await window.codeLens('Submit').first().click();
    await window.tree('Jobs').row('hello').waitFor();
    const [job] = (await as('bob').listJobs()).value;
    assert.equal(job?.systemData?.createdBy, 'ann@example.org');
    assert.deepEqual((await story.client.listJobs()).value, []);
    await pictures('planes-jobs');
  });
});
