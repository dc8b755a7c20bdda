import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { Action } from '../../../src/language/actions/action.ts';
import { quickFixes } from '../../../src/language/actions/quickFixes.ts';
import { refactorings } from '../../../src/language/actions/refactorings.ts';
import { noNames, type PlaneNames } from '../../../src/language/workspace.ts';
import { applied, files, project } from './project.ts';

const schema = '$schema: https://azuremlschemas.azureedge.net/latest/commandJob.schema.json\n';
const names: PlaneNames = { ...noNames, list: async () => [{ name: 'env', latestVersion: '7' }], versions: async () => [] };

/** What a fix of the first diagnostic with that code makes of the text. */
function fixed(text: string, code: string, title: RegExp, more: Record<string, string> = files): string {
  const { context, index, document } = project(text, more);
  const found = index.check(document.file);
  const diagnostic = found.find((each) => each.code === code);
  assert.ok(diagnostic, `${code} is reported: ${JSON.stringify(found.map((each) => `${each.code} ${each.message}`))}`);
  const action = quickFixes(context, diagnostic).find((each) => title.test(each.title));
  assert.ok(action, `${title} is offered: ${quickFixes(context, diagnostic).map((each) => each.title)}`);
  return applied(document, action.edits.get(document.file)!);
}
const refactored = async (
  marked: string,
  title: RegExp,
  more: Record<string, string> = files,
): Promise<{ text: string; action: Action; errors: string[] }> => {
  const given = project(marked, more, { names });
  const action = (await refactorings(given.context, given.offset)).find((each) => title.test(each.title));
  assert.ok(action, `${title} is offered: ${(await refactorings(given.context, given.offset)).map((each) => each.title)}`);
  const text = applied(given.document, action.edits.get('/w/main.yml')!);
  for (const { file, text: content } of action.create ?? []) given.files[file.slice(3)] = content;
  const again = project(
    text.replaceAll('|', '\\|'),
    Object.fromEntries(Object.entries(given.files).filter(([file]) => file !== 'main.yml')),
  );
  const errors = again.index
    .check('/w/main.yml')
    .filter(({ severity }) => severity === 'error')
    .map(({ file, message }) => `${file} ${message}`);
  return { text, action, errors };
};
const pipeline = (body: string, head = '') =>
  `type: pipeline\ninputs:\n  raw:\n    type: uri_folder\n    path: ./data\n${head}jobs:\n${body}`;

describe('quick fixes', () => {
  it('take the nearest key, word and name', () => {
    assert.equal(
      fixed('type: command\ncommand: x\nenvironment: azureml:e:1\ncomptue: c\n', 'UnknownKey', /^Change/),
      'type: command\ncommand: x\nenvironment: azureml:e:1\ncompute: c\n',
    );
    assert.match(
      fixed('type: command\ncommand: cat ${{inputs.dta}}\nenvironment: azureml:e:1\ninputs:\n  data: 1\n', 'InvalidReference', /^Change/),
      /cat \$\{\{inputs\.data\}\}/,
    );
    assert.match(
      fixed(pipeline('  a:\n    component: ./train.yml\n    inputs:\n      data: ${{parent.inputs.rwa}}\n'), 'InvalidReference', /^Change/),
      /\$\{\{parent\.inputs\.raw\}\}/,
    );
  });
  it('take the nearest name of the plane', () => {
    const lacking: PlaneNames = {
      ...names,
      assets: { has: () => false, versions: () => [], names: () => ['trees'], component: () => undefined },
    };
    const { context, index, document } = project('type: command\ncommand: x\nenvironment: azureml:tres:3\n', {}, { names: lacking });
    const [diagnostic] = index.check(document.file);
    const [action] = quickFixes(context, diagnostic!);
    assert.equal(applied(document, action!.edits.get(document.file)!), 'type: command\ncommand: x\nenvironment: azureml:trees:3\n');
  });
  it('take the ending that the file has', () => {
    assert.equal(
      fixed(pipeline('  a:\n    component: ./train.yaml\n'), 'MissingFile', /^Change/),
      pipeline('  a:\n    component: ./train.yml\n'),
    );
  });
  it('add what is missing', () => {
    assert.equal(
      fixed(`${schema}type: command\ncommand: x\nexperiment_name: e\ninputs:\n  a: 1\n`, 'MissingField', /^Add/),
      `${schema}type: command\ncommand: x\nexperiment_name: e\ninputs:\n  a: 1\nenvironment: \n`,
    );
    assert.equal(
      fixed(pipeline('  a:\n    component: ./train.yml\n    inputs:\n      rate: 1\n'), 'MissingInput', /^Add/),
      pipeline('  a:\n    component: ./train.yml\n    inputs:\n      rate: 1\n      data: \n'),
    );
    assert.equal(
      fixed(pipeline('  a:\n    component: ./train.yml\n'), 'MissingInput', /^Add/),
      pipeline('  a:\n    component: ./train.yml\n    inputs:\n      data: \n'),
    );
  });
  it('declare an input that a command reads', () => {
    assert.equal(
      fixed('type: command\ncommand: cat ${{inputs.xyz}}\nenvironment: azureml:e:1\n', 'InvalidReference', /^Declare/),
      'type: command\ncommand: cat ${{inputs.xyz}}\nenvironment: azureml:e:1\ninputs:\n  xyz: ""\n',
    );
  });
  it('wrap an optional input', () => {
    const text = files['train.yml'].replace('$[[--note ${{inputs.note}}]]', '--note ${{inputs.note}}');
    assert.equal(fixed(text, 'OptionalInput', /^Wrap/, { 'src/train.py': '' }), files['train.yml']);
  });
  it('ignore a line', () =>
    assert.match(
      fixed('type: command\ncommand: x\nenvironment: azureml:e:1\ncomptue: c\n', 'UnknownKey', /^Ignore/),
      /comptue: c {2}# updraft-ignore UnknownKey\n/,
    ));
});

