import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { json, text } from 'node:stream/consumers';
import { afterEach, before, describe, it } from 'mocha';
import { findPython } from '../../../src/runner/environments/pythonInterpreter.ts';

const root = path.resolve(import.meta.dirname, '../../..');
const program = path.join(root, 'test/fixtures/finetuning/judgedAnswers.py');
const code = path.join(root, 'src/finetuning/pipeline/code');

interface Asked {
  path: string;
  key: string | undefined;
  body: { model: string; temperature: number; messages: { role: string; content: string }[]; response_format: { type: string } };
  /** What is to be graded. */
  answer: string;
}
/** What the judge's server answers: a status, and a text or what the model says. */
type Answer = [status: number, body: string | object, headers?: Record<string, string>];

const says = (content: string): Answer => [200, { choices: [{ message: { role: 'assistant', content } }] }];
const grade = (score: unknown, reason = 'because') => says(JSON.stringify({ reason, score }));

describe('a judge of answers', () => {
  let python: string;
  let server: Server | undefined;
  let asked: Asked[] = [];
  before(async () => {
    python = (await findPython(undefined, process.env as Record<string, string>)).path;
  });
  afterEach(() => {
    asked = [];
    server?.closeAllConnections();
    server?.close();
  });

  async function serving(answers: (asked: Asked) => Answer): Promise<string> {
    const answer = async (request: IncomingMessage): Promise<Answer> => {
      if (request.method === 'GET') return [200, { data: [{ id: 'other' }, { id: 'third' }] }];
      const body = (await json(request)) as Asked['body'];
      const question = { path: request.url!, key: request.headers.authorization, body, answer: '' };
      question.answer = body.messages.at(-1)!.content.split('Answer to grade:\n')[1] ?? '';
      asked.push(question);
      return answers(question);
    };
    server = createServer((request, response) => {
      answer(request).then(([status, body, headers]) => {
        response.writeHead(status, headers);
        response.end(typeof body === 'string' ? body : JSON.stringify(body));
      }, response.destroy.bind(response));
    });
    await new Promise<void>((resolve) => server!.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  const row = (question: string, answer: string) => [
    { role: 'user', content: question },
    { role: 'assistant', content: answer },
  ];
  const usual = { rows: [row('the sky?', 'azul'), row('grass?', 'verde')], base: ['blue', 'green'], tuned: ['azul', 'rojo'] };

  async function graded(address: string, given: object = usual, { most = 50, environment = {} } = {}) {
    const child = spawn(python, ['-B', program, code, 'judge', address, String(most)], {
      env: { ...(process.env as Record<string, string>), MLFLOW_TRACKING_URI: '', OPENAI_API_KEY: '', ...environment },
    });
    child.stdin.end(JSON.stringify(given));
    const [out, err, exit] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      new Promise<number | null>((resolve) => child.on('close', resolve)),
    ]);
    return { exit, out, err, told: exit === 0 ? JSON.parse(out.trim().split('\n').at(-1)!) : undefined };
  }

  it('grades each answer by itself, greedily, and without knowing whose it is', async () => {
    const scores: Record<string, number> = { azul: 10, verde: 10, blue: 2, green: 4, rojo: 0 };
    const address = await serving(({ answer }) => grade(scores[answer]));
    const { told, err } = await graded(`${address}/v1/`, usual, {
      environment: { OPENAI_API_KEY: 'theirs', MLFLOW_TRACKING_TOKEN: 'ours' },
    });
    assert.equal(err, '');
    assert.equal(told.against, null);
    assert.deepEqual(told.metrics, { base: { judge: (0.2 + 0.4) / 2 }, tuned: { judge: 0.5 } });
    assert.deepEqual(told.cells, [
      [0.2, 1, 'because', 'because'],
      [0.4, 0, 'because', 'because'],
    ]);
    // What was asked before is not asked again.
    assert.deepEqual(asked.map(({ answer }) => answer).sort(), ['azul', 'blue', 'green', 'rojo']);
    for (const { path: place, key, body } of asked) {
      assert.deepEqual([place, key], ['/v1/chat/completions', 'Bearer theirs']);
      assert.deepEqual([body.model, body.temperature, body.response_format.type], ['judge', 0, 'json_schema']);
      assert.doesNotMatch(JSON.stringify(body.messages), /\b(?:base|tuned|before|after)\b/);
    }
    const places = asked.map(({ body }) => body.messages.at(-1)!.content);
    assert.match(places.join('\n'), /Question:\ngrass\?\n\nAnswer that is right:\nverde\n\nAnswer to grade:\n/);
  });

  it('gives no score when it answers nonsense, which is counted, and compares what both have a score of', async () => {
    const address = await serving(({ answer }) =>
      answer === 'blue' ? says('Very good!') : answer === 'rojo' ? grade(11) : answer === 'green' ? grade(true) : grade(8),
    );
    const { told, out } = await graded(address, {
      rows: [...usual.rows, row('snow?', 'blanco')],
      base: ['blue', 'green', 'white'],
      tuned: ['azul', 'rojo', 'blanco'],
    });
    assert.deepEqual(told.metrics, { base: { judge: 0.8, judge_unscored: 2 }, tuned: { judge: 0.8, judge_unscored: 1 } });
    assert.match(out, /warning: the judge judge gave no score to 2 of 3 answers of the base model\./);
    assert.match(out, /graded both answers of 1 example\./);
    assert.deepEqual(told.cells[0], [null, 0.8, 'no score: Very good!', 'because']);
  });

  it('gives no score to what it refuses, such as an answer that is too long for it', async () => {
    const address = await serving(({ answer }) => (answer === 'rojo' ? [400, { error: { message: 'too\nlong' } }] : grade(8)));
    const { told, out } = await graded(address);
    assert.deepEqual(told.metrics, { base: { judge: 0.8 }, tuned: { judge: 0.8, judge_unscored: 1 } });
    assert.match(out, /gave no score to 1 of 2 answers of the tuned model/);
    assert.match(told.cells[1][3], /^no score: .* answers 400: too long\./);
  });

  it('is warned of when it does not know a right answer', async () => {
    assert.match((await graded(await serving(() => grade(1)))).told.against, /gave 1 of 10 to an answer that is right \(because\)/);
    const silent = (await graded(await serving(() => says('')))).told;
    assert.match(silent.against, /does not answer with a score \(no score: no text\)/);
    assert.deepEqual(silent.metrics, { base: { judge_unscored: 2 }, tuned: { judge_unscored: 2 } });
  });

  it('grades no more examples than are allowed, of all parts of the file', async () => {
    const count = 10;
    const rows = Array.from({ length: count }, (_, at) => row(`${at}?`, `right ${at}`));
    const answers = (what: string) => rows.map((_, at) => `${what} ${at}`);
    const address = await serving(() => grade(6));
    const { told } = await graded(address, { rows, base: answers('a'), tuned: answers('b') }, { most: 3 });
    assert.deepEqual(
      asked
        .map(({ answer }) => answer)
        .filter((each) => each.startsWith('a'))
        .sort(),
      ['a 0', 'a 3', 'a 6'],
    );
    assert.deepEqual(told.cells[1], [null, null, '', '']);
  });

  it('that is busy is asked again', async () => {
    let refused = 0;
    const address = await serving(() => (refused++ < 2 ? [429, { error: { message: 'slow down' } }] : grade(10)));
    assert.equal((await graded(address)).told.metrics.tuned.judge, 1);
  });

  it('that is not there is an error in one line, and gets no token that is not for it', async () => {
    for (const [answer, wanted] of [
      [[400, { error: { message: 'no room' } }], /answers 400: no room\. Models there: other, third\./],
      [[404, { error: { message: 'no such model' } }], /answers 404: no such model\. Models there: other, third\./],
      [[401, { error: 'who are you' }], /answers 401: who are you\. Its key is taken from the variable OPENAI_API_KEY/],
      [[500, '<html>broken</html>'], /answers 500: <html>broken/],
      [[200, 'hello'], /does not answer in JSON/],
      [[200, {}], /its answer is not one of OpenAI's API/],
      [[302, '', { location: '/elsewhere' }], /answers 302/],
    ] as [Answer, RegExp][]) {
      const { exit, err } = await graded(await serving(() => answer), usual, { environment: { MLFLOW_TRACKING_TOKEN: 'ours' } });
      assert.equal(exit, 1);
      assert.match(err, /^error: judge_model: judge does not answer: [^\n]*\n$/);
      assert.match(err, wanted);
      assert.ok(asked.every(({ key, path: place }) => key === undefined && place !== '/elsewhere'));
      server!.closeAllConnections();
      server!.close();
    }
    assert.match(
      (await graded('http://127.0.0.1:1')).err,
      /^error: judge_model: judge does not answer: http:\/\/127\.0\.0\.1:1 is not reached \(.*\)\.\n$/,
    );
    assert.match((await graded('')).err, /this job is not run by a control plane of Updraft/);
  });

  it('is a model of the plane where no address is given: asked with the token of the job', async () => {
    const address = await serving(() => grade(10));
    const environment = { MLFLOW_TRACKING_URI: `${address}/`, MLFLOW_TRACKING_TOKEN: 'ours', OPENAI_API_KEY: 'theirs' };
    assert.equal((await graded('', usual, { environment })).told.metrics.base.judge, 1);
    assert.ok(asked.every(({ key, path: place }) => key === 'Bearer ours' && place === '/v1/chat/completions'));
  });
});
