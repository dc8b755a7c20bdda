import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { consumers, sources, stepAt } from '../../../src/language/callHierarchy.ts';
import { documentLinks } from '../../../src/language/documentLinks.ts';
import { folding } from '../../../src/language/folding.ts';
import { definition, type FilePlace, highlights, references } from '../../../src/language/navigation.ts';
import { outline } from '../../../src/language/outline.ts';
import { rename, renameRange } from '../../../src/language/rename.ts';
import { selection } from '../../../src/language/selection.ts';
import { applied, files, type Project, project } from './project.ts';

const main = `type: pipeline
inputs:
  raw:
    type: uri_folder
    path: ./data
outputs:
  best:
    type: custom_model
jobs:
  train:
    type: command
    component: ./train.yml
    inputs:
      data: \${{parent.inputs.raw}}
      rate: 0.2
    outputs:
      model: \${{parent.outputs.best}}
  score:
    type: command
    component: ./parts/score.yml
    inputs:
      model: \${{parent.jobs.train.outputs.model}}
      table: \${{parent.jobs.show.outputs.table}}
  show:
    type: command
    command: cat \${{inputs.x}} > \${{outputs.table}}
    environment: azureml:e:1
    inputs:
      x: \${{parent.jobs.train.outputs.model}}
    outputs:
      table:
        type: uri_file
`;
/** The pipeline with the cursor before (or in) the nth place of a text. */
const at = (text: string, nth = 1, into = 0) => {
  let from = -1;
  for (let count = 0; count < nth; count++) from = main.indexOf(text, from + 1);
  assert.ok(from >= 0, text);
  return project(`${main.slice(0, from + into)}|${main.slice(from + into)}`, files);
};
const show = ({ index }: Project, places: FilePlace[]) =>
  places.map(({ file, range }) => {
    const text = index.files.readText(file)!.split('\n')[range.start.line]!.trim();
    return `${file.slice(3)}:${range.start.line + 1} ${text.slice(0, 60)}`;
  });
const definitions = (given: Project) => show(given, definition(given.context, given.offset));

describe('definition', () => {
  it('of a pipeline input, a step, an output in a component file', () => {
    assert.deepEqual(definitions(at('parent.inputs.raw', 1, 16)), ['main.yml:3 raw:']);
    assert.deepEqual(definitions(at('parent.jobs.train', 1, 14)), ['main.yml:10 train:']);
    assert.deepEqual(definitions(at('train.outputs.model', 1, 16)), ['train.yml:16 model:']);
    assert.deepEqual(definitions(at('show.outputs.table', 1, 15)), ['main.yml:31 table:']);
    assert.deepEqual(definitions(at('parent.outputs.best', 1, 17)), ['main.yml:7 best:']);
  });
  it('of an input in a command in place, of a binding in its component', () => {
    assert.deepEqual(definitions(at('inputs.x', 1, 8)), ['main.yml:29 x: ${{parent.jobs.train.outputs.model}}']);
    assert.deepEqual(definitions(at('data: $', 1, 1)), ['train.yml:6 data:']);
  });
  it('of a component file', () =>
    assert.deepEqual(definitions(at('./parts', 1, 3)), ['parts/score.yml:1 $schema: https://azuremlschemas.azureedge.net/latest/command']));
  it('of a script and of its parameter', () => {
    const text = files['train.yml'];
    const open = (word: string, into: number) => {
      const from = text.indexOf(word);
      return project(`${text.slice(0, from + into)}|${text.slice(from + into)}`, { ...files, 'main.yml': main }, { main: 'train.yml' });
    };
    assert.deepEqual(definitions(open('train.py', 3)), ['src/train.py:1 import argparse']);
    assert.deepEqual(definitions(open('--rate', 3)), ['src/train.py:4 parser.add_argument("--rate", type=float, default=0.1)']);
  });
});

describe('references', () => {
  it('of a step and of an output, across files', () => {
    const step = at('train:', 1, 2);
    assert.deepEqual(show(step, references(step.context, step.offset, false)), [
      'main.yml:22 model: ${{parent.jobs.train.outputs.model}}',
      'main.yml:29 x: ${{parent.jobs.train.outputs.model}}',
    ]);
    const output = at('train.outputs.model', 1, 16);
    assert.deepEqual(
      show(output, references(output.context, output.offset, true))
        .map((each) => each.split(' ')[0])
        .sort(),
      ['main.yml:17', 'main.yml:22', 'main.yml:29', 'train.yml:16', 'train.yml:19'],
    );
  });
  it('of a component, by its name', () => {
    const given = project(files['train.yml'].replace('name: train', 'name: tr|ain'), { ...files, 'main.yml': main }, { main: 'train.yml' });
    assert.deepEqual(show(given, references(given.context, given.offset, true)), [
      'main.yml:12 component: ./train.yml',
      'train.yml:2 name: train',
    ]);
  });
  it('marks the places of a thing in the file', () => {
    const given = at('raw:', 1, 1);
    assert.equal(highlights(given.context, given.offset).length, 2);
  });
});

