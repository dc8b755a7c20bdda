import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { writeComment } from '../../src/client/comments.ts';
import { blobUri } from '../../src/protocol/asset.ts';
import { artifactFolder, packagesFile } from '../../src/protocol/jobPlaces.ts';
import { component, jobWhen, shellEnvironment, type TestPlane } from '../contract/plane.ts';
import { registerTuned, tinyFacts } from '../contract/tunedFixture.ts';
import { logCurves } from './chartRuns.ts';
import { comparedJobs } from './compareFixture.ts';
import { startEndpoint } from './endpointFixture.ts';
import { endRun, openRun, startStudio, submitted } from './fixture.ts';
import { digitsRun, makeExperiment, makeRuns } from './runsFixture.ts';
import { startSweep } from './sweeps.ts';
import { answerSpans, logTrace } from './tracesFixture.ts';

/** A plane on which every page has something to show, and what of it pages are opened by. */
export interface FullPlane {
  plane: TestPlane;
  /** Runs of the experiment `digits-sweep`, the newest last. */
  runs: string[];
  /** A run with traces, machine metrics, and files of many kinds. */
  assistant: string;
  /** A run that logged nothing. */
  quiet: string;
  /** A file of examples for a fine-tuning, some of them wrong. */
  examples: string;
}

const file = (name: string) => readFileSync(path.resolve(import.meta.dirname, '../fixtures/files', name));
/** A PNG of one pixel. */
const pixel = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64');

const files: Record<string, string | Buffer> = {
  'results.md':
    '# Results\n\n**Accuracy** rose, see [the paper](https://example.org/paper).\n\n| model | acc |\n|---|---:|\n| a | 0.91 |\n\n- [x] done\n',
  'report.html': '<h1>Report</h1><p>All is well.</p>',
  'table.parquet': file('table.parquet'),
  'rows.csv': 'a,b\n1,2\n3,4\n',
  'settings.json': '{"lr": 0.1, "layers": [{"units": 32}, {"units": 64}], "name": "a"}',
  'dot.png': pixel,
  'study.ipynb': JSON.stringify({
    nbformat: 4,
    cells: [
      { cell_type: 'markdown', source: '## A study' },
      { cell_type: 'code', source: 'model.fit(X)', execution_count: 2, outputs: [{ output_type: 'stream', text: 'loss 0.3\n' }] },
    ],
  }),
  'broken.parquet': 'id,name\n1,a\n',
};

const exampleRows = [
  ...Array.from({ length: 30 }, (_, at) => JSON.stringify({ prompt: `what colour is thing ${at % 29}?`, completion: 'blue' })),
  '{"prompt": "a question without an answer"}',
  'no JSON',
];

const curve = (from: number) => Array.from({ length: 30 }, (_, at) => from + 10 * Math.sin(at / 3));

export async function fullPlane(): Promise<FullPlane> {
  const plane = await startStudio();
  const { client } = plane;
  const environment = `azureml:${await shellEnvironment(client)}`;
  await component(client, 'trainer', { command: 'python train.py', environment, outputs: { out: { type: 'uri_folder' } } });
  const [runs, assistant, quiet] = await Promise.all([
    experiment(plane),
    application(plane),
    openRun(plane, 'quiet'),
    comparedJobs(plane),
    sweep(plane),
    model(plane).then(() => registry(plane)),
    registerTuned(client, 'colours', '1'),
    registerTuned(client, 'orders', '1', {}, { ...tinyFacts, base: { file: 'lost.gguf', bytes: 1234, sha256: 'b'.repeat(64) } }),
    startEndpoint(plane),
    submitted(plane, 'pipeline.yml', 'digits_1'),
    submitted(plane, 'fails.yml', 'wrong_file').then(() => schedules(plane)),
  ]);
  const examples = path.join(plane.folder, 'examples.jsonl');
  writeFileSync(examples, `${exampleRows.join('\n')}\n`);
  return { plane, runs, assistant, quiet, examples };
}

async function experiment({ client }: TestPlane): Promise<string[]> {
  const made = Array.from({ length: 12 }, (_, index) => digitsRun(index));
  return makeRuns(client, await makeExperiment(client, 'digits-sweep'), made, Date.parse('2026-01-01'));
}

