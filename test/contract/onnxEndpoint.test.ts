import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'mocha';
import { createResource } from '../../src/submit/createResource.ts';
import { deploymentWhen, invoke, keysOf } from './onlineDeployments.ts';
import { startPlane, type TestPlane } from './plane.ts';
import { root } from './updraft.ts';
import { writeIn } from './writeIn.ts';

const fixtures = path.join(root, 'test/fixtures/onnx');
/** What scikit-learn itself answers. */
const expected = JSON.parse(readFileSync(path.join(fixtures, 'scikit-learn.json'), 'utf8')) as Record<
  string,
  { rows: number[][]; predict: (number | string)[]; probabilities?: number[][] }
>;

/** With the engine itself, which is got once and kept in the cache. */
describe('an endpoint of an ONNX model', () => {
  let plane: TestPlane;
  let folder: string;
  let key: string;
  before(async function () {
    // The first run on a machine gets the engine: 114 MB.
    this.timeout(600_000);
    folder = mkdtempSync(path.join(tmpdir(), 'updraft-onnx-endpoint-'));
    cpSync(fixtures, folder, { recursive: true });
    plane = await startPlane();
    await createResource(plane.client, 'onlineEndpoint', { file: writeIn(folder, 'endpoint.yml', 'name: onnx\nauth_mode: key\n') });
    key = (await keysOf(plane.client, 'onnx')).primaryKey;
    await Promise.all(
      ['iris.onnx', 'iris-names.onnx', 'iris-forest.onnx', 'iris-zipmap.onnx', 'diabetes.onnx', 'columns.onnx', 'words'].map(deploy),
    );
  });
  after(async () => {
    await plane.remove();
    rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
  });

  async function deployed(file: string) {
    const name = path.basename(file, '.onnx');
    const text = [
      `name: ${name}`,
      'endpoint_name: onnx',
      `model: {path: ./${file}, name: ${name}, version: "1", type: custom_model}`,
      'instance_type: Standard_DS3_v2',
    ];
    await createResource(plane.client, 'onlineDeployment', { file: writeIn(folder, `${name}.yml`, text.join('\n')) });
    return deploymentWhen(plane.client, 'onnx', name);
  }
  async function deploy(file: string): Promise<void> {
    const { properties } = await deployed(file);
    assert.equal(properties.provisioningState, 'Succeeded', JSON.stringify(properties));
  }
  const ask = (deployment: string, body: unknown) => invoke(plane, 'onnx', body, { key, deployment });
  async function answer(deployment: string, body: unknown) {
    const { status, text } = await ask(deployment, body);
    assert.equal(status, 200, text);
    return JSON.parse(text);
  }

  for (const name of ['iris', 'iris-names', 'iris-forest'])
    it(`answers labels and probabilities as scikit-learn does: ${name}`, async () => {
      const { rows, predict, probabilities } = expected[name]!;
      const { label, probabilities: ours } = await answer(name, { input_data: rows });
      assert.deepEqual(label, predict);
      for (const [row, each] of probabilities!.entries())
        for (const [at, wanted] of each.entries()) assert.ok(Math.abs(ours[row][at] - wanted) < 1e-5);
    });

  it('answers numbers as scikit-learn does, bare where there is one output', async () => {
    const { rows, predict } = expected.diabetes!;
    const made = (await answer('diabetes', { input_data: rows })) as number[][];
    predict.forEach((wanted, row) => {
      assert.ok(Math.abs(made[row]![0]! - Number(wanted)) < 1e-3);
    });
  });

  it('answers the labels of a classifier whose probabilities are no tensor', async () => {
    assert.deepEqual(await answer('iris-zipmap', { data: expected['iris-zipmap']!.rows }), expected['iris-zipmap']!.predict);
  });

  it("takes the bodies of Azure's and of MLflow's servers", async () => {
    const { rows, predict } = expected.iris!;
    const columns = ['a', 'b', 'c', 'd'];
    const records = rows.map((row) => Object.fromEntries(columns.map((each, at) => [each, row[at]])));
    for (const body of [
      { input_data: { columns, index: rows.map((_, at) => at), data: rows } },
      { input_data: { index: rows.map((_, at) => at), data: rows } },
      { input_data: records },
      { input_data: { X: rows } },
      { data: rows },
      { data: records },
    ])
      assert.deepEqual((await answer('iris', body)).label, predict);
    for (const body of [
      { dataframe_split: { columns, data: rows } },
      { dataframe_records: records },
      { inputs: { X: rows } },
      { inputs: rows },
      { instances: rows },
    ])
      assert.deepEqual((await answer('iris', body)).predictions.label, predict);
  });

  const row = { age: 30.5, city: 'Ulm', visits: 3, member: true };
  const seen = { age_seen: [[30.5]], city_seen: [['Ulm']], visits_seen: [[3]], member_seen: [[true]] };

  it('finds the inputs of a model with several by their names, whatever their order', async () => {
    for (const body of [
      { input_data: [row] },
      { input_data: { columns: ['visits', 'city', 'age', 'member'], data: [[3, 'Ulm', 30.5, true]] } },
      { input_data: { age: [30.5], city: ['Ulm'], visits: [3], member: [true] } },
      { input_data: [[30.5, 'Ulm', 3, true]] },
    ])
      assert.deepEqual(await answer('columns', body), seen);
  });

  it('keeps whole numbers of 64 bits exact: those that JSON can not hold are texts of digits', async () => {
    for (const [given, answered] of [
      [Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
      ['9007199254740993', '9007199254740993'],
      ['-9223372036854775808', '-9223372036854775808'],
      ['12', 12],
    ])
      assert.deepEqual((await answer('columns', { input_data: [{ ...row, visits: given }] })).visits_seen, [[answered]]);
    assert.equal((await answer('columns', { input_data: [{ ...row, age: null }] })).age_seen[0][0], null);
  });

  const wantsRows = 'It wants "X" \\(float32, \\[N, 4\\]\\)';
  for (const [what, deployment, body, message] of [
    ['no JSON object', 'iris', '[1]', /The body is no JSON object/],
    ['no known key', 'iris', { rows: [] }, /The body must have one of input_data, data, inputs,/],
    ['two of them', 'iris', { data: [[1]], inputs: [[1]] }, /not data and inputs/],
    ['no rows', 'iris', { input_data: [] }, /input_data is empty/],
    ['rows that are too short', 'iris', { input_data: [[1, 2]] }, new RegExp(`input_data has the shape \\[1, 2\\]\\. ${wantsRows}`)],
    ['one row without its list', 'iris', { input_data: [1, 2, 3, 4] }, new RegExp(`the shape \\[4\\]\\. ${wantsRows}`)],
    ['too many lists', 'iris', { input_data: [[[[[[1]]]]]] }, new RegExp(wantsRows)],
    ['rows of several lengths', 'iris', { input_data: [[1, 2, 3, 4], [1]] }, /input_data\[1\] must be a list of 4 values/],
    [
      'a text for a number',
      'iris',
      { input_data: [[1, 2, 3, 'x']] },
      new RegExp(`input_data\\[0\\]\\[3\\] is "x", and must be a number\\. ${wantsRows}`),
    ],
    ['a wrong name', 'iris', { inputs: { rows: [[1, 2, 3, 4]] } }, new RegExp(`inputs has no "X"\\. ${wantsRows}`)],
    ['a name too much', 'iris', { inputs: { X: [[1, 2, 3, 4]], Y: 1 } }, /inputs has "Y", which is no input/],
    [
      'a column that is missing',
      'columns',
      { input_data: [{ age: 1 }] },
      /input_data has no "city"\. It wants "age" \(float32, \[rows, 1\]\), "city" \(string/,
    ],
    ['records of several shapes', 'columns', { input_data: [row, { age: 1 }] }, /input_data\[1\] has other names than input_data\[0\]/],
    ['a number for a text', 'columns', { input_data: [{ ...row, city: 5 }] }, /input_data\.city\[0\] is 5, and must be a text/],
    [
      'a part of a whole number',
      'columns',
      { input_data: [{ ...row, visits: 1.5 }] },
      /input_data\.visits\[0\] is 1\.5, and must be a whole number/,
    ],
    ['a number that is too large', 'columns', { input_data: [{ ...row, visits: '9223372036854775808' }] }, /must be a whole number/],
    [
      'columns of several lengths',
      'columns',
      { inputs: { ...row, age: [1, 2], city: ['x'], visits: [1], member: [true] } },
      /inputs\.city has the shape \[1\]/,
    ],
  ] as [string, string, unknown, RegExp][])
    it(`refuses ${what}, and says what the model wants`, async () => {
      const { status, error, text } = await ask(deployment, body);
      assert.equal(status, 424, text);
      assert.match(error!.message, message);
    });

  it('serves a folder with a model that makes vectors of texts', async () => {
    assert.deepEqual(await answer('words', { input_data: ['red', 'something'] }), [
      [1, 0, 0, 0],
      [0, 0, 0, 0],
    ]);
    const response = await fetch(`${plane.url}/endpoints/onnx/v1/embeddings`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', 'azureml-model-deployment': 'words' },
      body: JSON.stringify({ input: 'red' }),
    });
    assert.deepEqual(((await response.json()) as { data: { embedding: number[] }[] }).data[0]!.embedding, [1, 0, 0, 0]);
  });

  it('has no API of OpenAI where it takes no texts', async () => {
    const response = await fetch(`${plane.url}/endpoints/onnx/v1/embeddings`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', 'azureml-model-deployment': 'iris' },
      body: JSON.stringify({ input: 'red' }),
    });
    assert.equal(response.status, 404);
  });

  it('says of what is no model why it is not served', async () => {
    writeIn(folder, 'damaged.onnx', 'no model');
    writeIn(folder, 'nothing/readme.txt', 'no model');
    for (const [file, message] of [
      ['damaged.onnx', /can't be read as a model/],
      ['nothing', /needs a scoring script to be served here/],
    ] as const) {
      const { properties } = await deployed(file);
      assert.equal(properties.provisioningState, 'Failed');
      assert.match(JSON.stringify(properties), message);
    }
  });
});
