import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { TextEdit } from 'vscode-languageserver-types';
import { complete } from '../../../src/language/completion/complete.ts';
import { noNames, type PlaneNames } from '../../../src/language/workspace.ts';
import { SpecDocument } from '../../../src/spec/document.ts';
import { kindOf } from '../../../src/spec/kind.ts';
import { type Kind, kindFacts } from '../../../src/spec/kinds/all.ts';
import { scriptParameters } from '../../../src/spec/scriptParameters.ts';
import { applied, cursorIn, files, project } from './project.ts';

const names: PlaneNames = {
  ...noNames,
  list: async (kind) =>
    kind === 'environments'
      ? [{ name: 'sklearn', latestVersion: '4', description: 'for trees' }]
      : kind === 'computes'
        ? [{ name: 'cpu' }]
        : kind === 'experiments'
          ? [{ name: 'digits' }]
          : [],
  versions: async () => [{ version: '4' }, { version: '3' }],
  shared: async (kind) => (kind === 'environments' ? [{ registry: 'lab', name: 'train', latestVersion: '2' }] : []),
};
const items = (marked: string, more: Record<string, string> = files) => {
  const { context, offset } = project(marked, more, { names });
  return complete(context, offset);
};
const labels = async (marked: string, more?: Record<string, string>) =>
  (await items(marked, more)).sort((a, b) => ((a.sortText ?? a.label) < (b.sortText ?? b.label) ? -1 : 1)).map(({ label }) => label);
/** What expressions would be written, in order. */
const paths = async (marked: string, more?: Record<string, string>) => (await items(marked, more)).map(({ filterText }) => filterText);
/** The text after the item is taken, tab stops as they are written. */
const taken = async (marked: string, label: string, more: Record<string, string> = files) => {
  const { context, offset, document } = project(marked, more, { names });
  const item = (await complete(context, offset)).find((each) => each.label === label);
  assert.ok(item, `"${label}" is offered`);
  return applied(document, [item.textEdit as TextEdit]);
};

const schema = (kind: string) => `$schema: https://azuremlschemas.azureedge.net/latest/${kind}.schema.json\n`;

const pipeline = (step: string, head = '') => `type: pipeline
inputs:
  raw:
    type: uri_folder
    path: ./data
  rate: 0.5
  one:
    type: uri_file
    path: ./data/a.csv
${head}jobs:
  train:
    type: command
    component: ./train.yml
    inputs:
      data: \${{parent.inputs.raw}}
${step}`;

