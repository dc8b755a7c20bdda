import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { parse } from 'yaml';
import { hyperparameterProblem, hyperparameters } from '../../../src/protocol/fineTuning.ts';
import { loadSpec } from '../../../src/spec/load.ts';
import { type Choices, jobYaml } from '../../../webview/finetuning/jobYaml.ts';
import { histogram, lengthsOf } from '../../../webview/finetuning/lengths.ts';
import { folderOf, isWholePath, pathFrom } from '../../../webview/finetuning/paths.ts';
import { bytesText, timeText } from '../../../webview/finetuning/rangeTexts.ts';
import { faultOf, hasFault, settings, writtenSettings } from '../../../webview/finetuning/settings.ts';

const choices: Choices = { model: '/models/a b/tiny.gguf', training: '/data/train.jsonl', validation: '', settings: {}, name: 'orders' };

describe('the form of a fine-tuning', () => {
  it('writes YAML that has nothing wrong with it', () => {
    for (const changed of [
      {},
      { validation: '/data/sub/valid.jsonl', model: 'azureml:base:3' },
      { validation: '/elsewhere/no: #x.jsonl', model: '/data/true', training: '/data/it’s "odd".jsonl', name: '1e5' },
      { training: 'C:\\data\\train.jsonl', model: 'C:\\data\\models\\m.gguf' },
      {
        settings: {
          lora_dropout: '0.1',
          precision: 'bf16',
          target_modules: 'q_proj, v_proj',
          skip_bad_rows: 'true',
          seed: '7',
          max_kl: '1e-7',
        },
      },
    ] satisfies Partial<Choices>[]) {
      const text = jobYaml({ ...choices, ...changed });
      const { spec, diagnostics } = loadSpec(
        '/data/finetune.yml',
        { readText: (file) => (file.endsWith('.yml') ? text : 'content'), kind: () => 'file' },
        { mustBeOurs: true, mustRunHere: true },
      );
      assert.equal(spec?.kind, 'finetuningJob');
      assert.deepEqual(
        diagnostics.filter(({ severity }) => severity === 'error' || severity === 'warning').map(({ message }) => message),
        [],
        text,
      );
      const { name } = { ...choices, ...changed };
      assert.equal(parse(text).outputs.registered_model.name, name);
    }
    const text = jobYaml({ ...choices, validation: '/data/sub/v.jsonl', settings: { max_kl: '1e-7' } });
    const { model, training_data, validation_data, hyperparameters } = parse(text);
    assert.deepEqual(
      [model.path, training_data, validation_data, hyperparameters.max_kl, hyperparameters.learning_rate],
      ['/models/a b/tiny.gguf', './train.jsonl', './sub/v.jsonl', '1e-7', '0.002'],
    );
  });

  it('has all hyperparameters, and takes their defaults', () => {
    assert.deepEqual(settings.map(({ name }) => name).sort(), Object.keys(hyperparameters).sort());
    for (const setting of settings) assert.equal(faultOf(setting, setting.value), undefined, setting.name);
  });

  it('says what is wrong with a setting, and takes nothing that the job refuses', () => {
    for (const setting of settings)
      for (const value of [
        '',
        ' ',
        '-1',
        '0',
        '1',
        '1.5',
        '1e3',
        'NaN',
        'Infinity',
        'abc',
        'q_proj,v_proj',
        'a;b',
        'true',
        '0x10',
        '99999999999999999',
      ])
        if (faultOf(setting, value) === undefined && setting.kind !== 'yes')
          assert.equal(
            hyperparameterProblem(
              setting.name,
              writtenSettings({ [setting.name]: value }).find(([name]) => name === setting.name)?.[1] ?? setting.value,
            ),
            undefined,
            `${setting.name} ${value}`,
          );
    assert.equal(hasFault({}), false);
    assert.equal(hasFault({ lora_r: '0' }), true);
  });

  it('knows paths of every system', () => {
    assert.equal(pathFrom(folderOf('C:\\d\\t.jsonl'), 'C:\\d\\x\\v.jsonl'), './x/v.jsonl');
    assert.equal(pathFrom('/d/', '/data/v.jsonl'), '/data/v.jsonl');
    assert.deepEqual(['/a', 'C:\\a', '\\\\host\\a', 'a', './a', '~/a'].map(isWholePath), [true, true, true, false, false, false]);
  });

  it('tells how long rows are, and which are too long', () => {
    const counts = {
      lengths: [10, 20, 30, 40],
      isWhole: true,
      longest: [
        { line: 4, tokens: 40 },
        { line: 3, tokens: 30 },
      ],
      refused: [],
    };
    const { median, longest, padded, tooLongCount, tooLong } = lengthsOf(counts, 35, 1)!;
    assert.deepEqual([median, longest, padded, tooLongCount, tooLong], [30, 40, 20, 1, [{ line: 4, tokens: 40 }]]);
    // The longest of very many is the longest there is.
    assert.ok(Math.abs(lengthsOf(counts, 100, 1000)!.padded - 40) < 0.1);
    assert.equal(lengthsOf({ ...counts, lengths: [] }, 35, 1), undefined);
    assert.deepEqual(histogram([0, 5, 9, 10], 10, 2), { width: 5, counts: [1, 2, 1] });
  });

  it('tells ranges no more exactly than they are known', () => {
    assert.equal(timeText({ from: 33, to: 58 }), '35–60 s');
    assert.equal(timeText({ from: 33, to: 250 }), '35 s–4 min');
    assert.equal(timeText({ from: 3000, to: 9000 }), '50 min–2.5 h');
    assert.equal(timeText({ from: 3e5, to: 9e5 }), '3–10 days');
    assert.equal(bytesText({ from: 1.9e9, to: 3.14e9 }), '1.9–3.1 GB');
    assert.equal(bytesText({ from: 9e8, to: 3.14e9 }), '900 MB–3.1 GB');
  });
});
