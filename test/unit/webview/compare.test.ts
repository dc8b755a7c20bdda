import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { UserError } from '../../../src/base/userError.ts';
import type { Job } from '../../../src/protocol/job.ts';
import { packagesIn } from '../../../webview/job/environment/installedPackages.ts';
import type { ComparedRun, RunFiles } from '../../../webview/runs/compare/comparedRun.ts';
import { rowOf } from '../../../webview/runs/compare/comparison.ts';
import { comparisonCsv } from '../../../webview/runs/compare/comparisonCsv.ts';
import { deltaOf } from '../../../webview/runs/compare/delta.ts';
import { metricTexts } from '../../../webview/runs/compare/metricTexts.ts';
import { packagesOf } from '../../../webview/runs/compare/packages.ts';
import { sectionsOf } from '../../../webview/runs/compare/sections.ts';

interface Made {
  params?: Record<string, string>;
  metrics?: Record<string, number | string>;
  inputs?: Record<string, string>;
  more?: object;
}

const run = (id: string, { params = {}, metrics = {}, inputs = {}, more = {} }: Made = {}): ComparedRun => ({
  id,
  job: {
    id,
    name: id,
    properties: {
      jobType: 'Command',
      command: 'python train.py',
      environmentId:
        '/subscriptions/s/resourceGroups/r/providers/Microsoft.MachineLearningServices/workspaces/w/environments/torch/versions/1',
      status: 'Completed',
      inputs: Object.fromEntries(Object.entries(inputs).map(([name, value]) => [name, { jobInputType: 'literal', value }])),
      ...more,
    },
  } as unknown as Job,
  run: {
    info: { run_id: id, experiment_id: '0', status: 'FINISHED' },
    data: {
      params: Object.entries(params).map(([key, value]) => ({ key, value })),
      metrics: Object.entries(metrics).map(([key, value]) => ({ key, value, timestamp: 0 })),
    },
  },
});
const gone: ComparedRun = { id: 'gone', error: new UserError('NotFound', 'gone') };
const section = (runs: ComparedRun[], key: string, ...more: [files?: Map<string, RunFiles>]) =>
  sectionsOf(runs, more[0]).find((each) => each.key === key)!.rows;
const shown = (runs: ComparedRun[], key: string, ...more: [files?: Map<string, RunFiles>]) =>
  section(runs, key, ...more).map(({ label, differs, cells }) => [label, differs, ...cells.map((cell) => cell?.text)]);

