import assert from 'node:assert/strict';
import { cpSync, linkSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'mocha';
import { defaultModelFile } from '../../scripts/defaultModelFile.ts';
import { leanTorch } from '../../scripts/leanTorch.ts';
import { findUv } from '../../scripts/pythonClients.ts';
import { addressOf } from '../../src/client/filesOf.ts';
import { submitJob } from '../../src/submit/submitJob.ts';
import { jobWhen, logOf, startPlane, type TestPlane } from './plane.ts';
import { root } from './updraft.ts';

interface Row {
  messages: { role: string; content: string }[];
}

/** With the default small model itself, and everything as a user has it, but for the questions of the test: 20 instead of 50, which save a minute. `npm run bench -- finetuning-pipeline` asks all. */
describe('the example of fine-tuning', () => {
  let plane: TestPlane;
  let folder: string;
  before(async function () {
    // The first run on a machine gets the model and torch.
    this.timeout(900_000);
    folder = mkdtempSync(path.join(tmpdir(), 'updraft-appointments-'));
    cpSync(path.join(root, 'examples/finetune'), folder, { recursive: true, filter: (each) => !each.endsWith('.gguf') });
    const questions = path.join(folder, 'data/test.jsonl');
    writeFileSync(questions, `${readFileSync(questions, 'utf8').split('\n').slice(0, 20).join('\n')}\n`);
    const model = await defaultModelFile();
    try {
      linkSync(model, path.join(folder, 'model.gguf'));
    } catch {
      symlinkSync(model, path.join(folder, 'model.gguf'));
    }
    const uv = await findUv('python3', () => {});
    plane = await startPlane({}, undefined, {
      ...(process.env as Record<string, string>),
      ...(await leanTorch()),
      PATH: `${path.dirname(uv ?? '')}:${process.env.PATH}`,
      FINETUNING_CHECKPOINTS: path.join(folder, 'checkpoints'),
    });
  });
  after(async () => {
    await plane?.remove();
    rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
  });

  it('teaches a model to answer in a form that it did not know, as it is then served', async function () {
    this.timeout(1_500_000);
    const { name } = (await submitJob({ client: plane.client, file: path.join(folder, 'finetune.yml') })).job;
    const { properties } = await jobWhen(plane.client, name);
    assert.equal(properties.status, 'Completed', JSON.stringify(properties.error));
    const { run } = (await plane.client.getRun(name)) as { run: { data: { metrics?: { key: string; value: number }[] } } };
    const metrics = Object.fromEntries((run.data.metrics ?? []).map(({ key, value }) => [key, value]));
    assert.ok(metrics['base/exact_match']! <= 0.05, JSON.stringify(metrics));
    assert.ok(metrics['tuned/exact_match']! >= 0.8, JSON.stringify(metrics));
    assert.ok(metrics['tuned/format_valid']! >= 0.95, JSON.stringify(metrics));
    assert.ok(metrics['tuned/kl_to_torch']! <= 0.001, JSON.stringify(metrics));
    assert.match(await logOf(plane.client, `${name}-train`), /^About [\d.]+ minutes remain\.$/m);

    const [version] = (await plane.client.listVersions('models', 'appointments')).value;
    const { container, path: place } = addressOf(version!.properties.modelUri!);
    const told = JSON.parse(await (await plane.client.readBlob(container, `${place}/answers.json`)).text()) as {
      columns: string[];
      data: unknown[][];
    };
    const tuned = told.data.map((row) => row[told.columns.indexOf('tuned')]);
    const rows = readFileSync(path.join(folder, 'data/test.jsonl'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Row);
    let equal = 0;
    for (const [at, { messages }] of rows.entries()) {
      const answer = await fetch(`${plane.url}/v1/chat/completions`, {
        method: 'POST',
        headers: { authorization: `Bearer ${plane.token}`, 'content-type': 'application/json' },
        body: JSON.stringify({ model: 'appointments', messages: messages.slice(0, -1), temperature: 0, max_tokens: 100 }),
      });
      const { choices } = (await answer.json()) as { choices: { message: { content: string } }[] };
      if (choices[0]!.message.content.trim() === tuned[at]) equal++;
    }
    assert.equal(rows.length, 20);
    assert.ok(equal >= 19, `Only ${equal} of 20 answers are torch's.`);
  });
});