describe('refactorings', () => {
  it('write the braces', async () =>
    assert.match(
      (await refactored('type: command\ncommand: cat {inp|uts.a} ${inputs.a}\nenvironment: azureml:e:1\ninputs:\n  a: 1\n', /\$\{\{/)).text,
      /cat \$\{\{inputs\.a\}\} \$\{\{inputs\.a\}\}\n/,
    ));
  it('add $schema', async () =>
    assert.match(
      (await refactored('type: comm|and\ncommand: x\nenvironment: azureml:e:1\n', /schema/)).text,
      /^\$schema: https:.*\/commandJob\.schema\.json\ntype: command\n/,
    ));
  it('pin @latest', async () =>
    assert.match(
      (await refactored('type: command\ncommand: x\nenvironment: azureml:e|nv@latest\n', /^Pin/)).text,
      /environment: azureml:env:7\n/,
    ));
  it('sort inputs', async () => {
    const { text } = await refactored(
      'type: command\ncommand: x ${{inputs.a}} ${{inputs.b}}\nenvironment: azureml:e:1\ninputs:\n  b: 1\n  # about a\n  a:|\n    type: uri_folder\n    path: ./data\n',
      /^Sort/,
    );
    assert.match(text, /inputs:\n {2}# about a\n {2}a:\n {4}type: uri_folder\n {4}path: \.\/data\n {2}b: 1\n$/);
  });
  it('extract a step to a component and put it back', async () => {
    const step = `  clean:
    type: command
    command: clean \${{inputs.table}} \${{inputs.count}} \${{outputs.out}}
    code: ./src
    environment: azureml:e:1
    compute: azureml:cpu
    inputs:
      table: \${{parent.inputs.raw}}
      count: 3
    outputs:
      out:
        type: uri_folder
`;
    const out = await refactored(pipeline(step.replace('command: clean', 'command: cle|an')), /^Extract/);
    assert.deepEqual(out.errors, []);
    assert.equal(out.action.create![0]!.file, '/w/clean.yml');
    assert.match(
      out.action.create![0]!.text,
      /name: clean\ntype: command\ninputs:\n {2}table:\n {4}type: uri_folder\n {2}count:\n {4}type: integer\noutputs:\n {2}out:\n {4}type: uri_folder\ncommand: clean/,
    );
    assert.equal(
      out.text,
      pipeline(
        `  clean:\n    type: command\n    component: ./clean.yml\n    compute: azureml:cpu\n    inputs:\n      table: \${{parent.inputs.raw}}\n      count: 3\n`,
      ),
    );
    const back = await refactored(out.text.replace('./clean.yml', './cle|an.yml'), /in place$/, {
      ...files,
      'clean.yml': out.action.create![0]!.text,
    });
    assert.deepEqual(back.errors, []);
    assert.match(back.text, /command: clean \$\{\{inputs\.table\}\}/);
    assert.match(back.text, /outputs:\n {6}out:\n {8}type: uri_folder\n$/);
    assert.ok(!back.text.includes('component:'));
  });
  it('turn a command job into a pipeline', async () => {
    const { text, errors } = await refactored(
      'type: command\ndisplay_name: Fit it\ncommand: |-\n  cat ${{inputs.a}}\nenvironment: azureml:e:1\ncompute: azureml:cpu\ninputs:\n  a:|\n    type: uri_folder\n    path: ./data\n'.replace(
        '|-',
        '\\|-',
      ),
      /step of a pipeline/,
    );
    assert.deepEqual(errors, []);
    assert.match(
      text,
      /type: pipeline\ndisplay_name: Fit it\nsettings:\n {2}default_compute: azureml:cpu\njobs:\n {2}fit_it:\n {4}type: command\n {4}command: \|-\n {6}cat \$\{\{inputs\.a\}\}\n/,
    );
  });
});