describe('rename', () => {
  it('changes a step everywhere', () => {
    const given = at('  train:', 1, 3);
    assert.equal(renameRange(given.context, given.offset)?.placeholder, 'train');
    const { edits } = rename(given.context, given.offset, 'fit');
    assert.deepEqual([...edits.keys()], ['/w/main.yml']);
    const text = applied(given.document, edits.get('/w/main.yml')!);
    assert.equal(text, main.replace('  train:\n', '  fit:\n').replaceAll('parent.jobs.train.', 'parent.jobs.fit.'));
  });
  it("changes a component's input and its bindings, in all files", () => {
    const given = project(files['train.yml'].replace('  data:', '  da|ta:'), { ...files, 'main.yml': main }, { main: 'train.yml' });
    const { edits } = rename(given.context, given.offset, 'table');
    assert.deepEqual([...edits.keys()].sort(), ['/w/main.yml', '/w/train.yml']);
    assert.equal(
      applied(given.document, edits.get('/w/train.yml')!),
      files['train.yml'].replace('  data:', '  table:').replace('inputs.data', 'inputs.table'),
    );
    const user = given.index.open('/w/main.yml')!.document;
    assert.equal(applied(user, edits.get('/w/main.yml')!), main.replace('      data:', '      table:'));
  });
  const registered = `type: pipeline\njobs:\n  a:\n    component: "azureml:train:3"\n  b:\n    component: azureml:train@latest\n  c:\n    component: azureml:trainer:1\n`;
  it('changes a component where it says its name and where it is registered, in all files', () => {
    const others = { ...files, 'main.yml': main, 'registered.yml': registered };
    const given = project(files['train.yml'].replace('name: train', 'name: "tr|ain"'), others, { main: 'train.yml' });
    assert.equal(renameRange(given.context, given.offset)?.placeholder, 'train');
    const { edits, move } = rename(given.context, given.offset, 'fit');
    assert.equal(move, undefined);
    assert.deepEqual([...edits.keys()].sort(), ['/w/registered.yml', '/w/train.yml']);
    assert.match(applied(given.document, edits.get('/w/train.yml')!), /^name: "fit"$/m);
    const user = given.index.open('/w/registered.yml')!.document;
    assert.equal(applied(user, edits.get('/w/registered.yml')!), registered.replace('train:3', 'fit:3').replace('train@', 'fit@'));
    assert.throws(() => rename(given.context, given.offset, 'score'), /a component "score" already/);
    assert.throws(() => rename(given.context, given.offset, 'Fit'), /no name for a component/);
    const used = project(registered.replace('train@latest', 'tr|ain@latest'), { ...files });
    assert.deepEqual([...rename(used.context, used.offset, 'fit').edits.keys()].sort(), ['/w/main.yml', '/w/train.yml']);
    assert.deepEqual(
      definition(used.context, used.offset).map(({ file }) => file),
      ['/w/train.yml'],
    );
    assert.deepEqual(
      references(given.context, given.offset, true)
        .map(({ file }) => file)
        .sort(),
      ['/w/main.yml', '/w/registered.yml', '/w/registered.yml', '/w/train.yml'],
    );
  });
  it("changes a component's file where it is named by its path, in all files", () => {
    const other = 'type: pipeline\njobs:\n  a:\n    component: "../train.yml"\n  b:\n    component: file:../train.yml\n';
    const given = project(main.replace('./train.yml', './tr|ain.yml'), { ...files, 'deep/other.yml': other });
    assert.equal(renameRange(given.context, given.offset)?.placeholder, 'train.yml');
    const { edits, move } = rename(given.context, given.offset, 'fit.yml');
    assert.deepEqual(move, { from: '/w/train.yml', to: '/w/fit.yml' });
    assert.equal(applied(given.document, edits.get('/w/main.yml')!), main.replace('./train.yml', './fit.yml'));
    assert.equal(
      applied(given.index.open('/w/deep/other.yml')!.document, edits.get('/w/deep/other.yml')!),
      other.replaceAll('train.yml', 'fit.yml'),
    );
    assert.throws(() => rename(given.context, given.offset, 'src/../main.yml'), /no name for a file/);
    assert.throws(() => rename(given.context, given.offset, 'main.yml'), /already/);
  });
  it('refuses names that can not be, or are taken', () => {
    const given = at('  train:', 1, 3);
    assert.throws(() => rename(given.context, given.offset, 'My Step'), /no name for a step/);
    assert.throws(() => rename(given.context, given.offset, 'score'), /already/);
  });
});

