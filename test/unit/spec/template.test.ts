import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { FileSource } from '../../../src/spec/diagnostic.ts';
import { kindNames } from '../../../src/spec/kinds/all.ts';
import { loadSpec } from '../../../src/spec/load.ts';
import { type Answers, questionsOf, templateOf } from '../../../src/spec/template.ts';

/** A folder without any file. */
const empty: FileSource = { readText: () => undefined, kind: (path) => (path === '/w' ? 'folder' : undefined) };
const fileOf = (kind: string) => (kind === 'promptFlow' ? '/w/flow.dag.yaml' : `/w/${kind}.yml`);
const load = (kind: string, text: string) => loadSpec(fileOf(kind), empty, { text });
const errorsOf = (kind: string, text: string) =>
  load(kind, text)
    // The script is written next.
    .diagnostics.filter(({ severity, message }) => severity === 'error' && !message.startsWith('The entry '))
    .map(({ code, message }) => `${code}: ${message}`);

describe('a new file', () => {
  for (const kind of kindNames)
    it(`of ${kind} is one and has no errors, whichever variant is chosen, in an empty folder`, () => {
      const [first] = questionsOf(kind);
      const variants = first?.choices?.map(({ value }): Answers => new Map([[first.at, value]])) ?? [];
      for (const answers of [new Map<string, string>(), ...variants]) {
        const text = templateOf(kind, answers);
        assert.deepEqual(errorsOf(kind, text), [], text);
        assert.equal(load(kind, text).spec?.kind, kind, text);
      }
    });

  it('asks for what is required and has no sense of its own, and for each thing once', () => {
    const asked = (kind: Parameters<typeof questionsOf>[0], answers?: Answers) => questionsOf(kind, answers).map(({ at }) => at);
    assert.deepEqual(asked('commandJob'), ['command', 'environment', 'code']);
    assert.deepEqual(asked('sweepJob'), [
      'trial.command',
      'trial.environment',
      'objective.goal',
      'objective.primary_metric',
      'limits.max_total_trials',
    ]);
    assert.deepEqual(asked('azureBlob'), ['name', 'account_name', 'container_name']);
    for (const kind of kindNames) assert.equal(new Set(asked(kind)).size, asked(kind).length, kind);
  });

  it('lets the answer that comes first decide what is asked next', () => {
    const of = (task: string) => questionsOf('autoMLJob', new Map([['task', task]]));
    assert.ok(of('classification').some(({ at }) => at === 'target_column_name'));
    assert.ok(!of('text_ner').some(({ at }) => at === 'target_column_name'));
    assert.notDeepEqual(of('classification')[2]?.choices, of('regression')[2]?.choices);
  });

  it('says what an answer must look like', () => {
    const [name] = questionsOf('commandComponent');
    assert.ok(name?.pattern && new RegExp(name.pattern).test(name.sample) && !new RegExp(name.pattern).test('Not a name'));
    assert.ok(name.about.length > 10);
  });

  it('declares what its command names', () => {
    const text = templateOf(
      'commandComponent',
      new Map([
        ['name', 'count'],
        ['command', 'wc ${{inputs.table}} > ${{outputs.lines}}/n'],
      ]),
    );
    assert.match(text, /^name: count$/m);
    assert.match(text, /^inputs:\n {2}table:\n {4}type: uri_folder\noutputs:\n {2}lines:\n {4}type: uri_folder$/m);
  });

  it('writes each input out, also two of the same kind: no anchors, no aliases', () => {
    for (const kind of ['commandJob', 'commandComponent'] as const) {
      const text = templateOf(kind, new Map([['command', 'cat ${{inputs.a}}/x ${{inputs.b}}/x > ${{outputs.c}}/x 2> ${{outputs.d}}/x']]));
      assert.doesNotMatch(text, /[&*]/, text);
      assert.equal(text.match(/type: uri_folder/g)?.length, 4, text);
    }
  });

  it('takes the types of inputs from the script that the command runs', () => {
    const script = `
p.add_argument("--data", type=str, required=True)
p.add_argument("--lr", type=float, default=1e-3)
p.add_argument("--epochs", type=int)
p.add_argument("--optimiser", default="adam")
p.add_argument("--loss", choices=["a", "b"])
p.add_argument("--shuffle", type=bool, default=True)
p.add_argument("--width", default=64)
p.add_argument("--table", default="./data/a.csv")
`;
    const command =
      'python train.py --data ${{inputs.data}} --lr=${{inputs.learning_rate}} --epochs "${{inputs.epochs}}" --optimiser ${{inputs.optimiser}} ' +
      '--loss ${{inputs.loss}} --shuffle ${{inputs.shuffle}} --width ${{inputs.width}} --table ${{inputs.table}}';
    const answers = new Map([
      ['command', command],
      ['code', './src'],
      ['name', 'fit'],
    ]);
    const inputsOf = (
      kind: 'commandJob' | 'commandComponent',
      readText = (path: string) => (path === './src/train.py' ? script : undefined),
    ) => load(kind, templateOf(kind, answers, readText)).spec?.value.inputs;
    assert.deepEqual(inputsOf('commandJob'), {
      data: { type: 'uri_folder', path: './data' },
      learning_rate: 0.001,
      epochs: 1,
      optimiser: 'adam',
      loss: 'text',
      shuffle: true,
      width: 64,
      table: { type: 'uri_file', path: './data' },
    });
    assert.deepEqual(inputsOf('commandComponent'), {
      data: { type: 'uri_folder' },
      learning_rate: { type: 'number', default: 0.001 },
      epochs: { type: 'integer' },
      optimiser: { type: 'string', default: 'adam' },
      loss: { type: 'string' },
      shuffle: { type: 'boolean', default: true },
      width: { type: 'integer', default: 64 },
      table: { type: 'uri_file' },
    });
    // Of a script that is not written yet, a name may tell.
    const unread = inputsOf('commandComponent', () => undefined);
    assert.deepEqual([unread.data.type, unread.learning_rate.type, unread.epochs.type], ['uri_folder', 'number', 'integer']);
  });

  it('asks nobody for a secret', () => {
    const answers = new Map([['type', 'open_ai']]);
    assert.ok(!questionsOf('connection', answers).some(({ at }) => at === 'api_key'));
    assert.match(templateOf('connection', answers), /api_key: <api_key>/);
  });
});
