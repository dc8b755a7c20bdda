import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hubPath, startHub } from '../contract/modelHub.ts';
import type { ModelServer } from '../contract/modelServer.ts';
import { ownModelStore } from '../contract/ownModelStore.ts';
import { ggufFile } from '../unit/catalog/modelFiles.ts';
import { fixture, type Session, startSession } from './session.ts';
import type { Workbench } from './workbench.ts';

const llama = { 'general.architecture': 'llama', 'llama.context_length': 2048 };
const large = ggufFile(llama, [{ name: 'a', shape: [1024, 2000] }]);
const name = 'org/chat/chat-F32.gguf';

/** A window of its own: its plane has a hub on this machine, and an empty store of models. */
describe('getting a language model in VS Code', () => {
  let home: string;
  let hub: ModelServer;
  let session: Session;
  let window: Workbench;
  before(async () => {
    home = mkdtempSync(join(tmpdir(), 'updraft-get-model-'));
    hub = await startHub({ 'chat-Q4_K_M.gguf': ggufFile(llama), 'chat-F32.gguf': large });
    session = await startSession({
      env: {
        UPDRAFT_CACHE: ownModelStore(home),
        UPDRAFT_MODEL_FOLDERS: '',
        HF_ENDPOINT: hub.url,
        HF_HOME: join(home, 'hf'),
        HF_TOKEN: '',
        OLLAMA_MODELS: join(home, 'ollama'),
      },
    });
    window = await session.vscode.open({ folder: fixture('stories') });
  });
  after(async () => {
    await session?.end();
    hub?.close();
    rmSync(home, { recursive: true, force: true });
  });
  afterEach(function () {
    return session?.vscode.evidence(this.currentTest);
  });

  it('shows its licence, and its progress in a notice and in the view; canceled there, it goes on, and is removed', async () => {
    hub.files.set(hubPath('chat-F32.gguf'), { bytes: large, stallAfter: 4_000_000 });
    await window.showViews('Updraft');
    const models = window.tree('Models');
    await window.runCommand('Updraft: Get a Language Model…');
    await window.quickInput.widget.getByText('Search the Hugging Face Hub…').click();
    await window.quickInput.answer('chat');
    await window.quickInput.widget.getByText('org/chat', { exact: true }).click();
    await window.quickInput.widget.getByText('chat-F32.gguf', { exact: true }).click();
    await window.page.getByText(`${name} has the licence tuesday. Accept it?`).waitFor();
    await window.dialogButton('Accept and Get').click();
    await window.notification(/Getting org\/chat\/chat-F32\.gguf.*4\.\d MB of 8\.2 MB/).waitFor();
    await models
      .row(name)
      .getByText(/^4\d % of 8\.2 MB$/)
      .waitFor();
    await window.screenshot('language-model-progress');
    await window.notificationButton('Getting org/chat', 'Cancel').click();
    await models.row(name).getByText('canceled at').waitFor();

    hub.files.set(hubPath('chat-F32.gguf'), { bytes: large });
    await models.inlineAction(name, 'Get a Language Model…');
    await window.dialogButton('Get').click();
    await window.notificationButton(`${name} is on this machine.`, 'Open in Playground').waitFor();
    await window.runCommand('Updraft: Open Models');
    const page = await window.webview('Models');
    await page.getByRole('button', { name: `Remove ${name}` }).waitFor();
    await window.screenshot('language-models');

    await models.contextMenu(name, 'Remove a Language Model…');
    await window.page.getByText('It frees 8.2 MB').waitFor();
    await window.dialogButton('Remove').click();
    await models.row(name).waitFor({ state: 'detached' });
    await page.getByRole('button', { name: `Remove ${name}` }).waitFor({ state: 'detached' });
  });
});
