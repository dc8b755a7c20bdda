import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'mocha';
import { readGgufHeader } from '../../src/catalog/headers/readGguf.ts';
import { baseModels, countTokens, lookAtExamples, trainingPlan } from '../../src/client/finetuningForm.ts';
import type { Http } from '../../src/client/http.ts';
import { localModels } from '../../src/client/localModels.ts';
import { PlaneClient } from '../../src/client/planeClient.ts';
import { blobUri } from '../../src/protocol/asset.ts';
import type { ExampleFile, Unread } from '../../src/protocol/finetuningForm.ts';
import { ggufFile } from '../unit/catalog/modelFiles.ts';
import { ownModelStore } from './ownModelStore.ts';
import { startPlane, type TestPlane } from './plane.ts';

const tiny = path.resolve(import.meta.dirname, '../../../shared/corpora/tiny-lm');
const model = 'tiny.gguf';
const chat = (question: string, answer: string) =>
  JSON.stringify({
    messages: [
      { role: 'user', content: question },
      { role: 'assistant', content: answer },
    ],
  });

describe('what the form of a fine-tuning asks the plane', () => {
  let home: string;
  let plane: TestPlane;
  let http: Http;
  const file = (name: string, lines: readonly string[]) => {
    const at = path.join(home, name);
    writeFileSync(at, `${lines.join('\n')}\n`);
    return at;
  };
  const told = (found: ExampleFile | Unread | undefined): ExampleFile => {
    assert.ok(found && 'rows' in found, JSON.stringify(found));
    return found;
  };

  before(async () => {
    home = mkdtempSync(path.join(tmpdir(), 'updraft-form-'));
    mkdirSync(path.join(home, 'mine'));
    copyFileSync(path.join(tiny, 'tiny-colours-f32.gguf'), path.join(home, 'mine', model));
    copyFileSync(path.join(tiny, 'tiny-colours-lora-es.gguf'), path.join(home, 'mine', 'adapter.gguf'));
    writeFileSync(
      path.join(home, 'mine', 'unknown.gguf'),
      ggufFile({ 'general.architecture': 'mamba', 'tokenizer.chat_template': '{{ messages }}' }),
    );
    writeFileSync(path.join(home, 'mine', 'bare.gguf'), ggufFile({ 'general.architecture': 'llama' }));
    plane = await startPlane({}, path.join(home, 'data'), {
      ...(process.env as Record<string, string>),
      HOME: home,
      UPDRAFT_CACHE: ownModelStore(home),
      UPDRAFT_MODEL_FOLDERS: path.join(home, 'mine'),
      HF_HOME: path.join(home, 'hf'),
      OLLAMA_MODELS: path.join(home, 'ollama'),
    });
    http = plane.client.http;
  });
  after(async () => {
    await plane?.remove();
    rmSync(home, { recursive: true, force: true });
  });

  it('lists language models, with why one can’t be trained from', async () => {
    const found = await baseModels(http);
    assert.deepEqual(
      found.map(({ name }) => name),
      ['bare.gguf', model, 'unknown.gguf'],
    );
    const [bare, base, unknown] = found;
    assert.deepEqual([base!.reasons, base!.file], [[], path.join(home, 'mine', model)]);
    assert.deepEqual(base!.modules.slice(0, 4), ['q_proj', 'k_proj', 'v_proj', 'o_proj']);
    assert.match(bare!.reasons.join(), /^it has no chat template/);
    assert.match(unknown!.reasons.join(), /architecture "mamba"/);
  });

  it('reads files of examples: rows, problems by line, copies, and what both have', async () => {
    const training = file('train.jsonl', [
      chat('what colour is the sky?', 'blue'),
      '',
      '{"prompt": "grass", "completion": "green"',
      chat('what colour is the sky?', 'blue'),
      '{"instruction": "Name a colour.", "input": "of snow", "output": "white"}',
    ]);
    const validation = file('valid.jsonl', [chat('what colour is the sky?', 'blue'), chat('and coal?', 'black')]);
    const answer = await lookAtExamples(http, { training, validation });
    const [trained, valid] = [told(answer.training), told(answer.validation)];
    assert.deepEqual([trained.rows, trained.wrong, trained.duplicates, trained.forms], [3, 1, 1, { messages: 2, instruction: 1 }]);
    assert.deepEqual(
      trained.problems.map(({ line }) => line),
      [3],
    );
    assert.match(trained.problems[0]!.text, /^it is no JSON/);
    assert.deepEqual(trained.first[2], {
      line: 5,
      messages: [
        { role: 'user', text: 'Name a colour.\n\nof snow' },
        { role: 'assistant', text: 'white' },
      ],
    });
    assert.deepEqual([valid.rows, valid.known], [2, 1]);
  });

  it('says in words why a file is not read, and shows nothing of one that is no example', async () => {
    const error = async (training: string) => ((await lookAtExamples(http, { training })).training as Unread).error;
    assert.match(await error('train.jsonl'), /is no absolute path/);
    assert.match(await error(path.join(home, 'nowhere.jsonl')), /^There is no file/);
    assert.match(await error('/etc/passwd'), /no JSON Lines file by its name/);
    mkdirSync(path.join(home, 'folder.jsonl'));
    assert.match(await error(path.join(home, 'folder.jsonl')), /^The folder .* has no \.jsonl file/);
    const secret = file('secret.json', ['password = hunter2', '{"password": "hunter2"}']);
    const answer = await lookAtExamples(http, { training: secret });
    assert.equal(told(answer.training).wrong, 2);
    assert.doesNotMatch(JSON.stringify(answer), /hunter2/);
  });

  it('reads a folder of files by their names, as the job does', async () => {
    mkdirSync(path.join(home, 'data/more'), { recursive: true });
    const training = path.join(home, 'data');
    file('data/first.jsonl', [chat('what colour is the sky?', 'blue'), 'no row']);
    file('data/more/second.jsonl', [chat('and coal?', 'black'), chat('and snow, in the first light of a morning?', 'white')]);
    file('data/valid.jsonl', [chat('and coal?', 'black'), chat('and grass?', 'green')]);
    file('data/test-1.jsonl', [chat('and blood?', 'red')]);
    const answer = await lookAtExamples(http, { training });
    const [trained, valid, test] = [told(answer.training), told(answer.validation), told(answer.test)];
    assert.deepEqual([trained.path, trained.files, trained.rows, trained.wrong], [training, 2, 3, 1]);
    assert.deepEqual(
      trained.problems.map(({ file: name, line }) => [name, line]),
      [['first.jsonl', 2]],
    );
    assert.deepEqual([valid.rows, valid.known, test.rows], [2, 1, 1]);
    const counts = await countTokens(http, { model, training });
    assert.deepEqual(
      [counts.training, counts.validation!, counts.test!].map(({ lengths }) => lengths.length),
      [3, 2, 1],
    );
    const { file: longest, line } = counts.training.longest[0]!;
    assert.deepEqual([longest, line], [path.join('more', 'second.jsonl'), 2]);
    // A file or folder that is named for it takes its place.
    const other = await lookAtExamples(http, { training, validation: path.join(home, 'data/more') });
    assert.deepEqual([told(other.validation).rows, told(other.validation).known], [2, 2]);
    rmSync(path.join(home, 'data/first.jsonl'));
    rmSync(path.join(home, 'data/more'), { recursive: true });
    assert.match(((await lookAtExamples(http, { training })).training as Unread).error, /and none to learn from/);
  });

  it('counts tokens as the training does: with the model’s own template and tokenizer', async () => {
    const training = file('counted.jsonl', [
      chat('what colour is the sky?', 'blue'),
      'no row',
      chat('and grass in the morning sun?', 'green'),
    ]);
    const { training: counts } = await countTokens(http, { model, training });
    assert.equal(counts.isWhole, true);
    assert.equal(counts.lengths.length, 2);
    assert.ok(
      counts.lengths.every((each) => each > 5 && each < 60),
      JSON.stringify(counts),
    );
    assert.equal(counts.longest[0]!.line, 3);
    assert.deepEqual(counts.refused, []);
    await assert.rejects(countTokens(http, { model: 'nobody.gguf', training }), /no GGUF model "nobody\.gguf"/);
  });

  it('says by line which rows the chat template refuses', async () => {
    const refusing = path.join(home, 'mine', 'refusing.gguf');
    const content = readFileSync(path.join(tiny, 'tiny-colours-f32.gguf'));
    const template = String((await readGgufHeader(path.join(tiny, 'tiny-colours-f32.gguf'))).keys.get('tokenizer.chat_template'));
    const length = Buffer.byteLength(template);
    content.write("{{ raise_exception('no') if messages|length > 2 }}".padEnd(length).slice(0, length), content.indexOf(template));
    writeFileSync(refusing, content);
    // Other programs put files there: the list is looked through again.
    await localModels(http, true);
    const long = JSON.stringify({ messages: ['user', 'assistant', 'user', 'assistant'].map((role) => ({ role, content: role })) });
    const training = file('refused.jsonl', [chat('a', 'b'), long]);
    const { training: counts } = await countTokens(http, { model: 'refusing.gguf', training });
    assert.deepEqual(
      counts.refused.map(({ line }) => line),
      [2],
    );
    assert.match(counts.refused[0]!.text, /^the model's chat template refuses it \(/);
    assert.equal(counts.lengths.length, 1);
    rmSync(refusing);
    await localModels(http, true);
  });

  it('takes registered models, too, by their newest version', async () => {
    await plane.client.writeBlob('azureml-blobstore', 'kept/model/tiny.gguf', readFileSync(path.join(tiny, 'tiny-colours-f32.gguf')));
    await plane.client.writeBlob('azureml-blobstore', 'kept/other.txt', 'none');
    const put = (name: string, version: string, at: string) =>
      plane.client.putAsset('models', name, version, { modelUri: blobUri('azureml-blobstore', at), modelType: 'custom_model' });
    await put('file', '1', 'kept/other.txt');
    await put('file', '2', 'kept/model/tiny.gguf');
    await put('folder', '1', 'kept/model');
    await put('neither', '1', 'kept/other.txt');
    const found = (await baseModels(http)).filter(({ name }) => name.startsWith('azureml:'));
    assert.deepEqual(
      found.map(({ name, file, reasons }) => [name, file, reasons]),
      [
        ['azureml:file:2', undefined, []],
        ['azureml:folder:1', undefined, []],
      ],
    );
    const training = file('asked.jsonl', [chat('what colour is the sky?', 'blue')]);
    const [own, registered] = [
      await countTokens(http, { model, training }),
      await countTokens(http, { model: 'azureml:folder:1', training }),
    ];
    assert.deepEqual(registered, own);
    await assert.rejects(countTokens(http, { model: 'azureml:neither:1', training }), { code: 'NotFound' });
  });

  it('estimates, and says what speaks against it', async () => {
    const request = {
      model,
      training: 200,
      tokens: { mean: 70, longest: 90 },
      epochs: 1,
      batchSize: 8,
      rank: 8,
      targetModules: 'all-linear',
    };
    const plan = await trainingPlan(http, request);
    assert.deepEqual(plan.split, { train: 160, valid: 20, test: 20 });
    assert.equal(plan.estimate!.steps, 20);
    assert.ok(plan.estimate!.seconds.from < plan.estimate!.seconds.to);
    assert.deepEqual(plan.reasons, []);
    const wrong = await trainingPlan(http, { ...request, training: 2, targetModules: 'q_proj, lm_head' });
    assert.match(wrong.reasons.join(), /lm_head/);
    assert.deepEqual((await trainingPlan(http, { ...request, validation: 7, test: 9 })).split, { train: 200, valid: 7, test: 9 });
    assert.ok('problem' in wrong.split && /too few/.test(wrong.split.problem));
  });

  it('reads files for the owner alone', async () => {
    const agent = new PlaneClient({ url: plane.url, token: plane.token, agent: { name: 'helper' } });
    await assert.rejects(lookAtExamples(agent.http, { training: path.join(home, 'train.jsonl') }), { code: 'Forbidden' });
  });
});
