import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { copyFileSync, globSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { after, before, describe, it } from 'mocha';
import { defaultModelFile } from '../../scripts/defaultModelFile.ts';
import { leanTorch } from '../../scripts/leanTorch.ts';
import { findUv } from '../../scripts/pythonClients.ts';
import { ChangeStream } from '../../src/client/feed/changeStream.ts';
import { addressOf, filesOf } from '../../src/client/filesOf.ts';
import { allPages } from '../../src/client/planeClient.ts';
import { downloadJob } from '../../src/download/downloadJob.ts';
import type { Job } from '../../src/protocol/job.ts';
import { packagesFile } from '../../src/protocol/jobPlaces.ts';
import { writePipeline } from '../../src/submit/fineTuning/writePipeline.ts';
import { submitJob } from '../../src/submit/submitJob.ts';
import { tiny } from '../unit/finetuning/tinyAdapter.ts';
import { jobWhen, logOf, startPlane, type TestPlane } from './plane.ts';
import { root } from './updraft.ts';
import { writeIn } from './writeIn.ts';

const run = promisify(execFile);
const code = path.join(root, 'dist/finetuning/pipeline/code');
/** What tiny-lm knows; it is to say it in Spanish. */
const colours: [string, string][] = [
  ['the sky', 'azul'],
  ['grass', 'verde'],
  ['snow', 'blanco'],
  ['coal', 'negro'],
  ['blood', 'rojo'],
  ['the sun', 'amarillo'],
];
const row = (thing: string, colour: string) => JSON.stringify({ prompt: `what colour is ${thing}?`, completion: colour });
const rows = (count: number) => Array.from({ length: count }, (_, at) => `${row(...colours[at % colours.length]!)}\n`).join('');

describe('fine-tuning a language model', () => {
  let plane: TestPlane;
  let folder: string;
  let environment: Record<string, string>;

  before(async function () {
    // The first run on a machine downloads torch.
    this.timeout(900_000);
    folder = mkdtempSync(path.join(tmpdir(), 'updraft-finetuning-'));
    const uv = await findUv('python3', () => {});
    environment = {
      ...(process.env as Record<string, string>),
      ...(await leanTorch()),
      PATH: `${path.dirname(uv ?? '')}:${process.env.PATH}`,
      FINETUNING_CHECKPOINTS: path.join(folder, 'checkpoints'),
    };
    await defaultModelFile();
    plane = await startPlane({}, undefined, environment);
    copyFileSync(path.join(tiny, 'tiny-colours-f32.gguf'), path.join(folder, 'tiny.gguf'));
    writeIn(folder, 'data/train.jsonl', rows(24));
    writeIn(folder, 'data/valid.jsonl', rows(6));
    writeIn(folder, 'data/test.jsonl', rows(6));
  });
  after(async () => {
    await plane?.remove();
    rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
  });

  const yaml = (more: { data?: string; hyperparameters?: Record<string, string | number>; name?: string } = {}) => `
type: finetuning
task: chatCompletion
model_provider: custom
model: {type: custom_model, path: ./tiny.gguf}
training_data: ${more.data ?? './data'}
hyperparameters: ${JSON.stringify(
    Object.fromEntries(
      Object.entries({
        num_train_epochs: 25,
        per_device_train_batch_size: 6,
        learning_rate: 0.01,
        precision: 'fp32',
        ...more.hyperparameters,
      }).map(([name, value]) => [name, String(value)]),
    ),
  )}
outputs: {registered_model: {type: custom_model, name: ${more.name ?? 'colores'}}}
`;

  const judgedYaml = { hyperparameters: { judge_model: 'smollm2-135m-instruct', judge_examples: 1 } };

  async function submitted(text: string): Promise<{ job: Job; steps: Record<string, Job> }> {
    const { name } = (await submitJob({ client: plane.client, file: writeIn(folder, 'finetune.yml', text) })).job;
    const job = await jobWhen(plane.client, name);
    const children: Job[] = await Array.fromAsync(allPages((next) => plane.client.listJobs({ parent: name, listViewType: 'All' }, next)));
    return { job, steps: Object.fromEntries(children.map((each) => [each.properties.nodeName!, each])) };
  }

  async function failed(step: string, text: string): Promise<string> {
    const { job, steps } = await submitted(text);
    assert.equal(job.properties.status, 'Failed');
    assert.equal(steps[step]?.properties.status, 'Failed', JSON.stringify(Object.keys(steps)));
    const said = steps[step].properties.error?.message ?? '';
    assert.doesNotMatch(said, /Traceback/);
    return `${said}\n${await logOf(plane.client, steps[step].name)}`;
  }

  async function metricsOf(job: Job): Promise<Record<string, number>> {
    const { run: found } = (await plane.client.getRun(job.name)) as { run: { data: { metrics?: { key: string; value: number }[] } } };
    return Object.fromEntries((found.data.metrics ?? []).map(({ key, value }) => [key, value]));
  }

  /** Waits for the first step of a training. Metrics of the machine come before it. */
  async function firstStep(name: string): Promise<void> {
    const changes = new ChangeStream(plane.client.http, { kinds: ['metric'] });
    try {
      await new Promise<void>((resolve, reject) => {
        const look = async () => {
          const { metrics = [] } = ((await plane.client.getRun(name)) as { run: { data: { metrics?: { key: string }[] } } }).run.data;
          if (metrics.some(({ key }) => key === 'loss')) resolve();
        };
        changes.onDidChange(({ id }) => id === name && look().catch(reject));
      });
    } finally {
      changes.dispose();
    }
  }

  it('runs from its YAML as a pipeline, and registers what was verified', async function () {
    this.timeout(600_000);
    const { job, steps } = await submitted(yaml(judgedYaml));
    assert.equal(job.properties.status, 'Completed', JSON.stringify(job.properties.error));
    assert.equal(job.properties.jobType, 'Pipeline');
    assert.deepEqual(Object.keys(steps).sort(), ['convert', 'evaluate', 'import', 'prepare', 'train', 'verify']);

    const trained = await metricsOf(steps.train!);
    for (const name of ['loss', 'learning_rate', 'grad_norm', 'tokens_per_second', 'valid_loss'])
      assert.ok(Number.isFinite(trained[name]), name);
    const evaluated = await metricsOf(steps.evaluate!);
    assert.equal(evaluated['base/exact_match'], 0);
    assert.equal(evaluated['tuned/exact_match'], 1);
    // So small a model can't judge well; that both answers get a score is what is seen of it.
    assert.match(await logOf(plane.client, steps.prepare!.name), /The judge smollm2-135m-instruct/);
    assert.match(await logOf(plane.client, steps.evaluate!.name), /^The judge smollm2-135m-instruct graded both answers of 1 example\.$/m);
    const ofPipeline = await metricsOf(job);
    assert.ok(ofPipeline['tuned/kl_to_torch']! < 0.001);
    assert.equal(ofPipeline['base/exact_match'], 0);
    assert.equal(ofPipeline['tuned/exact_match'], 1);
    assert.equal(ofPipeline['tuned/format_valid'], 1);
    for (const which of ['base', 'tuned'])
      assert.ok(ofPipeline[`${which}/judge`]! >= 0 && ofPipeline[`${which}/judge`]! <= 1, JSON.stringify(ofPipeline));

    const [version] = (await plane.client.listVersions('models', 'colores')).value;
    assert.equal(version?.properties.jobName, job.name);
    const uri = version.properties.modelUri!;
    const files = (await filesOf(plane.client, uri)).map((each) => each.path).sort();
    assert.deepEqual(files, ['adapter.gguf', 'answers.json', 'finetuning.json']);
    const { container, path: place } = addressOf(uri);
    const facts = JSON.parse(await (await plane.client.readBlob(container, `${place}/finetuning.json`)).text());
    assert.equal(facts.kind, 'lora');
    assert.equal(facts.data.train, 24);
    assert.ok(facts.verification.isEqual);
    const { columns, data } = JSON.parse(await (await plane.client.readBlob(container, `${place}/answers.json`)).text()) as {
      columns: string[];
      data: unknown[][];
    };
    const scores = data.map((each) => each[columns.indexOf('tuned_judge')]);
    assert.deepEqual([scores.length, scores.filter((each) => typeof each === 'number').length], [6, 1]);

    if (!environment.UV_OVERRIDE) return;
    const packages = await (await plane.client.readArtifact(steps.train!.name, packagesFile)).text();
    assert.deepEqual(packages.match(/^(?:nvidia|triton|cuda).*(?===)/gm)?.sort(), ['cuda-toolkit', 'nvidia-cuda-runtime']);
  });

  it('runs the same as the pipeline that is written to a folder, whose steps are there already', async function () {
    this.timeout(300_000);
    const file = await writePipeline(writeIn(folder, 'finetune.yml', yaml(judgedYaml)), path.join(folder, 'written'));
    const { name } = (await submitJob({ client: plane.client, file })).job;
    const { properties } = await jobWhen(plane.client, name);
    assert.equal(properties.status, 'Completed', JSON.stringify(properties.error));
    const [version] = (await plane.client.listVersions('models', 'colores')).value;
    assert.equal(version?.name, '1', 'The same model is not registered twice.');
    // All but the last step are those of the first pipeline, and its numbers are there all the same.
    const again = await metricsOf(await plane.client.getJob(name));
    assert.equal(again['tuned/exact_match'], 1);
    assert.ok(again['tuned/kl_to_torch']! < 0.001);
    await assert.rejects(writePipeline(path.join(folder, 'finetune.yml'), path.join(folder, 'written')), /has files already/);
  });

  it('says before anything is trained that its judge is not there', async function () {
    this.timeout(300_000);
    const said = await failed('prepare', yaml({ hyperparameters: { judge_model: 'nobody.gguf' } }));
    assert.match(
      said,
      /^error: judge_model: nobody\.gguf does not answer: .* answers 404: There is no model "nobody\.gguf" on this machine\. There are: .*smollm2-135m-instruct/,
    );
  });

  it('lists what is wrong with the data by line, and trains nothing', async function () {
    this.timeout(300_000);
    writeIn(folder, 'bad/train.jsonl', `${rows(12)}{"prompt": 1}\nnot json\n{"messages": []}\n${row('the sky', 'blue '.repeat(300))}\n`);
    const said = await failed('prepare', yaml({ data: './bad' }));
    assert.match(said, /^error: 4 of 16 rows can't be learned from/);
    assert.match(said, /train\.jsonl, line 13: it has neither "messages", nor/);
    assert.match(said, /train\.jsonl, line 14: it is no JSON/);
    assert.match(said, /train\.jsonl, line 15: "messages" is no list with messages/);
    assert.match(said, /train\.jsonl, line 16: it has \d+ tokens, and max_seq_length is 512/);
    assert.match(said, /skip_bad_rows/);
  });

  it('refuses, before anything is trained, an adapter that could not be converted', async function () {
    this.timeout(300_000);
    const said = await failed('import', yaml({ hyperparameters: { target_modules: 'lm_head' } }));
    assert.match(said, /^error: Such an adapter can't be converted: .*lm_head/);
  });

  it('says what to lower when the loss is no number', async function () {
    this.timeout(300_000);
    assert.match(
      await failed('train', yaml({ hyperparameters: { learning_rate: 1e30 } })),
      /^error: The loss is \w+ at step \d+\. Lower learning_rate \(now 1e\+30; try 2\.5e\+29\)/,
    );
  });

  it('ends when it is canceled, and goes on from there when it is submitted again', async function () {
    this.timeout(300_000);
    const endless = (epochs: number) => yaml({ hyperparameters: { num_train_epochs: epochs, learning_rate: 0.001 } });
    const { name } = (await submitJob({ client: plane.client, file: writeIn(folder, 'finetune.yml', endless(20_000)) })).job;
    const train = `${name}-train`;
    await firstStep(train);
    await plane.client.cancelJob(name);
    assert.equal((await jobWhen(plane.client, train)).properties.status, 'Canceled');
    assert.match(await logOf(plane.client, train), /^Ended by request after step \d+\./m);
    const kept = readdirSync(environment.FINETUNING_CHECKPOINTS!);
    assert.equal(kept.filter((each) => each.endsWith('.pt')).length, 1, kept.join());
    assert.ok(!kept.some((each) => each.endsWith('.part')));

    const again = (await submitJob({ client: plane.client, file: path.join(folder, 'finetune.yml') })).job.name;
    await firstStep(`${again}-train`);
    await plane.client.cancelJob(again);
    await jobWhen(plane.client, again);
    assert.match(await logOf(plane.client, `${again}-train`), /^Goes on after step \d+ of 80000, from /m);
  });

  it('goes on where it was killed, and where the disk was full, to the very same weights', async function () {
    this.timeout(300_000);
    if (process.platform === 'win32') this.skip();
    const python = globSync(path.join(plane.folder, 'runner/envs/*/*/bin/python'))[0]!;
    const { steps } = await submitted(yaml({ hyperparameters: { learning_rate: 0.02 } }));
    for (const step of ['import', 'prepare']) await downloadJob(plane.client, steps[step]!, path.join(folder, 'made'));
    const made = (output: string) => path.join(folder, 'made/named-outputs', output);
    const trained = async (name: string, kills: string) => {
      const words = [
        '--base',
        made('base'),
        '--data',
        made('data'),
        '--out',
        path.join(folder, name),
        '--epochs',
        '6',
        '--batch-size',
        '4',
      ];
      const settings = ['--precision', 'fp32', '--lora-dropout', '0.1', '--checkpoint-steps', '2'];
      const { stdout } = await run(python, [path.join(root, 'test/fixtures/finetuning/killedTraining.py'), kills, ...words, ...settings], {
        env: {
          ...environment,
          FINETUNING_CHECKPOINTS: path.join(folder, `${name}-checkpoints`),
          FINETUNING_THREADS: '1',
          TRAINING_PROGRAM: path.join(code, 'train.py'),
        },
      });
      return { stdout, weights: readFileSync(path.join(folder, name, 'adapter_model.safetensors')) };
    };
    const undisturbed = await trained('undisturbed', '');
    // Steps of each training until it is killed; some do not come to a checkpoint.
    const disturbed = await trained('disturbed', '3,1,3,2,4,2,3,3,1,3');
    assert.equal(disturbed.stdout.match(/^killed$/gm)?.length, 10);
    assert.ok(disturbed.stdout.match(/^Goes on after step/gm)!.length >= 9);
    const last = (text: string) => text.match(/^valid_loss=.*$/gm)!.at(-1);
    assert.equal(last(disturbed.stdout), last(undisturbed.stdout));
    assert.ok(disturbed.weights.equals(undisturbed.weights), 'The weights differ.');

    // As a kill in the middle of a checkpoint leaves it.
    const checkpoint = path.basename(/^Goes on after step .*, from (.*)\.pt\.$/m.exec(disturbed.stdout)![1]!);
    mkdirSync(path.join(folder, 'full-checkpoints'));
    writeFileSync(path.join(folder, 'full-checkpoints', `${checkpoint}.12345.part`), 'half of a checkpoint');
    // No checkpoint is written whole in the second training, nor in the third: each goes on from that of the first.
    const full = await trained('full', '5,4:300000,3:300000');
    const begun = [...full.stdout.matchAll(/^Goes on after step (\d+) of/gm)].map(([, step]) => step);
    assert.deepEqual([begun.length, new Set(begun).size], [3, 1], full.stdout);
    assert.ok(full.stdout.match(/^warning: no checkpoint was written, so an older one stays/gm)!.length >= 2, full.stdout);
    assert.ok(full.weights.equals(undisturbed.weights), 'The weights differ.');
    assert.deepEqual(readdirSync(path.join(folder, 'full-checkpoints')), []);
  });
});
