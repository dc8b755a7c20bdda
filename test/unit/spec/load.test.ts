import assert from 'node:assert/strict';
import path from 'node:path';
import { describe, it } from 'mocha';
import type { FileSource } from '../../../src/spec/diagnostic.ts';
import { loadSpec } from '../../../src/spec/load.ts';
import { localFiles } from '../../../src/submit/localFiles.ts';

/** Files that exist only in the test, below `/w`; a name with a final slash is a folder. */
function filesOf(files: Record<string, string>): FileSource {
  return {
    readText: (file) => files[file.slice(3)],
    kind: (file) =>
      file.slice(3) in files ? 'file' : Object.keys(files).some((each) => each.startsWith(`${file.slice(3)}/`)) ? 'folder' : undefined,
  };
}

/** `line:column code message` of each diagnostic of `main.yml`. */
function check(main: string, more: Record<string, string> = {}): string[] {
  const { diagnostics } = loadSpec('/w/main.yml', filesOf({ 'main.yml': main, ...more }), { mustBeOurs: true });
  // That Azure wants to know where steps run has a test of its own.
  return diagnostics
    .filter(({ code }) => code !== 'NoCompute')
    .map((each) => `${each.range.start.line}:${each.range.start.column} ${each.code} ${each.message}${each.hint ? ` ${each.hint}` : ''}`);
}

const component = `
type: command
name: train
inputs:
  data: {type: uri_folder}
  rate: {type: number}
  note: {type: string, optional: true}
outputs:
  model: {type: custom_model}
command: train \${{inputs.data}} \${{inputs.rate}} $[[\${{inputs.note}}]] \${{outputs.model}}
environment: azureml:e:1
`;
const pipeline = (jobs: string, more = '') =>
  `type: pipeline\ninputs:\n  rate: 0.1\n  raw: {type: uri_folder, path: ./raw}\n${more}jobs:\n${jobs}`;
const files = { 'train.yml': component, 'raw/a.csv': '1' };

