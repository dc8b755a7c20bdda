import { strict as assert } from 'node:assert';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeComment } from '../../src/client/comments.ts';
import { PlaneClient } from '../../src/client/planeClient.ts';
import { defaultWorkspace, workspacePath } from '../../src/protocol/arm.ts';
import { registryPath } from '../../src/protocol/registry.ts';
import type { AddedMember, IssuedToken } from '../../src/protocol/team.ts';
import { answerProvider, startIdentityProvider, type TestProvider } from '../contract/identityProvider.ts';
import { type PlaneServer, type Servers, startServers } from '../contract/servers/servers.ts';
import { SmallBrowser } from '../contract/smallBrowser.ts';
import { openStory, type Story } from './story.ts';
import type { Workbench } from './workbench.ts';

const themes = { dark: 'Dark Modern', light: 'Light Modern', 'high-contrast': 'Dark High Contrast' };

describe('the planes of a team', () => {
  let story: Story;
  let window: Workbench;
  let data: string;
  /** Two servers on PostgreSQL and a bucket; each request goes to the other one. */
  let plane: Servers;
  let servers: PlaneServer[] = [];
  let provider: TestProvider;
  let url: string;
  /** With the token of who operates the plane. */
  let operator: PlaneClient;
  const vision = { ...defaultWorkspace, workspace: 'vision' };
  const members = new Map<string, { id: string; token: IssuedToken }>();
  before(async () => {
    data = await mkdtemp(join(tmpdir(), 'updraft-team-'));
    provider = await startIdentityProvider();
    provider.people.ann = { email: 'ann@example.org', email_verified: true, name: 'Ann' };
    await writeFile(join(data, 'secret'), provider.clientSecret);
    const { issuer, clientId } = provider;
    const signIn = `signIn:\n  issuer: ${issuer}\n  clientId: ${clientId}\n  clientSecretFile: secret\n  name: Test ID\n`;
    await writeFile(join(data, 'team.yml'), signIn);
    [story, { plane, servers }] = await Promise.all([
      openStory('stories'),
      startServers(['one', 'two'], { options: ['--config', join(data, 'team.yml')] }),
    ]);
    window = story.window;
    url = plane.published.url;
    operator = plane.client;
    await provider.open(url);
    for (const name of ['vision', 'speech'])
      await operator.http.json('PUT', workspacePath({ ...defaultWorkspace, workspace: name }), { location: 'local' });
    for (const [name, role] of [
      ['ann', 'AzureML Data Scientist'],
      ['bob', 'Reader'],
    ]) {
      const mail = `${name}@example.org`;
      const member = { kind: 'user', name: mail, role, workspace: 'vision' };
      const added = await operator.http.json<AddedMember>('POST', '/updraft/team/members', member);
      // One that is for a workspace alone opens no registry.
      const token = await operator.http.json<IssuedToken>('POST', '/updraft/team/tokens', { name: 'story', member: mail });
      members.set(name!, { id: added.member.id, token });
    }
  });
  after(async () => {
    try {
      await story?.end();
    } finally {
      await Promise.all(servers.map((server) => server.stop()));
      await plane?.remove();
      await provider?.close();
      await rm(data, { recursive: true, force: true, maxRetries: 10 });
    }
  });
  afterEach(function () {
    return story?.evidence(this.currentTest);
  });
  const tokenOf = (name: string) => members.get(name)!.token.token;
  const as = (name: string) => new PlaneClient({ url, token: tokenOf(name), workspace: 'vision' }, vision);
  /** As an Owner gives a role. */
  const give = async (name: string, role: string, scope: string) => {
    const authorization = `${scope}/providers/Microsoft.Authorization`;
    const { value: roles } = await operator.http.json<{ value: { id: string }[] }>(
      'GET',
      `${authorization}/roleDefinitions?$filter=roleName eq '${role}'`,
    );
    const properties = { roleDefinitionId: roles[0]!.id, principalId: members.get(name)!.id };
    await operator.http.json('PUT', `${authorization}/roleAssignments/${crypto.randomUUID()}`, { properties });
  };
  /** Gives a token where it is asked for: the field before it may still be on the screen. */
  const giveToken = async (token: string) => {
    await window.quickInput.pick('Personal Token');
    await window.quickInput.widget.getByText('Paste your personal token.').waitFor();
    await window.quickInput.answer(token);
  };
  /** Takes the code that is shown to another browser, and signs in there. */
  const enterCode = async (as: string) => {
    const dialog = window.page.locator('.monaco-dialog-box');
    const text = await dialog.getByText(/is your code to sign in to/).textContent();
    const [, address] = /Enter it at (\S+)\. /.exec((await dialog.textContent())!)!;
    await window.screenshot('planes-sign-in-dark');
    // Not the button that also opens a browser: its tab would lie over the window, and the browser slows down what it doesn't show.
    await window.dialogButton(/^Copy Code$/).click();
    await window.notification(/enter \S+ at/).waitFor();
    const browser = new SmallBrowser();
    const confirm = await browser.submit(await browser.go(address!), { user_code: /^\S+/.exec(text!.trim())![0] });
    await answerProvider(browser, provider, confirm, as);
    await window.notification(/enter \S+ at/).waitFor({ state: 'detached' });
  };
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
    await giveToken('updraft_wrong');
    await window.notificationButton('does not take this token', 'Sign In').click();
    await window.quickInput.pick('Test ID');
    await enterCode('ann');
    await window.runCommand('Updraft: Choose a Workspace…');
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
  });

  it('are shown with what the person sees of them, under the name that the person gives', async () => {
    await window.runCommand('View: Close All Editors');
    await window.openView('Workspaces');
    const tree = window.tree('Workspaces');
    await tree.row('vision').getByText('current').waitFor();
    assert.deepEqual(
      (await tree.rows()).filter(({ level }) => level < 3).map(({ label, level }) => [label, level]),
      [
        ['This machine', 1],
        ['local', 2],
        [new URL(url).host, 1],
        ['vision', 2],
      ],
    );
    await tree.contextMenu(new URL(url).host, 'Rename a Plane…');
    await window.quickInput.answer('Team');
    await tree.row('Team').getByText('ann@example.org').waitFor();
    await window.statusBarItem('vision (Team)').waitFor();
    await pictures('planes');
  });

  it('offer a Reader nothing that would be refused, until an Owner gives another role', async () => {
    await window.runCommand('Updraft: Sign In to a Plane…');
    await giveToken(tokenOf('bob'));
    await window.tree('Workspaces').row('Team').getByText('bob@example.org').waitFor();
    const row = window.tree('Jobs').row('hello');
    const cancel = row.locator('.actions').getByRole('button', { name: 'Cancel' });
    await row.hover();
    await row.locator('.actions').getByRole('button', { name: 'Open Log' }).waitFor();
    await cancel.waitFor({ state: 'detached' });
    await window.runCommand('Updraft: Cancel Job');
    await window.notification('Your roles do not let you cancel jobs in the workspace "vision" of Team.').waitFor();
    await pictures('planes-reader');
    await window.runCommand('Notifications: Clear All Notifications');
    await window.tree('Jobs').contextMenu('hello', 'Open Dashboard');
    const page = await window.webview('hello');
    const cancelInPage = page.getByRole('button', { name: /cancel/i });
    await page.getByRole('button', { name: /^Your roles do not let you cancel jobs/, disabled: true }).waitFor();

    await give('bob', 'AzureML Data Scientist', workspacePath(vision));
    await row.hover();
    await cancel.waitFor();
    await cancelInPage.and(page.locator(':enabled')).waitFor();
    await window.runCommand('View: Close All Editors');
  });

  it('have registries, to which versions are shared and from which they are opened', async () => {
    await operator.putRegistry('lab', {});
    await as('bob').putAsset('environments', 'train', '1', { image: 'ubuntu:22.04' });
    const tree = window.tree('Workspaces');
    await give('bob', 'AzureML Registry User', registryPath({ ...defaultWorkspace, registry: 'lab' }));
    await tree.row('lab').getByText('registry').waitFor();
    await tree.expand('lab');
    await tree.row('Nothing is shared here yet').waitFor();

    await window.openView('Assets');
    const assets = window.tree('Assets');
    await assets.expand('Environments');
    await assets.expand('train');
    await assets.contextMenu('Version 1', 'Share to Registry…');
    await window.quickInput.pick('lab');
    await window.quickInput.answer('train:7');
    await window.notificationButton('Shared train:7 to the registry lab.', 'Copy Reference').click();
    await window.clipboardHas('azureml://registries/lab/environments/train/versions/7');

    for (const view of ['Assets', 'Models']) await window.closeView(view);
    await tree.expand('Environments');
    await tree.expand('train');
    await tree.row('Version 7').click();
    const page = await window.webview('train');
    await page.getByText('in the registry lab').waitFor();
    await page.getByText('ubuntu:22.04').waitFor();
    await pictures('planes-registry');
    await window.openView('Models');
    await window.runCommand('View: Close All Editors');
  });

  it('are in the links to a job', async () => {
    const [job] = (await as('ann').listJobs()).value;
    await window.tree('Jobs').contextMenu('hello', 'Copy Link');
    const query = new URLSearchParams({ workspace: 'vision', plane: url });
    await window.clipboardHas(`code-oss://updraft.updraft/jobs/${job!.name}?${query}`);
    await window.tree('Jobs').contextMenu('hello', 'Copy Address in the Studio');
    await window.clipboardHas(`${url}/studio/jobs/${job!.name}?workspace=vision`);
  });

  it('ring a bell for a mention, which leads to the comment', async () => {
    const [job] = (await as('ann').listJobs()).value;
    const bell = window.page.locator('.statusbar-item[id*="updraft.mentions"]');
    await writeComment(as('ann').http, { kind: 'jobs', name: job!.name }, { text: 'Why so **short**, @bob@example.org?' });
    await bell.getByText('1').waitFor();
    await window.runCommand('Updraft: Show Mentions');
    const row = window.quickInput.widget.getByText('Why so **short**, @bob@example.org?');
    await row.waitFor();
    await window.screenshot('planes-mentions-dark');
    await row.click();
    const page = await window.webview('hello');
    await page.locator('.comment.is-linked').getByText('short', { exact: true }).waitFor();
    await bell.waitFor({ state: 'detached' });
    await window.screenshot('planes-comments-dark');
    await window.runCommand('View: Close All Editors');
  });

  it('that are away are shown as they were, and come back by themselves', async () => {
    const jobs = window.tree('Jobs');
    const workspaces = window.tree('Workspaces');
    await Promise.all(servers.map((server) => server.stop()));
    for (const server of servers) plane.leave(server);
    await workspaces.row('Team').getByText('last seen just now').waitFor();
    await window.page.getByText('vision (Team) does not answer, last seen just now. Trying again…').first().waitFor();
    await jobs.row('hello').waitFor();
    await window.statusBarItem('vision (Team)').locator('.codicon-debug-disconnect').waitFor();
    for (const row of [jobs.row('hello'), workspaces.row('vision')])
      await row.locator('.monaco-icon-label[class*="monaco-decoration-itemColor"]').waitFor();
    await pictures('planes-away');

    servers = await Promise.all(['one', 'two'].map((name) => plane.start(name)));
    await as('ann').putJob('later', {
      jobType: 'Command',
      command: 'true',
      displayName: 'later',
      environmentId: 'x',
      experimentName: 'greetings',
    } as never);
    await jobs.row('later').waitFor();
    await workspaces.row('Team').getByText('bob@example.org').waitFor();
    await window.page.getByText('vision (Team) does not answer').waitFor({ state: 'detached' });
  });

  it('ask to sign in again when the token is revoked', async () => {
    await plane.client.http.json('DELETE', `/updraft/team/tokens/${members.get('bob')!.token.id}`);
    await window.notificationButton('Team lets you in no more.', 'Sign In').click();
    await giveToken(tokenOf('ann'));
    await window.tree('Workspaces').row('Team').getByText('ann@example.org').waitFor();
    await window.tree('Jobs').row('hello').waitFor();
  });

  it('are removed, and the window is about this machine again', async () => {
    await window.tree('Workspaces').contextMenu('Team', 'Remove a Plane…');
    await window.dialogButton('Remove').click();
    await window.statusBarItem('local').waitFor();
    await window.page.getByText('No jobs yet.').waitFor();
    await window.tree('Workspaces').row('Team').waitFor({ state: 'detached' });
  });

  it('are like this machine, whose registries come and go, too', async () => {
    const row = window.tree('Workspaces').row('own');
    await story.client.putRegistry('own', {});
    await row.getByText('registry').waitFor();
    await story.client.deleteRegistry('own');
    await row.waitFor({ state: 'detached' });
  });
});