describe('the comparison of runs', () => {
  it('has parameters that differ first, by name, and says what a run does not have', () => {
    assert.deepEqual(
      shown(
        [run('a', { params: { a2: '1', a10: '1', same: 'x', z: '1' } }), run('b', { params: { a2: '2', a10: '2', same: 'x' } })],
        'parameters',
      ),
      [
        ['a2', true, '1', '2'],
        ['a10', true, '1', '2'],
        ['z', true, '1', undefined],
        ['same', false, 'x', 'x'],
      ],
    );
  });

  it('has a literal input and the parameter of its name in one row, unless they contradict each other', () => {
    const runs = [
      run('a', { params: { lr: '0.1', n: '1' }, inputs: { lr: '0.1', n: '1', seed: '7' } }),
      run('b', { params: { lr: '0.5' }, inputs: { lr: '0.2', n: '2' } }),
    ];
    assert.deepEqual(shown(runs, 'parameters'), [
      ['lr', true, '0.1', '0.5'],
      ['lr (input)', true, '0.1', '0.2'],
      ['n', true, '1', '2'],
      ['seed', true, '7', undefined],
    ]);
  });

  it('leaves a run that is gone out of the differences', () => {
    assert.deepEqual(shown([run('a', { params: { lr: '1' } }), gone, run('b', { params: { lr: '1' } })], 'parameters'), [
      ['lr', false, '1', undefined, '1'],
    ]);
    assert.equal(rowOf('x', 'x', [{ text: 'a' }, undefined], [true, true]).differs, true);
    assert.equal(rowOf('x', 'x', [{ text: 'a' }, undefined], [true, false]).differs, false);
  });

  it('keeps what the machine did apart from what the script logged', () => {
    const runs = [run('a', { metrics: { 'system/cpu': 5, acc: 0.9, loss: 'NaN' } }), run('b', { metrics: { 'system/cpu': 7, acc: 0.9 } })];
    assert.deepEqual(shown(runs, 'metrics'), [
      ['loss', true, 'NaN', undefined],
      ['acc', false, '0.9', '0.9'],
    ]);
    assert.deepEqual(shown(runs, 'system'), [['system/cpu', true, '5', '7']]);
  });

  it('writes values so that those that differ look different', () => {
    assert.deepEqual(metricTexts([0.9, 0.91, undefined]), ['0.9', '0.91', undefined]);
    assert.deepEqual(metricTexts([78270.123, 78270.9, 78270.123]), ['78270', '78271', '78270']);
    assert.deepEqual(metricTexts([Number.NaN, Number.POSITIVE_INFINITY, 1 / 3]), ['NaN', '∞', '0.3333']);
    assert.equal(new Set(metricTexts([0.1 + 0.2, 0.3])).size, 2);
  });

  it('takes the least or the greatest values where they are asked for', () => {
    const extremes = new Map([['a', new Map([['acc', { smallest: 0.1, largest: 0.95 }]])]]);
    const rows = (values: 'smallest' | 'largest') =>
      sectionsOf([run('a', { metrics: { acc: 0.9 } }), run('b', { metrics: { acc: 0.8 } })], undefined, values, extremes).find(
        ({ key }) => key === 'metrics',
      )!.rows;
    assert.deepEqual(
      [rows('smallest')[0]!.cells[0]!.value, rows('largest')[0]!.cells[0]!.value, rows('largest')[0]!.cells[1]],
      [0.1, 0.95, undefined],
    );
  });

  it('tells assets, outputs of jobs and other addresses apart', () => {
    const asset = (version: number) =>
      `/subscriptions/s/resourceGroups/r/providers/Microsoft.MachineLearningServices/workspaces/w/data/digits/versions/${version}`;
    const withData = (id: string, uri: string, model = '') =>
      run(id, {
        more: {
          inputs: { data: { jobInputType: 'uri_folder', uri }, ...(model ? { model: { jobInputType: 'custom_model', uri: model } } : {}) },
        },
      });
    const rows = section([withData('a', asset(1), 'azureml://jobs/train_1/outputs/model'), withData('b', asset(2))], 'inputs');
    assert.deepEqual(
      rows.map(({ label, differs, cells }) => [label, differs, ...cells.map((cell) => cell?.text)]),
      [
        ['data', true, 'digits:1', 'digits:2'],
        ['model', true, 'train_1/outputs/model', undefined],
      ],
    );
    assert.deepEqual(rows[0]!.cells[1]!.to, { page: 'data', name: 'digits', version: '2' });
    assert.deepEqual(rows[1]!.cells[0]!.to, { page: 'job', name: 'train_1', tab: 'outputs' });
  });

  it('compares files by their content, and outputs where that is known', () => {
    const files = (sha256: string): RunFiles => ({
      code: [{ path: 'train.py', isFolder: false, size: 10, sha256, container: 'c', blob: 'b' }],
      artifacts: [{ path: 'model/weights.bin', isFolder: false, size: 2000, sha256: 'f'.repeat(64) }],
      environment: undefined,
      installed: undefined,
    });
    const both = new Map([
      ['a', files('a'.repeat(64))],
      ['b', files('b'.repeat(64))],
    ]);
    assert.deepEqual(shown([run('a'), run('b')], 'code', both), [['train.py', true, '10 B · aaaaaaaa', '10 B · bbbbbbbb']]);
    assert.deepEqual(shown([run('a'), run('b')], 'artifacts', both), [
      ['model/weights.bin', false, '2.0 kB · ffffffff', '2.0 kB · ffffffff'],
    ]);
    const output = (id: string) =>
      run(id, {
        more: {
          outputs: { out: { jobOutputType: 'uri_folder', uri: `azureml://datastores/workspaceblobstore/paths/azureml/${id}/out/` } },
          properties: { 'updraft.contenthash.out': '12345678ab' },
        },
      });
    assert.equal(section([output('a'), output('b')], 'outputs')[0]!.differs, false);
  });

  it('names the packages that differ', () => {
    const files = (condaFile: string, installed?: string): RunFiles => ({
      code: undefined,
      artifacts: [],
      environment: { id: '', name: '', type: '', properties: { condaFile, image: 'ubuntu' } },
      installed: installed === undefined ? undefined : packagesIn(installed),
    });
    const both = new Map([
      ['a', files('dependencies:\n  - python=3.11\n  - pip:\n      - numpy==2.0\n      - mlflow')],
      ['b', files('dependencies:\n  - python=3.12\n  - pip:\n      - numpy==2.0')],
    ]);
    assert.deepEqual(shown([run('a'), run('b')], 'environment', both), [
      ['Environment', false, 'torch:1', 'torch:1'],
      ['Image', false, 'ubuntu', 'ubuntu'],
      ['mlflow', true, 'any version', undefined],
      ['python', true, '=3.11', '=3.12'],
      ['numpy', false, '==2.0', '==2.0'],
    ]);
    const asked = 'dependencies:\n  - pip:\n      - numpy';
    const freeze = (numpy: string) => `# Python 3.11.7\nnumpy==${numpy}\nhello @ file:///wheels/hello.whl\n-e /code/own\n`;
    const installed = (second?: string) =>
      shown(
        [run('a'), run('b')],
        'environment',
        new Map([
          ['a', files(asked, freeze('2.0.1'))],
          ['b', files(asked, second)],
        ]),
      ).slice(2);
    assert.deepEqual(installed(freeze('2.0.2')), [
      ['numpy', true, '2.0.1', '2.0.2'],
      ['/code/own', false, 'editable', 'editable'],
      ['hello', false, 'from file:///wheels/hello.whl', 'from file:///wheels/hello.whl'],
      ['python', false, '3.11.7', '3.11.7'],
    ]);
    assert.deepEqual(installed(), [['numpy', false, 'any version', 'any version']], 'what only one is known to have is not compared');
  });

  it('is copied whole, as CSV', () => {
    const runs = [run('a', { params: { text: 'x,"y"\n' }, metrics: {} }), run('b', { params: { text: 'z', same: '1' } })];
    const csv = comparisonCsv(sectionsOf(runs, undefined).slice(0, 1), ['first', 'second'], true);
    assert.equal(csv, 'section,name,first,second\r\nParameters,same,,1\r\nParameters,text,"x,""y""\n",z\r\n');
  });
});

