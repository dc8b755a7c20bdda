import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { readModelFile } from '../../../webview/model/modelFile.ts';
import { fieldsOf } from '../../../webview/model/signature.ts';
import { snippetsOf } from '../../../webview/model/snippets.ts';
import { type ToldVersion, versionSections } from '../../../webview/model/versionRows.ts';

/** As MLflow writes it. */
const text = `flavors:
  python_function:
    env:
      conda: conda.yaml
    loader_module: mlflow.sklearn
    python_version: 3.11.7
  sklearn:
    code: null
    sklearn_version: 1.9.1
mlflow_version: 3.17.2
signature:
  inputs: '[{"type": "double", "name": "width", "required": true}, {"type": "string",
    "name": "the owner''s kind", "required": false}]'
  outputs: '[{"type": "tensor", "tensor-spec": {"dtype": "int64", "shape": [-1]}}]'
  params: '[{"name": "threshold", "default": 0.5, "shape": null, "type": "double"}]'
type_hint_from_example: false
utc_time_created: '2026-11-26 19:52:59.780926'
`;

describe('the MLmodel file of a version', () => {
  it('tells flavors and signature', () => {
    const file = readModelFile(text);
    assert.deepEqual([...file.flavors.keys()], ['python_function', 'sklearn']);
    assert.equal(file.flavors.get('sklearn')!.get('sklearn_version'), '1.9.1');
    assert.deepEqual([file.mlflowVersion, file.madeAt], ['3.17.2', '2026-11-26 19:52:59.780926']);
    assert.deepEqual(fieldsOf(file, 'inputs'), [
      { name: 'width', type: 'double', note: '' },
      { name: "the owner's kind", type: 'string', note: 'optional' },
    ]);
    assert.deepEqual(fieldsOf(file, 'outputs'), [{ name: '', type: 'int64 (-1,)', note: '' }]);
    assert.deepEqual(fieldsOf(file, 'params'), [{ name: 'threshold', type: 'double', note: 'default 0.5' }]);
  });

  it('is read in double quotes too, and with types within types', () => {
    const file = readModelFile(
      'signature:\n  inputs: "[{\\"type\\": \\"array\\", \\"items\\": {\\"type\\": \\"object\\", \\"properties\\":\\\n    \\ {\\"role\\": {\\"type\\": \\"string\\"}}}, \\"name\\": \\"gr\\xF6\\xDFe\\"}]"\n  outputs: null\n',
    );
    assert.deepEqual(fieldsOf(file, 'inputs'), [{ name: 'größe', type: 'list of { role: string }', note: '' }]);
    assert.equal(fieldsOf(file, 'outputs'), undefined);
  });

  it('is never trusted: what it is not leaves it without a signature', () => {
    for (const bad of [
      '',
      'signature:\n  inputs: \'[{"type"',
      'signature:\n  inputs: "\\',
      'signature:\n  inputs: \'{"a": 1}\'',
      '\0\0',
      '{}',
    ])
      assert.equal(fieldsOf(readModelFile(bad), 'inputs'), undefined, bad);
    assert.deepEqual(fieldsOf(readModelFile("signature:\n  inputs: '[null, 1, []]'"), 'inputs')!.length, 3);
    const open = `signature:\n  inputs: '${'"x",\n    '.repeat(200_000)}`;
    assert.equal(fieldsOf(readModelFile(open), 'inputs'), undefined);
  });

  it('is compared with that of another version, what differs first', () => {
    const told = (accuracy: number, file: string, aliases: string[] = []): ToldVersion => ({
      version: { id: '', name: '', type: '', properties: { modelUri: '', aliases } },
      facts: {
        run: {
          info: { run_id: 'a', experiment_id: '0', status: 'FINISHED' },
          data: {
            metrics: [
              { key: 'loss', value: 1, timestamp: 0 },
              { key: 'accuracy', value: accuracy, timestamp: 0 },
              { key: 'system/cpu', value: 1, timestamp: 0 },
            ],
          },
        },
        logged: undefined,
        file: readModelFile(file),
      },
    });
    const sections = versionSections([told(0.912341, text, ['champion']), told(0.912342, text.replace('double', 'float'))]);
    const rows = sections.flatMap(({ title, rows: all }) => all.map(({ label, texts, differs }) => [title, label, differs, ...texts]));
    assert.deepEqual(rows.slice(0, 4), [
      ['Metrics', 'accuracy', true, '0.912341', '0.912342'],
      ['Metrics', 'loss', false, '1', '1'],
      ['Inputs of the model', 'width', true, 'double', 'float'],
      ['Inputs of the model', "the owner's kind", false, 'string, optional', 'string, optional'],
    ]);
    assert.ok(rows.some((row) => JSON.stringify(row) === JSON.stringify(['Details', 'Aliases', true, '@champion', null])));
  });

  it('leads to the lines that load the model', () => {
    const titles = snippetsOf('digits', '3', readModelFile(text)).map(({ title, text: lines }) => [title, lines]);
    assert.deepEqual(titles.slice(0, 3), [
      ['Python, for predictions', 'import mlflow\n\nmodel = mlflow.pyfunc.load_model("models:/digits/3")'],
      ['Python, as sklearn', 'import mlflow\n\nmodel = mlflow.sklearn.load_model("models:/digits/3")'],
      ['Azure ML command line', 'az ml model download --name digits --version 3 --download-path .'],
    ]);
    const odd = snippetsOf(`a'b "c"`, '1', undefined);
    assert.equal(odd[0]!.text, `az ml model download --name 'a'\\''b "c"' --version 1 --download-path .`);
    assert.match(odd[1]!.text, /^ml_client\.models\.download\("a'b \\"c\\"", version="1", download_path="\."\)$/);
  });
});
