import { cpSync, linkSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { defaultModelFile } from '../scripts/defaultModelFile.ts';
import { leanTorch } from '../scripts/leanTorch.ts';
import { findUv } from '../scripts/pythonClients.ts';
import { addressOf } from '../src/client/filesOf.ts';
import { allPages } from '../src/client/planeClient.ts';
import type { Job } from '../src/protocol/job.ts';
import { submitJob } from '../src/submit/submitJob.ts';
import { jobWhen, startPlane, type TestPlane } from '../test/contract/plane.ts';
import { type Benchmark, figure } from './figure.ts';

const root = path.resolve(import.meta.dirname, '..');

export const benchmark: Benchmark = {
  name: 'finetuning-pipeline',
  what: 'the example of fine-tuning (SmolLM2-135M, 160 examples): what it learns, how long it takes, and what the pipeline costs beside training and evaluation',
  async run() {
    const folder = mkdtempSync(path.join(tmpdir(), 'updraft-bench-'));
    const uv = await findUv('python3', () => {});
    const environment = {
      ...(process.env as Record<string, string>),
      ...(await leanTorch()),
      PATH: `${path.dirname(uv ?? '')}:${process.env.PATH}`,
      FINETUNING_CHECKPOINTS: path.join(folder, 'checkpoints'),
    };
    const plane = await startPlane({}, undefined, environment);
    try {
      const file = path.join(folder, 'finetune.yml');
      cpSync(path.join(root, 'examples/finetune'), folder, { recursive: true, filter: (each) => !each.endsWith('.gguf') });
      const model = await defaultModelFile();
      try {
        linkSync(model, path.join(folder, 'model.gguf'));
      } catch {
        symlinkSync(model, path.join(folder, 'model.gguf'));
      }
      const yaml = readFileSync(file, 'utf8');
      const run = async (alpha: number) => {
        writeFileSync(file, yaml.replace('lora_alpha: "16"', `lora_alpha: "${alpha}"`));
        const { name } = (await submitJob({ client: plane.client, file })).job;
        const job = await jobWhen(plane.client, name);
        if (job.properties.status !== 'Completed') throw new Error(JSON.stringify(job.properties.error));
        const steps: Job[] = await Array.fromAsync(allPages((next) => plane.client.listJobs({ parent: name, listViewType: 'All' }, next)));
        return { job, steps: Object.fromEntries(steps.map((each) => [each.properties.nodeName!, each])) };
      };
      const first = await run(16);
      const later = [await run(15), await run(17), await run(18)];
      const metrics = await metricsOf(plane, first.job);
      const equal = await answersAsTorchs(plane, folder);
      return [
        figure('right answers to 50 unseen requests before, %', [metrics['base/exact_match']! * 100], '%', { atMost: 5 }),
        figure('right answers afterwards', [metrics['tuned/exact_match']! * 100], '%', { atLeast: 80 }),
        figure('answers of the form', [metrics['tuned/format_valid']! * 100], '%', { atLeast: 95 }),
        figure('divergence of what is served from torch', [metrics['tuned/kl_to_torch']! * 1000], 'thousandths', { atMost: 1 }),
        figure("answers of /v1/chat/completions that are torch's, of 50", [equal], '', { atLeast: 48 }),
        figure('pipeline beside training and evaluation, first time', [besides(first)], 's'),
        figure('the same when the base model was imported before', later.map(besides), 's', { atMost: 15 }),
        figure(
          'training',
          [first, ...later].map(({ steps }) => secondsOf(steps.train!)),
          's',
          { atMost: 120 },
        ),
        figure(
          'evaluation',
          [first, ...later].map(({ steps }) => secondsOf(steps.evaluate!)),
          's',
        ),
        figure(
          'whole pipeline',
          [first, ...later].map(({ job }) => secondsOf(job)),
          's',
          { atMost: 360 },
        ),
      ];
    } finally {
      await plane.remove();
      rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
    }
  },
};

async function metricsOf(plane: TestPlane, job: Job): Promise<Record<string, number>> {
  const { run } = (await plane.client.getRun(job.name)) as { run: { data: { metrics?: { key: string; value: number }[] } } };
  return Object.fromEntries((run.data.metrics ?? []).map(({ key, value }) => [key, value]));
}

/** How many of the test's requests the registered model answers, over OpenAI's API, just as torch did. */
async function answersAsTorchs(plane: TestPlane, folder: string): Promise<number> {
  const versions = (await plane.client.listVersions('models', 'appointments')).value;
  const { container, path: place } = addressOf(versions.at(-1)!.properties.modelUri!);
  const told = JSON.parse(await (await plane.client.readBlob(container, `${place}/answers.json`)).text()) as {
    columns: string[];
    data: unknown[][];
  };
  const tuned = told.data.map((row) => row[told.columns.indexOf('tuned')]);
  const lines = readFileSync(path.join(folder, 'data/test.jsonl'), 'utf8').trim().split('\n');
  let equal = 0;
  for (const [at, line] of lines.entries()) {
    const { messages } = JSON.parse(line) as { messages: { role: string; content: string }[] };
    const answer = await fetch(`${plane.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${plane.token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'appointments:1', messages: messages.slice(0, -1), temperature: 0, max_tokens: 100 }),
    });
    const { choices } = (await answer.json()) as { choices: { message: { content: string } }[] };
    if (choices[0]!.message.content.trim() === tuned[at]) equal++;
  }
  return equal;
}

const secondsOf = ({ properties: { startedAt, endedAt } }: Job): number => (Date.parse(endedAt!) - Date.parse(startedAt!)) / 1000;
const besides = ({ job, steps }: { job: Job; steps: Record<string, Job> }): number =>
  secondsOf(job) - secondsOf(steps.train!) - secondsOf(steps.evaluate!);