async function application(plane: TestPlane): Promise<string> {
  const run = await openRun(plane, 'assistant');
  await logTrace(plane, run, 'answer', answerSpans('What is a loss?'));
  await logTrace(plane, run, 'answer late', answerSpans('Why is it so late?', 'The model did not answer within 30 s.'));
  await logCurves(plane, run, {
    loss: curve(20),
    'train/acc': curve(1),
    score: [0.3],
    'system/cpu_utilization_percentage': curve(50),
    'system/system_memory_usage_megabytes': curve(4000),
  });
  for (const [name, content] of Object.entries(files))
    await plane.client.http.send('PUT', `/api/2.0/mlflow-artifacts/artifacts/0/${run}/artifacts/${name}`, { body: content as BodyInit });
  await writeComment(plane.client.http, { kind: 'jobs', name: run }, { text: 'The loss falls.' });
  await plane.client.patchJob(run, { description: '# Why\n\nThe *first* try:\n\n- depth 3' });
  await plane.client.writeBlob('azureml', `${artifactFolder(run)}/${packagesFile}`, '# Python 3.11.7\nnumpy==2.0.1\n');
  await endRun(plane, run);
  return run;
}

async function sweep(plane: TestPlane): Promise<void> {
  await startSweep(plane, 'tuned', 'report loss ${{search_space.momentum}} 1', { limits: { maxTotalTrials: 9, maxConcurrentTrials: 3 } });
  await jobWhen(plane.client, 'tuned');
}

async function model({ client }: TestPlane): Promise<void> {
  await client.http.json('POST', '/api/2.0/mlflow/registered-models/create', { name: 'flowers' });
  for (const [index, type] of ['float', 'double'].entries()) {
    const { run } = await client.http.json<{ run: { info: { run_id: string } } }>('POST', '/api/2.0/mlflow/runs/create', {
      experiment_id: '0',
      run_name: `try ${index + 1}`,
    });
    const id = run.info.run_id;
    await client.logBatch(id, {
      metrics: [{ key: 'accuracy', value: 0.9 + index / 100, timestamp: 1, step: 0 }],
      params: [{ key: 'depth', value: `${index}` }],
    });
    await client.writeBlob(
      'azureml',
      `${artifactFolder(id)}/model/MLmodel`,
      `flavors:\n  python_function:\n    loader_module: mlflow.sklearn\nsignature:\n  inputs: '[{"type": "${type}", "name": "width", "required": true}]'\n`,
    );
    await client.http.json('POST', '/api/2.0/mlflow/model-versions/create', { name: 'flowers', source: `runs:/${id}/model`, run_id: id });
  }
  await client.http.json('POST', '/api/2.0/mlflow/registered-models/alias', { name: 'flowers', alias: 'champion', version: '2' });
  await client.writeBlob('azureml-blobstore', 'rows/a.csv', 'a,b\n1,2\n');
  for (const version of ['1', '2'])
    await client.putAsset('data', 'rows', version, {
      dataUri: blobUri('azureml-blobstore', 'rows'),
      dataType: 'uri_folder',
      description: `the rows, ${version}`,
      tags: { source: 'lab' },
    });
}

/** With two versions of a model, data, an environment and nothing of components. */
async function registry({ client }: TestPlane): Promise<void> {
  await client.putRegistry('lab', { properties: { description: 'What all workspaces use' } });
  await client.putAsset('environments', 'train', '1', { image: 'ubuntu:22.04' });
  for (const [kind, name, version] of [
    ['models', 'flowers', '1'],
    ['models', 'flowers', '2'],
    ['data', 'rows', '2'],
    ['environments', 'train', '1'],
  ] as const)
    await client.shareAsset(kind, { name, version }, 'lab', { name, version });
}

async function schedules({ client }: TestPlane): Promise<void> {
  const { properties } = await client.getJob('wrong_file');
  const { environmentId } = properties as { environmentId: string };
  const put = (name: string, more: { displayName?: string; description?: string; isEnabled?: boolean }) =>
    client.putSchedule(name, {
      trigger: { triggerType: 'Cron', expression: '0 3 1 1 *' },
      action: {
        actionType: 'CreateJob',
        jobDefinition: { jobType: 'Command', command: 'true', environmentId, displayName: 'Nightly check' },
      },
      ...more,
    });
  await put('weekly', { description: 'Sends the report', isEnabled: false });
  await put('nightly', { displayName: 'At the turn of the year' });
  await client.triggerSchedule('nightly');
}
