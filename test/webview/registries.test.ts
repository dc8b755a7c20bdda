import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, describe, it } from 'mocha';
import type { Page } from 'playwright-core';
import { PlaneClient } from '../../src/client/planeClient.ts';
import { defaultWorkspace } from '../../src/protocol/arm.ts';
import { blobUri } from '../../src/protocol/asset.ts';
import { registryPath } from '../../src/protocol/registry.ts';
import { startTeam, type TeamPlane, workspaceAt } from '../contract/team.ts';
import { axeFaults, themeRules } from './axeFaults.ts';
import { closeBrowser, closeTab, openStudio, shoot } from './browser.ts';
import { openInEditor } from './editorPage.ts';

const at = (registry: string): string => registryPath({ ...defaultWorkspace, registry });
const reference = 'azureml://registries/lab/models/digits/versions/1';
const mlmodel =
  'flavors:\n  python_function:\n    loader_module: mlflow.sklearn\nmlflow_version: 3.4.0\nsignature:\n  inputs: \'[{"type": "float", "name": "width", "required": true}]\'\n';

/** In the Studio of a team, and in VS Code. */
describe('the pages of registries', () => {
  let plane: TeamPlane;
  /** Of the workspace vision. */
  let client: PlaneClient;
  /** Ann shares to lab and reads store; rita reads lab alone and has no workspace; vera has nothing in registries. */
  let tokens: { ann: string; rita: string; vera: string };
  before(async () => {
    process.env.UPDRAFT_STUDIO_FOLDER = path.resolve(import.meta.dirname, '../../dist/webview');
    plane = await startTeam();
    await plane.makeWorkspace('vision');
    client = new PlaneClient({ url: plane.url, token: plane.token, workspace: 'vision' }, { ...defaultWorkspace, workspace: 'vision' });
    for (const name of ['lab', 'store']) await client.putRegistry(name, { properties: { description: `What the ${name} keeps` } });
    const [ann, rita, vera] = [
      await plane.add('ann@example.org'),
      await plane.add('rita@example.org'),
      await plane.add('vera@example.org'),
    ];
    await grant(vera.member.id, 'AzureML Data Scientist', workspaceAt('vision'));
    await grant(ann.member.id, 'AzureML Data Scientist', workspaceAt('vision'));
    await grant(ann.member.id, 'AzureML Registry User', at('lab'));
    await grant(ann.member.id, 'Reader', at('store'));
    await grant(rita.member.id, 'Reader', at('lab'));
    tokens = { ann: ann.token!.token, rita: rita.token!.token, vera: vera.token!.token };
    await client.writeBlob('azureml-blobstore', 'models/digits/MLmodel', mlmodel);
    await client.putAsset('models', 'digits', '1', {
      modelUri: blobUri('azureml-blobstore', 'models/digits'),
      modelType: 'mlflow_model',
      description: 'Handwritten digits',
      tags: { task: 'images' },
    });
    await client.putAsset('environments', 'train', '1', { image: 'ubuntu:22.04' });
    await client.putAsset('environments', 'train', '2', { image: 'ubuntu:24.04' });
    await client.writeBlob('azureml-blobstore', 'rows/a.csv', 'a,b\n1,2\n');
    await client.putAsset('data', 'rows', '1', { dataUri: blobUri('azureml-blobstore', 'rows'), dataType: 'uri_folder' });
    const share = (kind: 'environments' | 'data', name: string, version: string) =>
      client.shareAsset(kind, { name, version }, 'lab', { name, version });
    await share('environments', 'train', '1');
    await share('data', 'rows', '1');
  });
  after(async () => {
    await closeBrowser();
    await plane.remove();
  });

  async function grant(principalId: string, role: string, scope: string): Promise<string> {
    const { body } = await plane.send('GET', `${scope}/providers/Microsoft.Authorization/roleDefinitions?$filter=roleName eq '${role}'`);
    const id = `${scope}/providers/Microsoft.Authorization/roleAssignments/${crypto.randomUUID()}`;
    const answer = await plane.send('PUT', id, { properties: { roleDefinitionId: body.value[0].id, principalId } });
    assert.equal(answer.status, 201, answer.text);
    return id;
  }
  const open = (who: keyof typeof tokens, to: string, options = {}) =>
    openStudio({ ...plane, token: tokens[who] }, who === 'rita' ? to : `${to}?workspace=vision`, { height: 640, ...options });
  const fits = async (page: Page) => assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));

  it('list them with what one may in each, and lead to what is in one', async () => {
    const tab = await open('ann', '/jobs');
    const { page } = tab;
    await page.getByRole('navigation', { name: 'Studio' }).getByRole('link', { name: 'Registries' }).click();
    await page.getByRole('row', { name: /^lab read and share What the lab keeps/ }).waitFor();
    await page.getByRole('row', { name: /^store read What the store keeps/ }).waitFor();
    assert.deepEqual(await axeFaults(page), []);
    await shoot(page, 'pages-registries-dark');
    await page.getByRole('link', { name: 'lab' }).click();
    await page.getByText('No models in this registry yet.').waitFor();
    assert.deepEqual(await axeFaults(page), []);
    await shoot(page, 'pages-registry-empty-dark');
    await page.getByRole('tab', { name: 'Environments' }).click();
    await page.getByRole('link', { name: 'train' }).click();
    await page.waitForURL('**/registries/lab/environments/train?workspace=vision');
    await page.getByText('ubuntu:22.04').waitFor();
    assert.equal(await page.getByRole('button', { name: 'Share to a registry…' }).count(), 0);
    await page.getByRole('link', { name: 'lab' }).click();
    await page.getByRole('tab', { name: 'Data' }).click();
    await page.getByRole('link', { name: 'rows' }).click();
    await page.getByRole('treeitem', { name: 'a.csv' }).click();
    await page.getByRole('region', { name: 'Preview of a.csv' }).getByText('2').first().waitFor();
    await shoot(page, 'pages-registry-data-dark');
    await closeTab(tab);
  });

  it('share a version from its page, and show it live where it went', async () => {
    const there = await open('rita', '/registries/lab', { scheme: 'light' });
    await there.page.getByText('No models in this registry yet.').waitFor();
    const tab = await open('ann', '/models/digits');
    const { page } = tab;
    await page.getByRole('button', { name: 'Share to a registry…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Share digits:1 to a registry' });
    await dialog.getByText('In store your roles let you read, and not share.').waitFor();
    assert.deepEqual(await dialog.getByRole('combobox', { name: 'Registry' }).locator('option').allTextContents(), ['lab']);
    assert.deepEqual(await axeFaults(page), []);
    await shoot(page, 'pages-share-dark');
    await dialog.getByRole('textbox', { name: 'Name there' }).fill('');
    await dialog.locator('vscode-button[disabled]').waitFor();
    await dialog.getByRole('textbox', { name: 'Name there' }).fill('digits');
    await dialog.getByRole('button', { name: 'Share', exact: true }).click();
    await dialog.getByText('Shared to the registry lab.').waitFor();
    await dialog.getByText(reference).waitFor();
    assert.deepEqual(await axeFaults(page), []);
    await shoot(page, 'pages-shared-dark');
    await there.page.getByRole('link', { name: 'digits' }).waitFor();
    assert.deepEqual(await axeFaults(there.page), []);
    await shoot(there.page, 'pages-registry-light');
    await there.context.close();

    await dialog.getByRole('button', { name: 'Open it in the registry' }).click();
    await page.waitForURL('**/registries/lab/models/digits?*');
    await page.getByText('width').waitFor();
    await page.getByText('in the registry lab').waitFor();
    assert.deepEqual(await page.getByRole('tab').allTextContents(), ['Overview', 'Files']);
    assert.deepEqual(await axeFaults(page), []);
    await shoot(page, 'pages-registry-model-dark');
    await page.getByRole('tab', { name: 'Files' }).click();
    await page.getByRole('treeitem', { name: 'MLmodel' }).waitFor();
    await closeTab(tab);
  });

  it('say so where there is none to share to, and whom to ask', async () => {
    const tab = await open('vera', '/models/digits');
    const { page } = tab;
    await page.getByRole('button', { name: 'Share to a registry…' }).click();
    await page.getByRole('dialog').getByText('There is no registry that you may share to.').waitFor();
    assert.deepEqual(await axeFaults(page), []);
    await page.getByRole('dialog').getByRole('link', { name: 'Registries' }).click();
    await page.getByText('Ask an Owner for a role on one, or to make one.').waitFor();
    assert.deepEqual(await axeFaults(page), []);
    await shoot(page, 'pages-registries-none-dark');
    await closeTab(tab);
  });

  it('say what is wrong with a share, and let it be put right', async () => {
    const tab = await open('ann', '/environments/train');
    const { page } = tab;
    await page.getByRole('button', { name: 'Share to a registry…' }).click();
    const dialog = page.getByRole('dialog');
    // Another one is there under this version.
    await dialog.getByRole('textbox', { name: 'Version there' }).fill('1');
    await page.keyboard.press('Enter');
    await dialog.getByRole('alert').getByText('The registry lab has train:1 already, and it is another one.').waitFor();
    await shoot(page, 'pages-share-refused-dark');
    await dialog.getByRole('textbox', { name: 'Version there' }).fill('2');
    await page.keyboard.press('Enter');
    await dialog.getByText('Shared to the registry lab.').waitFor();
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    const shared = await client.inRegistry('lab').getAsset('environments', 'train', '2');
    assert.equal(shared.properties.image, 'ubuntu:24.04');
    // The refusal is in the console.
    await tab.context.close();
  });

  it('show the roles on one to those who may know them, and to nobody else', async () => {
    const owner = await openStudio(plane, '/registries/lab', { height: 640 });
    await owner.page.getByRole('tab', { name: 'Roles' }).click();
    await owner.page.getByRole('row', { name: 'ann@example.org AzureML Registry User this registry' }).waitFor();
    assert.deepEqual(await axeFaults(owner.page), []);
    await shoot(owner.page, 'pages-registry-roles-dark');
    await closeTab(owner);
    const tab = await open('ann', '/registries/lab');
    await tab.page.getByRole('tab', { name: 'Roles' }).click();
    await tab.page
      .getByRole('alert')
      .getByText(/does not have authorization/)
      .waitFor();
    await tab.context.close();
  });

  it('are there for who has a role on a registry and in no workspace', async () => {
    const tab = await open('rita', '/registries', { width: 420, scheme: 'light' });
    const { page } = tab;
    await page.getByRole('row', { name: /^lab read/ }).waitFor();
    assert.equal(await page.getByRole('link', { name: 'store' }).count(), 0);
    assert.deepEqual(await axeFaults(page), []);
    await fits(page);
    await shoot(page, 'pages-registries-narrow');
    await page.getByRole('link', { name: 'lab' }).click();
    await page.getByRole('tab', { name: 'Data' }).click();
    await page.getByRole('link', { name: 'rows' }).waitFor();
    await fits(page);
    await shoot(page, 'pages-registry-narrow');
    // What is of the workspace, which is not there for rita, says so in the console.
    await tab.context.close();
  });

  it('say that one is not there, also where it is for others alone', async () => {
    for (const name of ['nowhere', 'store']) {
      const tab = await open('rita', `/registries/${name}`);
      await tab.page.getByText('This registry is not there.').waitFor();
      await tab.context.close();
    }
  });

  it('are made by who may, and not over one that is there', async () => {
    const tab = await openStudio(plane, '/registries', { height: 640, scheme: 'light' });
    const { page } = tab;
    const name = page.getByRole('textbox', { name: 'Name of a new registry' });
    await name.fill('LAB');
    await page.getByRole('button', { name: 'Make a registry' }).click();
    await page.getByRole('alert').getByText('There is a registry "lab" already.').waitFor();
    assert.deepEqual(await axeFaults(page), []);
    await shoot(page, 'pages-registries-light');
    await name.fill('a b');
    await name.press('Enter');
    await page.getByRole('alert').getByText('"a b" is no valid registry name.').waitFor();
    await name.fill('fresh');
    await name.press('Enter');
    await page.getByRole('heading', { name: 'fresh' }).waitFor();
    await page.getByText('No models in this registry yet.').waitFor();
    // Refusals are in the console.
    await tab.context.close();
    const ann = await open('ann', '/registries');
    await ann.page.getByRole('row', { name: /^lab/ }).waitFor();
    assert.equal(await ann.page.getByRole('textbox', { name: 'Name of a new registry' }).count(), 0);
    await closeTab(ann);
  });

  it('show a model of a registry in VS Code, in each theme and in a narrow panel', async () => {
    for (const [theme, width] of [
      ['light', 900],
      ['contrast', 900],
      ['dark', 320],
    ] as const) {
      const tab = await openInEditor(
        plane,
        { page: 'model', name: 'digits', registry: 'lab', version: '1' },
        { theme, width, height: 640 },
      );
      await tab.page.getByText('width').waitFor();
      assert.deepEqual(await axeFaults(tab.page, { rules: themeRules }), []);
      await fits(tab.page);
      await shoot(tab.page, `pages-registry-model-${width === 320 ? 'narrow' : theme}`);
      assert.deepEqual((await tab.state()).address, { page: 'model', name: 'digits', registry: 'lab' });
      await closeTab(tab);
    }
  });

  it('share from VS Code by the same dialog, and lead to the copy', async () => {
    const tab = await openInEditor(plane, { page: 'data', name: 'rows' }, { theme: 'contrast', width: 420, height: 640 });
    const { page } = tab;
    // The plane's own workspace has none of this name: the page is about the workspace that the client names.
    await page.getByText('This data is not there.').waitFor();
    await plane.client.writeBlob('azureml-blobstore', 'rows/b.csv', 'a,b\n3,4\n');
    await plane.client.putAsset('data', 'rows', '7', { dataUri: blobUri('azureml-blobstore', 'rows'), dataType: 'uri_folder' });
    await page.getByRole('button', { name: 'Share to a registry…' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('combobox', { name: 'Registry' }).selectOption('store');
    assert.deepEqual(await axeFaults(page, { rules: themeRules }), []);
    await shoot(page, 'pages-share-contrast');
    await dialog.getByRole('button', { name: 'Share', exact: true }).click();
    await dialog.getByRole('button', { name: 'Open it in the registry' }).click();
    assert.deepEqual(tab.commands.at(-1), {
      type: 'command',
      command: 'asset.open',
      args: { page: 'data', name: 'rows', registry: 'store', version: '7' },
    });
    await dialog.waitFor({ state: 'detached' });
    await closeTab(tab);
  });
});