describe('completion of keys', () => {
  it('offers the keys of the kind, those it must have first', async () => {
    const found = await labels(`${schema('commandJob')}type: command\n|\n`);
    assert.deepEqual(found.slice(0, 2), ['command', 'environment']);
    for (const key of ['inputs', 'outputs', 'compute', 'code']) assert.ok(found.includes(key), key);
    assert.ok(!found.includes('type'), 'what is there is not offered again');
  });
  it('replaces a half-typed key, in a file that does not parse', async () => {
    assert.equal(
      await taken('type: command\ncomp|\nenvironment: x\ncommand: "a\n', 'compute'),
      'type: command\ncompute: $1\nenvironment: x\ncommand: "a\n',
    );
  });
  it('keeps what stands behind the colon', async () => {
    assert.equal(
      await taken(`${schema('commandJob')}com|mnd: echo\nenvironment: x\n`, 'command'),
      `${schema('commandJob')}command: echo\nenvironment: x\n`,
    );
  });
  it('fills in what a map must have', async () => {
    assert.match(
      await taken(`${schema('sweepJob')}type: sweep\ntrial:\n  command: x\n|`, 'objective'),
      /objective:\n {2}primary_metric: \$1\n {2}goal: \$\{2\|maximize,minimize\|\}|objective:\n {2}goal: \$\{1\|\w+,\w+\|\}\n {2}primary_metric: \$2/,
    );
  });
  it('knows the keys of a step, by its type', async () => {
    const found = await labels(pipeline('  tune:\n    type: sweep\n    |\n'));
    assert.ok(found.includes('search_space') && found.includes('trial'), found.join());
    const command = await labels(pipeline('  run:\n    type: command\n    |\n'));
    assert.ok(command.includes('environment') && !command.includes('search_space'), command.join());
  });
  it('offers first what says what a new step is', async () => {
    const marked = 'type: pipeline\njobs:\n  a:\n    |\n';
    const found = await labels(marked);
    assert.deepEqual(found.slice(0, 2), ['type', 'component']);
    for (const key of ['command', 'inputs', 'outputs', 'compute'])
      for (const rare of ['body', 'items', 'mapping', 'task']) assert.ok(found.indexOf(key) < found.indexOf(rare), `${key} before ${rare}`);
    assert.match(await taken(marked, 'type'), /a:\n {4}type: \$\{1\|command,pipeline,/);
    assert.deepEqual((await labels(`${schema('sweepJob')}type: sweep\nsearch_space:\n  rate:\n    |\n`, {})).slice(0, 2), [
      'type',
      'values',
    ]);
  });
  it('offers the inputs of the component, those that are missing', async () => {
    const found = await labels('type: pipeline\njobs:\n  a:\n    type: command\n    component: ./train.yml\n    inputs:\n      |\n');
    assert.deepEqual(found.slice(0, 3), ['data', 'note', 'rate']);
    const rest = await labels(pipeline('      |\n'));
    assert.ok(!rest.includes('data') && rest.includes('rate'), rest.join());
  });
  it('offers a step for each component below jobs', async () => {
    const found = await taken('type: pipeline\njobs:\n  |\n', 'score');
    assert.equal(
      found,
      'type: pipeline\njobs:\n  score:\n    type: command\n    component: ./parts/score.yml\n    inputs:\n      model: $1\n      table: $2\n',
    );
  });
  it('works inside of brackets', async () => {
    const found = await labels('type: command\ncommand: x\nenvironment: y\ninputs:\n  a: {|}\n', {});
    assert.ok(found.includes('type') && found.includes('path'), found.join());
    assert.deepEqual(
      await labels('type: command\ncommand: x\nenvironment: y\ninputs:\n  a: {type: uri_fi|, path: x}\n', {}).then((all) =>
        all.filter((each) => each.startsWith('uri_')),
      ),
      ['uri_file', 'uri_folder'],
    );
  });
  it('works in the items of a list', async () => {
    const found = await labels(
      '$schema: https://azuremlschemas.azureedge.net/latest/monitorSchedule.schema.json\nname: m\ncreate_monitor:\n  |\n',
      {},
    );
    assert.ok(found.includes('monitoring_signals') && found.includes('compute'), found.join());
  });
});

describe('completion of values', () => {
  it('offers words and booleans', async () => {
    assert.deepEqual(
      (await labels('type: command\ncommand: x\nenvironment: y\ninputs:\n  a:\n    type: |\n', {})).filter((each) =>
        each.startsWith('uri'),
      ),
      ['uri_file', 'uri_folder'],
    );
    assert.deepEqual((await labels('type: pipeline\nsettings:\n  force_rerun: |\njobs:\n  a:\n    command: x\n', {})).sort(), [
      'false',
      'true',
    ]);
  });
  it('puts the blank behind the colon', async () => {
    assert.equal(
      await taken('type: pipeline\nsettings:\n  force_rerun:|\njobs:\n  a:\n    command: x\n', 'true', {}),
      'type: pipeline\nsettings:\n  force_rerun: true\njobs:\n  a:\n    command: x\n',
    );
  });
  it('offers an input what its type may have: truth values only where it is one', async () => {
    const step = (input: string) =>
      labels(pipeline(`  other:\n    type: command\n    component: ./train.yml\n    inputs:\n      ${input}: |\n`));
    assert.deepEqual(
      (await step('data')).filter((each) => !each.startsWith('./')),
      ['raw', 'model'],
    );
    assert.ok((await step('data')).includes('./data') && !(await step('data')).includes('./data/a.csv'));
    assert.ok(!(await step('rate')).includes('true'));
    const job = (input: string) =>
      labels(
        `type: command\ncode: ./src\ncommand: python train.py --data \${{inputs.data}} --verbose \${{inputs.loud}}\nenvironment: x\ninputs:\n  ${input}: |\n`,
      );
    assert.ok(!(await job('data')).includes('true'));
    assert.deepEqual(await job('loud'), ['false', 'true']);
    assert.deepEqual(await job('unheard_of'), ['false', 'true']);
  });
  it('offers folders for code and components for component', async () => {
    assert.deepEqual(
      (await labels('type: command\ncommand: x\nenvironment: y\ncode: |\n')).filter((each) => each.startsWith('./')),
      ['./data', './parts', './src'].filter((each, index, all) => all.indexOf(each) === index),
    );
    const found = await labels('type: pipeline\njobs:\n  a:\n    component: |\n');
    assert.deepEqual(found, ['./parts/score.yml', './train.yml', 'azureml:train:1']);
    assert.equal(
      await taken('type: pipeline\njobs:\n  a:\n    component: ./parts/s|\n', './parts/score.yml'),
      'type: pipeline\njobs:\n  a:\n    component: ./parts/score.yml\n',
    );
  });
  it('offers names and versions of the plane', async () => {
    const found = await labels('type: command\ncommand: x\nenvironment: |\n', {});
    const curated = 'azureml://registries/azureml/environments/acpt-pytorch-2.8-cuda12.6/labels/latest';
    assert.ok(found.includes(curated), found.join());
    assert.ok(found.includes('azureml:sklearn:4') && found.includes('azureml:sklearn@latest'), found.join());
    assert.ok((await labels('type: command\ncommand: x\nenvironment: azureml:sklearn:|\n', {})).includes('azureml:sklearn:3'));
    assert.ok((await labels('type: command\ncommand: x\nenvironment: y\ncompute: |\n', {})).includes('azureml:cpu'));
    assert.ok((await labels('type: command\ncommand: x\nenvironment: y\nexperiment_name: |\n', {})).includes('digits'));
  });
  it('offers what is in registries, once an address is begun', async () => {
    const found = await labels('type: command\ncommand: x\nenvironment: azureml://|\n', {});
    for (const each of [
      'azureml://registries/lab/environments/train/versions/2',
      'azureml://registries/lab/environments/train/labels/latest',
    ])
      assert.ok(found.includes(each), found.join());
    assert.ok((await labels('type: command\ncommand: x\nenvironment: |\n', {})).every((each) => !each.includes('/lab/')));
  });
});

describe('completion of expressions', () => {
  it("offers the command's own inputs and outputs", async () => {
    assert.deepEqual(await paths('type: command\ninputs:\n  a: 1\noutputs:\n  b:\ncommand: run ${{|\nenvironment: x\n', {}), [
      'inputs.a',
      'outputs.b',
    ]);
    assert.equal(
      await taken('type: command\ninputs:\n  abc: 1\ncommand: run ${{inputs.a|}} x\nenvironment: x\n', 'abc', {}),
      'type: command\ninputs:\n  abc: 1\ncommand: run ${{inputs.abc}} x\nenvironment: x\n',
    );
  });
  it('closes the braces, in a text over several lines', async () => {
    assert.equal(
      await taken('type: command\ninputs:\n  abc: 1\ncommand: >-\n  run\n  ${{|\nenvironment: x\n', 'abc', {}),
      'type: command\ninputs:\n  abc: 1\ncommand: >-\n  run\n  ${{inputs.abc}}\nenvironment: x\n',
    );
  });
  it('offers only what fits the type of the input', async () => {
    const step = (binding: string) =>
      pipeline(`  score:\n    type: command\n    component: ./parts/score.yml\n    inputs:\n      ${binding}\n`);
    assert.deepEqual(await paths(step('model: ${{|}}')), ['parent.inputs.raw', 'parent.inputs.one', 'parent.jobs.train.outputs.model']);
    assert.deepEqual(
      await paths(step('table: ${{parent.|}}')),
      ['parent.inputs.one', 'parent.jobs.train.outputs.model'].filter((each) => each.includes('one') || each.includes('model')),
    );
  });
  it('offers bindings as values', async () => {
    const marked = pipeline('  score:\n    type: command\n    component: ./parts/score.yml\n    inputs:\n      table: |\n');
    const found = await labels(marked);
    assert.ok(found.includes('one') && !found.includes('raw'), found.join());
    assert.match(await taken(marked, 'one'), /table: \$\{\{parent\.inputs\.one\}\}\n/);
  });
  it('shows the end of an expression, where it comes from, and the whole of it beside the list', async () => {
    const found = await items(
      pipeline('  score:\n    type: command\n    component: ./parts/score.yml\n    inputs:\n      model: ${{|}}\n'),
    );
    const { label, labelDetails, detail } = found.find(({ filterText }) => filterText === 'parent.jobs.train.outputs.model')!;
    assert.deepEqual(
      [label, labelDetails?.description, detail],
      ['model', 'output of train', '${{parent.jobs.train.outputs.model}}: custom_model'],
    );
  });
  it("offers the pipeline's outputs to a step's outputs", async () => {
    assert.deepEqual(
      await paths(
        pipeline('    outputs:\n      model: ${{|}}\n', 'outputs:\n  best:\n    type: custom_model\n  log:\n    type: uri_file\n'),
      ),
      ['parent.outputs.best', 'parent.outputs.log'],
    );
  });
});

describe('completion of commands', () => {
  it('offers the parameters of the script that are not used yet, bound to inputs of the same name', async () => {
    const text = 'type: command\ninputs:\n  epochs: 3\ncode: ./src\ncommand: python train.py --data x --|\nenvironment: y\n';
    const found = await labels(text);
    assert.ok(
      found.includes('--epochs') && found.includes('--rate') && found.includes('--verbose') && !found.includes('--data'),
      found.join(),
    );
    assert.match(await taken(text, '--epochs'), /--data x --epochs \$\{\{inputs\.epochs\}\}\n/);
  });
  it('reads argparse, click and typer', () => {
    assert.deepEqual(
      scriptParameters(
        'p.add_argument(\n  "--a-b", # why, not\n  type=int,\n  default=f(1, 2),\n  help="one, "\n  "two")\np.add_argument("path")',
      ).map(({ start, end, ...rest }) => rest),
      [
        { name: '--a-b', type: 'int', default: 'f(1, 2)', help: 'one, two', required: false },
        { name: 'path', required: true },
      ],
    );
    assert.deepEqual(
      scriptParameters(
        'import click\n@click.command()\n@click.option("--count", default=1, help="how often")\n@click.argument("name")\ndef f(count, name): ...',
      ).map(({ start, end, ...rest }) => rest),
      [
        { name: '--count', default: '1', help: 'how often', required: false },
        { name: 'name', required: true },
      ],
    );
    assert.deepEqual(
      scriptParameters(
        'import typer\ndef main(data: str, epochs: int = 3, rate: float = typer.Option(0.1, help="how fast")):\n  ...\ntyper.run(main)\n',
      ).map(({ start, end, ...rest }) => rest),
      [
        { name: 'data', type: 'str', required: true },
        { name: '--epochs', type: 'int', default: '3', required: false },
        { name: '--rate', type: 'float', default: '0.1', help: 'how fast', required: false },
      ],
    );
  });
});

describe('completion in text that people are about to write', () => {
  const document = pipeline(
    '    outputs:\n      model: ${{parent.outputs.best}}\n  score:\n    type: command\n    component: ./parts/score.yml\n',
    'outputs:\n  best:\n    type: custom_model\n',
  ).replaceAll('|', '\\|');
  it('answers at every place of a file cut off there', async () => {
    for (let at = 0; at <= document.length; at += 3) {
      const cut = `${document.slice(0, at)}|`;
      if (!/^type: pipeline\n[\s\S]*\njobs:\n {2}/.test(cut)) continue;
      await items(cut);
    }
  });
});

describe('completion in a file that is nothing yet', () => {
  const offered = (text: string) => {
    const { text: written, offset } = cursorIn(text);
    const document = new SpecDocument('/w/new.yml', written);
    const context = {
      ours: { document, kind: undefined, field: undefined },
      workspace: project('type: command\ncommand: x\nenvironment: y\n').index,
      names: noNames,
    };
    return complete(context, offset).then((found) => ({ document, found, labels: found.map(({ label }) => label) }));
  };
  it('makes a file of each kind, with what it must have', async () => {
    for (const text of ['|', '# mine\n\n|', 'comm|']) {
      const { document, found, labels } = await offered(text);
      assert.ok(labels.includes('$schema') && labels.includes('type'), labels.join());
      const job = found.find(({ label }) => label === 'command job')!;
      const made = applied(document, [job.textEdit as TextEdit]);
      assert.match(made, /\\\$schema: https:\/\/\S+\/commandJob\.schema\.json\ntype: command\ncommand: \$1\nenvironment: \$2\n\$0$/);
    }
  });
  it('each of which is then recognised as that kind', async () => {
    for (const item of (await offered('|')).found.filter(({ labelDetails }) => labelDetails)) {
      const text = (item.textEdit as TextEdit).newText
        .replace(/\$\{\d+\|([^,|]*)[^}]*\}/g, '$1')
        .replace(/\$\{\d+:([^}]*)\}/g, '$1')
        .replace(/(?<!\\)\$\d+/g, 'x')
        .replaceAll('\\$', '$');
      const { kind } = kindOf(new SpecDocument('/w/new.yml', text.replace(/x$/, ''))) ?? {};
      assert.ok(
        kind && kindFacts[kind].family === kindFacts[item.labelDetails!.description as Kind].family,
        `${item.label}: ${kind}\n${text}`,
      );
    }
  });
  it('offers the words that say what it is, and only what is not there', async () => {
    assert.ok((await offered('$schema: |')).labels.every((label) => label.startsWith('https://azuremlschemas')));
    assert.deepEqual((await offered('type: |')).labels.slice(0, 3), ['command', 'pipeline', 'sweep']);
    assert.deepEqual((await offered('type: comand\n|')).labels, ['$schema']);
    assert.deepEqual((await offered('a:\n  b|')).labels, []);
  });
});