describe('loadSpec', () => {
  it('finds nothing wrong in the example', () => {
    const file = path.resolve(import.meta.dirname, '../../../examples/digits/pipeline.yml');
    const { spec, diagnostics } = loadSpec(file, localFiles);
    assert.deepEqual(diagnostics, []);
    assert.equal(spec?.kind, 'pipelineJob');
    assert.deepEqual([...spec!.components.keys()], ['prepare', 'train', 'evaluate']);
  });

  it('is not led astray by words that every object knows', () => {
    for (const word of ['constructor', '__proto__', 'toString']) {
      assert.match(check(`type: ${word}\ncommand: x\nenvironment: azureml:e:1\n`).join('\n'), /UnknownKind/);
      assert.match(check(pipeline(`  a: {type: ${word}, component: {type: ${word}, command: x}}\n`)).join('\n'), /a/);
    }
  });

  it('says nothing about files that are not ours', () => {
    for (const text of [
      'services:\n  web:\n    image: x\n    command: y\n',
      'on: push\njobs:\n  build:\n    runs-on: x\n',
      'a: [',
      'apiVersion: v1\nkind: Pod\n',
      '',
      '- 1\n',
      'name: e\ndependencies: [python]\n',
    ]) {
      assert.deepEqual(loadSpec('/w/x.yml', filesOf({ 'x.yml': text })).diagnostics, []);
    }
  });

  const cases: [string, string, string[]][] = [
    ['broken YAML', 'type: pipeline\njobs: {a: [}\n', ['2:']],
    [
      'an unknown key, with the nearest',
      'type: command\ncommnd: x\ncommand: x\nenvironment: azureml:e:1\n',
      ['2:1 UnknownKey "commnd" is not a key of a command job. Did you mean "command"?'],
    ],
    [
      'an unknown kind',
      'type: comand\ncommand: x\nenvironment: azureml:e:1\n',
      ['1:1 UnknownKind "comand" is no kind of job. Did you mean "command"?'],
    ],
    [
      'a kind that comes later',
      '$schema: https://x/importJob.schema.json\ntype: import\nsource: {type: s3, connection: azureml:c, path: /x}\noutput: {type: uri_folder, path: azureml://datastores/x/paths/y}\n',
      ['2:1 UnsupportedKind A'],
    ],
    [
      'a missing field',
      '$schema: https://x/commandJob.schema.json\ncommand: x\n',
      ['1:1 MissingField "environment" is missing in a command job.'],
    ],
    ['a wrong type', 'command: x\nenvironment: azureml:e:1\ninputs: [1]\n', ['3:9 WrongType "inputs" must be a map, but it is a list.']],
    [
      'a wrong enum',
      'command: x ${{inputs.a}}\nenvironment: azureml:e:1\ninputs:\n  a:\n    type: uri_fodler\n    path: https://x/y\n',
      ['5:11 InvalidValue "uri_fodler" is not allowed for "type". Did you mean "uri_folder"?'],
    ],
    [
      'an input the command does not have',
      'command: x ${{inputs.lerning_rate}}\nenvironment: azureml:e:1\ninputs:\n  learning_rate: 1\n',
      [
        '1:10 InvalidReference The command reads ${{inputs.lerning_rate}}, but inputs has no "lerning_rate". Did you mean ${{inputs.learning_rate}}?',
      ],
    ],
    [
      'a missing code folder',
      'command: x\ncode: ./nowhere\nenvironment: azureml:e:1\n',
      ['2:7 MissingFile The code folder ./nowhere does not exist.'],
    ],
    [
      'missing data',
      'command: x ${{inputs.d}}\nenvironment: azureml:e:1\ninputs:\n  d: {type: uri_file, path: gone.csv}\n',
      ['4:29 MissingFile The input "d" is not there: gone.csv.'],
    ],
    [
      'a missing component',
      pipeline('  a: {type: command, component: ./gone.yml}\n'),
      ['6:33 MissingFile The component ./gone.yml does not exist.'],
    ],
    [
      'a component input that is not given',
      pipeline('  a:\n    component: train.yml\n    inputs: {data: "${{parent.inputs.raw}}"}\n'),
      ['6:3 MissingInput The step "a" does not give the input "rate"'],
    ],
    [
      'a surplus input',
      pipeline('  a:\n    component: train.yml\n    inputs: {data: "${{parent.inputs.raw}}", rate: 1, nots: x}\n'),
      ['8:55 UnknownInput The component of "a" has no input "nots". Did you mean "note"?'],
    ],
    [
      'a pipeline input that is not there',
      pipeline('  a:\n    component: train.yml\n    inputs: {data: "${{parent.inputs.row}}", rate: 1}\n'),
      ['8:20 InvalidReference The pipeline has no input "row". Did you mean ${{parent.inputs.raw}}?'],
    ],
    [
      'a step that is not there',
      pipeline('  a:\n    component: train.yml\n    inputs: {data: "${{parent.jobs.prep.outputs.out}}", rate: 1}\n'),
      ['8:20 InvalidReference The pipeline has no step "prep". There are a.'],
    ],
    [
      'an output that is not there',
      pipeline(
        '  a: {component: train.yml, inputs: {data: "${{parent.inputs.raw}}", rate: 1}}\n  b: {component: train.yml, inputs: {data: "${{parent.jobs.a.outputs.modle}}", rate: 1}}\n',
      ),
      ['7:44 InvalidReference The step "a" has no output "modle". Did you mean ${{parent.jobs.a.outputs.model}}?'],
    ],
    [
      'types that do not fit',
      pipeline('  a: {component: train.yml, inputs: {data: "${{parent.inputs.rate}}", rate: high}}\n'),
      [
        '6:44 TypeMismatch "data" is number, but the step wants uri_folder.',
        '6:77 TypeMismatch "rate" is "high", but the step wants number.',
      ],
    ],
    [
      'a cycle',
      pipeline(
        '  a: {component: train.yml, inputs: {data: "${{parent.jobs.b.outputs.model}}", rate: 1}}\n  b: {component: train.yml, inputs: {data: "${{parent.jobs.a.outputs.model}}", rate: 1}}\n',
      ),
      ['6:3 Cycle The steps wait for each other: a → b → a.'],
    ],
    [
      'a step that can not run here',
      pipeline(
        '  a: {type: parallel, inputs: {d: {path: azureml:d:1}}, input_data: "${{inputs.d}}", task: {type: run_function, entry_script: a.py, environment: azureml:e:1}}\n',
      ),
      ['6:7 UnsupportedKind The step "a" of the type "parallel" does not run on this machine yet.'],
    ],
    [
      'an optional input outside of $[[ ]]',
      'type: command\nname: c\nversion: 1\ninputs: {a: {type: string, optional: true}}\ncommand: x ${{inputs.a}}\nenvironment: azureml:e:1\n',
      ['5:10 OptionalInput The input "a" is optional, but the command uses it outside of $[[ ]].'],
    ],
  ];
  for (const [what, text, expected] of cases) {
    it(`points at ${what}`, () => {
      const found = check(text, files);
      assert.equal(found.length, expected.length, found.join('\n'));
      for (const [index, each] of expected.entries()) assert.ok(found[index]!.startsWith(each), found[index]);
    });
  }

  it('checks every key of a file that is one map in braces', () => {
    const unknown = (text: string) => check(text).filter((each) => each.includes('UnknownKey'));
    assert.deepEqual(unknown('{type: command, environmnt: e, command: x}\n'), [
      '1:17 UnknownKey "environmnt" is not a key of a command job. Did you mean "environment"?',
    ]);
    assert.deepEqual(unknown('{\n  command: x,\n  ouputs: {},\n  environment: azureml:e:1,\n}\n'), [
      '3:3 UnknownKey "ouputs" is not a key of a command job. Did you mean "outputs"?',
    ]);
  });

  it('survives hostile files', () => {
    const bomb = `a: &a [x,x,x,x,x,x,x,x,x]\n${'bcdefghi'
      .split('')
      .map((name, index) => `${name}: &${name} [${Array(9).fill(`*${'abcdefgh'[index]}`).join(',')}]`)
      .join('\n')}\ntype: pipeline\njobs: *i\n`;
    check(bomb);
    check(`type: command\ncommand: x\nenvironment: ${'['.repeat(2000)}`);
    check('type: pipeline\njobs:\n  ? [a, b]\n  : 1\n  a: null\n  b: 3\n');
    check('type: pipeline\njobs: {a: {component: main.yml}}\n');
    check('\u0000\ud800type: command');
  });
});
