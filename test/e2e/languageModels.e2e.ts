import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ChangeStream } from '../../src/client/feed/changeStream.ts';
import type { PlaneClient } from '../../src/client/planeClient.ts';
import type { Job } from '../../src/protocol/job.ts';
import { ownModelStore } from '../contract/ownModelStore.ts';
import { jobWhen } from '../contract/plane.ts';
import { registerTuned } from '../contract/tunedFixture.ts';
import { fixture, repository, type Session, startSession } from './session.ts';
import type { Workbench } from './workbench.ts';

/** The first pipeline that there is, once there is one. */
async function submittedPipeline(client: PlaneClient): Promise<Job> {
  const changes = new ChangeStream(client.http, { kinds: ['job'] });
  try {
    return await new Promise<Job>((resolve, reject) => {
      const look = () =>
        client.listJobs({}).then(({ value }) => {
          const job = value.find(({ properties }) => properties.jobType === 'Pipeline');
          if (job) resolve(job);
        }, reject);
      changes.onDidChangeState((state) => state === 'live' && look());
      changes.onDidChange(look);
    });
  } finally {
    changes.dispose();
  }
}

/** A window of its own: a second extension is in it, which asks models as any extension may. */
describe('language models of this machine in VS Code', () => {
  let home: string;
  let session: Session;
  let window: Workbench;
  before(async () => {
    // Whatever models this machine has, the tiny one is the first here, and answers in a word.
    home = mkdtempSync(join(tmpdir(), 'updraft-chat-models-'));
    session = await startSession({
      beside: fixture('chat-extension'),
      env: { UPDRAFT_MODEL_FOLDERS: join(repository, '../shared/corpora/tiny-lm'), UPDRAFT_CACHE: ownModelStore(home) },
    });
    window = await session.vscode.open({ folder: fixture('stories') });
  });
  after(async () => {
    await session?.end();
    rmSync(home, { recursive: true, force: true });
  });
  afterEach(function () {
    return session?.vscode.evidence(this.currentTest);
  });

  it('answer to another extension, and in the playground', async () => {
    await window.runCommand('Asks Models: Ask about the Sky');
    // VS Code asks whether the other extension may use the models.
    const allow = window.page.getByRole('button', { name: 'Allow' });
    const answer = window.page.getByText(/tiny-colours-f32: .*blue.* \(\d+ tokens asked\)/).first();
    await allow.or(answer).first().waitFor();
    if (await allow.isVisible()) await allow.click();
    await answer.waitFor();

    await window.runCommand('Updraft: Open Playground');
    const page = await window.webview('Playground');
    await page.getByRole('textbox', { name: 'Prompt', exact: true }).fill('what colour is the sky?');
    await page.getByRole('textbox', { name: 'Prompt', exact: true }).press('Control+Enter');
    await page.getByText(/tokens in/).waitFor();
    await window.screenshot('playground');
  });

  it('are fine-tuned by a job that a form writes beside the data', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'updraft-examples-'));
    const training = join(folder, 'train.jsonl');
    writeFileSync(training, Array.from({ length: 20 }, (_, at) => `{"prompt": "what is ${at}?", "completion": "${at}"}\n`).join(''));
    try {
      await window.runCommand('Updraft: Fine-tune a Language Model…');
      const page = await window.webview('Fine-tune');
      await page.getByRole('radio', { name: /^tiny-colours-f32/ }).check();
      await page.getByRole('textbox', { name: 'Training data', exact: true }).fill(training);
      await page.getByText('16 to train, 2 to validate, 2 to test').waitFor();
      await window.screenshot('finetuning');
      await page.getByRole('button', { name: 'Save and Open' }).click();
      await window.page.getByRole('tab', { name: /^finetune\.yml/ }).waitFor();
      const text = readFileSync(join(folder, 'finetune.yml'), 'utf8');
      assert.match(text, /\ntraining_data: \.\/train\.jsonl\n/);
      assert.match(text, /\n {2}path: \/.*\/tiny-colours-f32\.gguf\n/);

      await window.page.getByRole('tab', { name: /^Fine-tune/ }).click();
      await (await window.webview('Fine-tune')).getByRole('button', { name: 'Save and Submit' }).click();
      await window.page.getByRole('tab', { name: /^finetune_2\.yml/ }).waitFor();
      const client = await session.client();
      const job = await submittedPipeline(client);
      // Its first step would get torch.
      await client.cancelJob(job.name);
      assert.equal((await jobWhen(client, job.name)).properties.status, 'Canceled');
      assert.deepEqual(Object.keys(job.properties.jobType === 'Pipeline' ? job.properties.jobs : {}).sort(), [
        'convert',
        'evaluate',
        'import',
        'prepare',
        'train',
        'verify',
      ]);
      await window.runCommand('View: Close All Editors');
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('are more as soon as an adapter is registered, which is tried and deployed from its page', async () => {
    await window.runCommand('Asks Models: Ask the Tuned Model about the Sky');
    await window.page.getByText('Waiting for colours').first().waitFor();
    await registerTuned(await session.client(), 'colours', '1');
    await window.page
      .getByText(/colours: .*azul.* \(\d+ tokens asked\)/)
      .first()
      .waitFor();

    await window.runCommand('Updraft: Open Models');
    await (await window.webview('Models')).getByRole('link', { name: 'colours', exact: true }).click();
    const page = await window.webview('colours');
    await page.getByRole('button', { name: 'Deploy', exact: true }).click();
    await page.getByText(/Serving at the endpoint colours/).waitFor();
    await window.screenshot('tuned-model');
  });

  it('have tools, as all agents of the editor do, which ask before they change something', async () => {
    await window.runCommand('Asks Models: Use Tools');
    const question = window.page.getByRole('dialog').filter({ hasText: 'Submit a job' });
    await question.getByText(/Run the job of .*hello\.yml\?/).waitFor();
    await window.screenshot('tool-question');
    await question.getByRole('button', { name: /^(?:Yes|OK|Allow|Continue)/ }).click();
    await window.page
      .getByText(/^11 tools; .*no job "nobody".*; (\S+) is Completed: Hello, world/)
      .first()
      .waitFor();
    const [call] = await (await session.client()).listAgentCalls();
    assert.equal(call?.tool, 'submit_job');
  });
});
