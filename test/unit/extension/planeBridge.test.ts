import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { mayFetch } from '../../../src/extension/panels/planeBridge.ts';

describe('what a page may ask of the plane', () => {
  it('of runs is what their tables, charts and cards show', () => {
    for (const what of ['runs/table', 'runs/keys', 'runs/groups', 'runs/logged', 'runs/files', 'series'])
      assert.ok(mayFetch('POST', `/updraft/${what}`), what);
    assert.ok(!mayFetch('POST', '/updraft/runs/other'));
  });

  it('of traces is to search and to read them', () => {
    assert.ok(mayFetch('POST', '/api/3.0/mlflow/traces/search'));
    assert.ok(mayFetch('GET', '/api/2.0/mlflow/traces/tr-1'));
    assert.ok(mayFetch('GET', '/api/2.0/mlflow/get-trace-artifact?request_id=tr-1'));
    for (const [method, path] of [
      ['POST', '/api/3.0/mlflow/traces'],
      ['POST', '/api/3.0/mlflow/traces/delete-traces'],
      ['POST', '/api/3.0/mlflow/traces/search/../delete-traces'],
      ['PATCH', '/api/3.0/mlflow/traces/tr-1/tags'],
      ['POST', '/v1/traces'],
    ] as const)
      assert.ok(!mayFetch(method, path), `${method} ${path}`);
  });

  it('of language models is to ask them, and to get the program that runs them', () => {
    assert.ok(mayFetch('GET', '/v1/models'));
    assert.ok(mayFetch('POST', '/v1/chat/completions'));
    assert.ok(mayFetch('POST', '/updraft/engine'));
    for (const path of ['/v1/embeddings', '/v1/chat/completions/other', '/updraft/tokens']) assert.ok(!mayFetch('POST', path), path);
  });
});