describe('packages of a conda file', () => {
  it('are read in the forms that people write', () => {
    const text = [
      'name: x # - no=package',
      'channels:',
      '  - conda-forge',
      'dependencies:',
      '- python>=3.10,<3.13',
      '- "scikit-learn==1.5"  # a comment',
      '- conda-forge::pytorch=2',
      '- pip=24',
      '- pip:',
      '  - \'torch[extra]>=2 ; python_version > "3"\'',
      '  - -r requirements.txt',
      '  - git+https://example.com/x.git#egg=x',
      'variables:',
      '  - no',
    ].join('\r\n');
    assert.deepEqual(
      [...packagesOf(text)],
      [
        ['python', '>=3.10,<3.13'],
        ['scikit-learn', '==1.5'],
        ['pytorch', '=2'],
        ['pip', '=24'],
        ['torch[extra]', '>=2 ; python_version > "3"'],
        ['-r requirements.txt', ''],
        ['git+https://example.com/x.git#egg=x', ''],
      ],
    );
    assert.deepEqual([...packagesOf('')], []);
    assert.deepEqual([...packagesOf('{not: [yaml')], []);
  });
});

describe('the difference to a baseline', () => {
  it('says how much, and never guesses which way is better', () => {
    assert.deepEqual(deltaOf(0.95, 0.9, undefined), { text: '+0.05 (+5.56 %)', isBetter: undefined });
    assert.deepEqual(deltaOf(0.5, 1, 'minimize'), { text: '-0.5 (-50 %)', isBetter: true });
    assert.deepEqual(deltaOf(0.5, 1, 'maximize'), { text: '-0.5 (-50 %)', isBetter: false });
    assert.deepEqual(deltaOf(-1, -2, 'maximize'), { text: '+1 (+50 %)', isBetter: true });
    assert.deepEqual(deltaOf(3, 0, undefined), { text: '+3', isBetter: undefined });
    for (const [value, baseline] of [
      [1, 1],
      [Number.NaN, 1],
      [1, Number.POSITIVE_INFINITY],
      [undefined, 1],
      [1, undefined],
    ] as const)
      assert.equal(deltaOf(value, baseline, 'maximize'), undefined);
  });
});