describe('the shape of a document', () => {
  it('links paths by what the schema says of their keys', () => {
    const given = at('jobs');
    assert.deepEqual(
      documentLinks(given.context).map(({ file, range }) => `${range.start.line + 1} ${file.slice(3)}`),
      ['5 data', '12 train.yml', '20 parts/score.yml'],
    );
  });
  it('outlines steps with their components', () => {
    const symbols = outline(at('jobs').document);
    assert.deepEqual(
      symbols.map(({ name }) => name),
      ['type', 'inputs', 'outputs', 'jobs'],
    );
    assert.deepEqual(
      symbols[3]!.children!.map(({ name, detail }) => `${name} ${detail}`),
      ['train ./train.yml', 'score ./parts/score.yml', 'show command'],
    );
  });
  it('folds by indentation', () => {
    const ranges = folding(at('jobs').document).map(({ startLine, endLine }) => `${startLine + 1}-${endLine + 1}`);
    for (const range of ['2-5', '9-32', '10-17', '13-15']) assert.ok(ranges.includes(range), `${range} of ${ranges.join()}`);
  });
  it('grows the selection from a word to the file', () => {
    const given = at('train.outputs.model', 1, 2);
    const texts: string[] = [];
    for (let range: ReturnType<typeof selection> | undefined = selection(given.document, given.offset); range; range = range.parent) {
      const { start, end } = range.range;
      texts.push(
        given.document.text.slice(
          given.document.lineStart(start.line) + start.character,
          given.document.lineStart(end.line) + end.character,
        ),
      );
    }
    assert.deepEqual(texts.slice(0, 4), [
      'train',
      'parent.jobs.train.outputs.model',
      '${{parent.jobs.train.outputs.model}}',
      'model: ${{parent.jobs.train.outputs.model}}',
    ]);
    assert.equal(texts.at(-1), main);
  });
  it('leads along the pipeline', () => {
    const given = at('component: ./train.yml', 1, 3);
    const step = stepAt(given.context, given.offset)!;
    assert.equal(step.step, 'train');
    assert.deepEqual(
      consumers(given.index, step).map(({ item }) => item.step),
      ['score', 'show'],
    );
    assert.deepEqual(
      sources(given.index, stepAt(given.context, main.indexOf('./parts'))!).map(({ item, places }) => `${item.step} ${places.length}`),
      ['train 1', 'show 1'],
    );
  });
  it('finds names in the workspace', () => {
    const given = at('jobs');
    assert.deepEqual(
      given.index
        .declarations('scr')
        .map(({ name, file }) => `${name} ${file.slice(3)}`)
        .sort(),
      ['score main.yml', 'score parts/score.yml', 'scores parts/score.yml'],
    );
    assert.deepEqual(given.index.usersOf('/w/train.yml'), ['/w/main.yml']);
    assert.deepEqual(
      given.index
        .componentFiles()
        .map(({ name }) => name)
        .sort(),
      ['score', 'train'],
    );
  });
});

describe('the index', () => {
  it('follows edits and the disk', () => {
    const given = at('jobs');
    const { document, index } = given;
    const from = document.text.indexOf('./train.yml');
    document.edit(from, from + './train.yml'.length, './other.yml');
    index.edited(document.file);
    assert.deepEqual(index.usersOf('/w/train.yml'), []);
    assert.ok(index.check(document.file).some(({ code, message }) => code === 'MissingFile' && message.includes('other.yml')));
    given.files['other.yml'] = files['train.yml'];
    index.changed('/w/other.yml');
    assert.ok(!index.check(document.file).some(({ code }) => code === 'MissingFile'), JSON.stringify(index.check(document.file)));
    delete given.files['other.yml'];
    index.removed('/w/other.yml');
    assert.ok(index.check(document.file).some(({ code }) => code === 'MissingFile'));
  });

  it('wants a name of a component only while no other file names it', () => {
    const component =
      'type: command\ncommand: x\nenvironment: azureml:e:1\n$schema: https://azuremlschemas.azureedge.net/latest/commandComponent.schema.json\n';
    const { index, files } = project(component, { 'user.yml': 'type: pipeline\njobs:\n  a: {component: ./main.yml}\n' });
    const codes = () => index.check('/w/main.yml').map(({ code }) => code);
    assert.deepEqual(codes(), []);
    delete files['user.yml'];
    index.removed('/w/user.yml');
    assert.deepEqual(codes(), ['MissingField']);
  });
  it('checks a file again when a component that it names was edited', () => {
    const given = at('jobs');
    assert.deepEqual(
      given.index.check('/w/main.yml').filter(({ severity }) => severity === 'error'),
      [],
    );
    given.files['train.yml'] = files['train.yml'].replace('  data:', '  table:').replace('inputs.data', 'inputs.table');
    assert.deepEqual(given.index.changed('/w/train.yml'), ['/w/main.yml']);
    assert.deepEqual(
      given.index
        .check('/w/main.yml')
        .filter(({ severity }) => severity === 'error')
        .map(({ code }) => code)
        .sort(),
      ['MissingInput', 'UnknownInput'],
    );
  });
});
