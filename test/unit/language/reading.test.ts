import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { codeLenses } from '../../../src/language/codeLenses.ts';
import { hover } from '../../../src/language/hover.ts';
import { inlayHints } from '../../../src/language/inlayHints.ts';
import { semanticTokens, tokenTypes } from '../../../src/language/semanticTokens.ts';
import { noNames, type PlaneNames } from '../../../src/language/workspace.ts';
import { files, project } from './project.ts';

const names: PlaneNames = {
  ...noNames,
  list: async (kind) =>
    kind === 'environments' ? [{ name: 'sklearn', latestVersion: '4', description: 'for trees', tags: { team: 'ml' } }] : [],
  versions: async () => [],
  shared: async (kind) => (kind === 'models' ? [{ registry: 'lab', name: 'digits', latestVersion: '7', description: 'of hands' }] : []),
};
const hoverText = async (marked: string, more: Record<string, string> = files) => {
  const { context, offset } = project(marked, more, { names });
  const found = await hover(context, offset);
  return found ? (found.contents as { value: string }).value : undefined;
};
const pipeline = (body: string) =>
  `type: pipeline\ninputs:\n  raw:\n    type: uri_folder\n    path: ./data\n    description: The raw table.\njobs:\n${body}`;

describe('hover', () => {
  it('explains keys and words', async () => {
    const key = await hoverText('type: command\ncommand: x\nenvironment: y\nco|de: ./src\n');
    assert.match(key!, /\*\*code\*\* · a folder/);
    assert.match(key!, /Folder that is uploaded/);
    const word = await hoverText('type: command\ncommand: x\nenvironment: y\ninputs:\n  a:\n    type: uri_f|ile\n    path: ./data/a.csv\n');
    assert.match(word!, /One file/);
  });
  it('resolves expressions', async () => {
    const text = await hoverText(
      pipeline('  a:\n    type: command\n    component: ./train.yml\n    inputs:\n      data: ${{parent.inputs.r|aw}}\n'),
    );
    assert.match(text!, /parent\.inputs\.raw\*\* · `uri_folder`/);
    assert.match(text!, /Value: `\.\/data`/);
    assert.match(text!, /The raw table/);
    assert.match(
      (await hoverText(
        pipeline('  a:\n    type: command\n    component: ./train.yml\n    inputs:\n      data: ${{parent.inputs.no|}}\n'),
      ))!,
      /not known here/,
    );
  });
  it("shows a component's signature, and what it says of an input", async () => {
    assert.match(
      (await hoverText(pipeline('  a:\n    component: ./tr|ain.yml\n')))!,
      /\*\*train\*\*[\s\S]*Fits a model[\s\S]*`rate`: number, optional = 0\.1[\s\S]*`model`: custom_model/,
    );
    assert.match(
      (await hoverText(pipeline('  a:\n    component: ./train.yml\n    inputs:\n      da|ta: x\n')))!,
      /uri_folder`, required[\s\S]*The table[\s\S]*train\.yml/,
    );
  });
  it('shows an asset of the plane, and what its @latest is', async () => {
    const text = await hoverText('type: command\ncommand: x\nenvironment: azureml:skl|earn@latest\n');
    assert.match(text!, /for trees[\s\S]*`@latest` is `azureml:sklearn:4` now[\s\S]*team: ml/);
    for (const reference of ['azureml://registries/azureml/environments/skle|arn-1.5/versions/12', 'azureml:AzureML-skle|arn-1.5@latest'])
      assert.match(
        (await hoverText(`type: command\ncommand: x\nenvironment: ${reference}\n`))!,
        /sklearn-1\.5\*\* · curated[\s\S]*Python 3\.10/,
      );
    assert.match((await hoverText('type: command\ncommand: x\nenvironment: azureml:ot|her:1\n'))!, /not among the environments/);
  });
  it('shows an asset of a registry, wherever it is named, and what its label is', async () => {
    const input = (path: string) => `type: command\ncommand: x\nenvironment: y\ninputs:\n  m:\n    type: custom_model\n    path: ${path}\n`;
    assert.match(
      (await hoverText(input('azureml://registries/lab/models/dig|its/labels/latest')))!,
      /\*\*digits\*\* · models in the registry lab[\s\S]*of hands[\s\S]*`labels\/latest` is `versions\/7` now/,
    );
    assert.match(
      (await hoverText('type: command\ncommand: x\nenvironment: azureml://registries/lab/environments/tr|ain/versions/1\n'))!,
      /\*\*train\*\* is not among the environments that you may see in the registry lab/,
    );
  });
  it('is silent between things', async () => assert.equal(await hoverText('type: command\ncommand: x\n|\nenvironment: y\n'), undefined));
});

describe('reading aids', () => {
  it('colours steps, inputs and the parts of expressions', () => {
    const { document } = project(
      pipeline('  a:\n    type: command\n    component: azureml:c:1\n    inputs:\n      x: ${{parent.inputs.raw}}\n'),
      files,
    );
    const data = semanticTokens(document);
    let line = 0;
    let column = 0;
    const tokens: string[] = [];
    for (let at = 0; at < data.length; at += 5) {
      column = data[at] ? data[at + 1]! : column + data[at + 1]!;
      line += data[at]!;
      const start = document.lineStart(line) + column;
      tokens.push(`${tokenTypes[data[at + 3]!]} ${document.text.slice(start, start + data[at + 2]!)}`);
    }
    assert.deepEqual(tokens, [
      'parameter raw',
      'function a',
      'namespace azureml:',
      'property c',
      'enumMember 1',
      'parameter x',
      'operator ${{',
      'namespace parent',
      'namespace inputs',
      'parameter raw',
      'operator }}',
    ]);
  });
  it('hints at types, defaults and versions', async () => {
    const { context, document } = project(
      pipeline(
        '  a:\n    type: command\n    component: ./train.yml\n    inputs:\n      data: ${{parent.inputs.raw}}\n  b:\n    command: x\n    environment: azureml:sklearn@latest\n',
      ),
      files,
      { names },
    );
    const hints = await inlayHints(context, 0, document.text.length);
    assert.deepEqual(hints.map(({ label }) => String(label).trim()).sort(), [': uri_folder', '= 4', 'rate = 0.1'].sort());
  });
  it('has a lens for what can be done', () => {
    const titles = (text: string, more: Record<string, string> = {}, main = 'main.yml') =>
      codeLenses(project(text, more, { main }).context).map(({ title }) => title);
    assert.deepEqual(titles('type: command\ncommand: x\nenvironment: y\nexperiment_name: e\n'), [
      '$(play) Submit',
      'Submit with changes…',
      'What will run',
      '$(check) Validate',
    ]);
    assert.deepEqual(titles('name: s\ntrigger: {type: cron, expression: "0 3 * * *"}\ncreate_job: ./job.yml\n'), [
      '$(watch) Create',
      '$(check) Validate',
    ]);
    assert.deepEqual(titles(files['train.yml'], { ...files, 'main.yml': pipeline('  a:\n    component: ./train.yml\n') }, 'train.yml'), [
      '$(add) Create',
      '$(check) Validate',
      'used by 1 file',
    ]);
  });
});
