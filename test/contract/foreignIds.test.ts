import assert from 'node:assert/strict';
import fc from 'fast-check';
import { after, before, describe, it } from 'mocha';
import { type Answer, type Send, startTeam, type TeamPlane, workspaceAt } from './team.ts';

/** Requests that are made up; UPDRAFT_ATTACKS says another number. */
const attacks = Number(process.env.UPDRAFT_ATTACKS ?? 300);

const mlflow = '/api/2.0/mlflow';
const artifacts = '/api/2.0/mlflow-artifacts/artifacts';

/** What there is in the workspace of others, by the kind of its id, and ids of the same shape that are nowhere. */
type Ids = Record<
  | 'job'
  | 'experiment'
  | 'model'
  | 'trace'
  | 'loggedModel'
  | 'dataset'
  | 'environment'
  | 'endpoint'
  | 'blob'
  | 'comment'
  | 'webhook'
  | 'registry',
  string
>;

type Template = readonly [method: string, path: string, body?: unknown];

const registriesAt = workspaceAt('x').replace(/\/workspaces\/x$/, '/registries');

/** Ways to ask for something by its id, in paths, queries, bodies and batches. */
const templates: readonly Template[] = [
  ['GET', '{ws}/jobs/{job}'],
  ['GET', '{ws}/jobs?search={job}'],
  ['GET', '{ws}/jobs?parent={job}'],
  ['DELETE', '{ws}/jobs/{job}'],
  ['POST', '{ws}/jobs/{job}/cancel'],
  ['PATCH', '{ws}/jobs/{job}', { properties: { displayName: 'mine' } }],
  ['GET', '{ws}/environments/{environment}/versions/1'],
  ['GET', '{ws}/environments/{environment}/versions'],
  ['DELETE', '{ws}/environments/{environment}/versions/1'],
  ['GET', '{ws}/models/{model}/versions/1'],
  ['GET', '{ws}/models/{model}'],
  ['GET', '{ws}/onlineEndpoints/{endpoint}'],
  ['POST', '{ws}/onlineEndpoints/{endpoint}/listKeys', {}],
  ['DELETE', '{ws}/onlineEndpoints/{endpoint}'],
  [
    'PUT',
    '{ws}/jobs/{new}',
    { properties: { jobType: 'Command', command: 'true', environmentId: '{others}/environments/{environment}/versions/1' } },
  ],
  ['POST', '{ws}/components/batchGet', { values: ['{others}/components/{environment}/versions/1'] }],
  ['GET', '/history/v1.0{ws}/runs/{job}'],
  ['GET', '/history/v1.0{ws}/runs/{job}/details'],
  ['GET', '/history/v1.0{ws}/runs/{job}/children'],
  ['POST', '/history/v1.0{ws}/rundata', { runId: '{job}', selectRunMetadata: true }],
  ['PATCH', '/history/v1.0{ws}/experiments/x/runs/{job}', { hidden: true }],
  ['POST', '/modelregistry/v1.0{ws}/models/batchGetResolvedUris', { values: ['{others}/models/{model}/versions/1'] }],
  ['POST', '/data/v1.0{ws}/dataversion/batchGetResolvedUris', { values: ['{others}/data/{model}/versions/1'] }],
  ['GET', `${mlflow}/runs/get?run_id={job}`],
  ['POST', `${mlflow}/runs/update`, { run_id: '{job}', status: 'FAILED' }],
  ['POST', `${mlflow}/runs/delete`, { run_id: '{job}' }],
  ['POST', `${mlflow}/runs/restore`, { run_id: '{job}' }],
  ['POST', `${mlflow}/runs/set-tag`, { run_id: '{job}', key: 'a', value: 'b' }],
  ['POST', `${mlflow}/runs/log-batch`, { run_id: '{job}', metrics: [{ key: 'loss', value: 1, timestamp: 1, step: 0 }] }],
  ['POST', `${mlflow}/runs/log-batch`, { run_id: '{job}', params: [{ key: 'lr', value: '1' }] }],
  ['POST', `${mlflow}/runs/log-metric`, { run_id: '{job}', key: 'loss', value: 1, timestamp: 1 }],
  ['POST', `${mlflow}/runs/log-inputs`, { run_id: '{job}', datasets: [] }],
  ['POST', `${mlflow}/runs/outputs`, { run_id: '{job}', models: [{ model_id: '{loggedModel}', step: 0 }] }],
  ['POST', `${mlflow}/runs/search`, { experiment_ids: ['{experiment}'] }],
  ['POST', `${mlflow}/runs/search`, { experiment_ids: ['{experiment}'], filter: "attributes.run_id = '{job}'" }],
  ['GET', `${mlflow}/metrics/get-history?run_id={job}&metric_key=loss`],
  ['GET', `${mlflow}/metrics/get-history-bulk?run_id={job}&metric_key=loss`],
  ['GET', `${mlflow}/artifacts/list?run_id={job}`],
  ['GET', '/get-artifact?run_id={job}&path=a.txt'],
  ['GET', `${artifacts}/{experiment}/{job}/artifacts/a.txt`],
  ['DELETE', `${artifacts}/{experiment}/{job}/artifacts/a.txt`],
  ['GET', `${artifacts}?path={experiment}/{job}/artifacts`],
  ['GET', `${mlflow}/experiments/get?experiment_id={experiment}`],
  ['POST', `${mlflow}/experiments/delete`, { experiment_id: '{experiment}' }],
  ['POST', `${mlflow}/experiments/update`, { experiment_id: '{experiment}', new_name: 'mine' }],
  ['POST', `${mlflow}/experiments/set-experiment-tag`, { experiment_id: '{experiment}', key: 'a', value: 'b' }],
  ['POST', `${mlflow}/runs/create`, { experiment_id: '{experiment}' }],
  ['GET', `${mlflow}/registered-models/get?name={model}`],
  ['GET', `${mlflow}/model-versions/get?name={model}&version=1`],
  ['GET', `${mlflow}/model-versions/get-download-uri?name={model}&version=1`],
  ['DELETE', `${mlflow}/registered-models/delete`, { name: '{model}' }],
  ['GET', `${mlflow}/registered-models/search?filter=name%3D'{model}'`],
  ['GET', `${mlflow}/logged-models/{loggedModel}`],
  ['DELETE', `${mlflow}/logged-models/{loggedModel}`],
  ['POST', `${mlflow}/logged-models/search`, { experiment_ids: ['{experiment}'] }],
  ['GET', '/api/3.0/mlflow/traces/{trace}'],
  ['GET', '/api/3.0/mlflow/traces/get?trace_id={trace}'],
  ['PATCH', '/api/3.0/mlflow/traces/{trace}/tags', { key: 'a', value: 'b' }],
  [
    'POST',
    '/api/3.0/mlflow/traces/search',
    { locations: [{ type: 'MLFLOW_EXPERIMENT', mlflow_experiment: { experiment_id: '{experiment}' } }] },
  ],
  ['GET', '/api/3.0/mlflow/datasets/{dataset}'],
  ['POST', '/graphql', { query: 'query { mlflowGetRun(input: { runId: "{job}" }) { run { info { runName } } apiError { code } } }' }],
  ['GET', '/updraft/logs/{job}/user_logs/std_log.txt'],
  ['GET', '/updraft/artifacts/{job}'],
  ['GET', '/updraft/artifacts/{job}/a.txt'],
  ['GET', '/updraft/metrics/{job}'],
  ['GET', '/updraft/blobs/azureml-blobstore/{blob}'],
  ['GET', '/updraft/blobs/azureml-blobstore?prefix={blob}'],
  ['PUT', '/updraft/blobs/azureml-blobstore/stolen?sha256={blob}'],
  ['POST', '/updraft/transfer/find', { container: 'azureml-blobstore', files: [{ path: 'stolen', sha256: '{blob}', size: 14 }] }],
  [
    'POST',
    '/updraft/transfer/read',
    { container: 'azureml-blobstore', pieces: [{ path: 'secret-blob', sha256: '{blob}', size: 14, start: 0, length: 14 }] },
  ],
  [
    'POST',
    '/updraft/transfer/chunks',
    { container: 'azureml-blobstore', path: 'secret-blob', sha256: '{blob}', start: 0, end: 14, of: 'chunks' },
  ],
  [
    'POST',
    '/updraft/transfer/assemble',
    {
      container: 'azureml-blobstore',
      path: 'stolen',
      sha256: '{blob}',
      size: 14,
      from: { path: 'secret-blob', sha256: '{blob}', size: 14 },
      copies: [{ start: 0, length: 14, at: 0 }],
    },
  ],
  ['POST', '/updraft/jobs', { names: ['{job}'] }],
  ['POST', '/updraft/runs/table', { scope: { jobs: ['{job}'] }, columns: [] }],
  ['POST', '/updraft/runs/keys', { jobs: ['{job}'] }],
  ['POST', '/updraft/series', { jobs: ['{job}'], keys: ['loss'], points: 10, axis: 'step' }],
  ['POST', '/updraft/endpoints/{endpoint}/requests', {}],
  ['GET', '/updraft/endpoints/{endpoint}/requests'],
  ['POST', '/updraft/copies/{job}/logs/user_logs/std_log.txt?offset=0', {}],
  ['GET', '/updraft/comments/jobs/{job}'],
  ['GET', '/updraft/comments/models/{model}'],
  ['POST', '/updraft/comments/jobs/{job}', { text: 'a text' }],
  ['GET', '/updraft/comments/jobs/{job}/{comment}'],
  ['PATCH', '/updraft/comments/jobs/{job}/{comment}', { text: 'another text' }],
  ['DELETE', '/updraft/comments/jobs/{job}/{comment}'],
  ['GET', `${mlflow}/webhooks/{webhook}`],
  ['PATCH', `${mlflow}/webhooks/{webhook}`, { status: 'DISABLED' }],
  ['POST', `${mlflow}/webhooks/{webhook}/test`, {}],
  ['DELETE', `${mlflow}/webhooks/{webhook}`],
  ['GET', '/updraft/webhooks/{webhook}/deliveries'],
  ['GET', '/updraft/notices/{webhook}/deliveries'],
  ['GET', '/registrymanagement/v1.0/registries/{registry}/discovery'],
  ['GET', '/updraft/registries/{registry}/blobs/azureml-blobstore'],
  ['GET', '/updraft/registries/{registry}/changes'],
  ['GET', '{registries}/{registry}'],
  ['GET', '{registries}/{registry}/models'],
  ['GET', '/mferp/managementfrontend{registries}/{registry}/models/{model}/versions/1'],
  ['POST', '{registries}/{registry}/import', { properties: { referenceType: 'Id', sourceAssetId: 'x' } }],
  [
    'PUT',
    '{ws}/jobs/{new}',
    {
      properties: {
        jobType: 'Command',
        command: 'true',
        environmentId: 'azureml://registries/{registry}/environments/{environment}/versions/1',
      },
    },
  ],
];

describe('ids of a workspace of others', function () {
  // A request takes some milliseconds.
  this.timeout(120_000 + attacks * 50);
  let plane: TeamPlane;
  let attacker: Send;
  let there: Ids;
  const nowhere: Ids = {
    job: '00000000000000000000000000000bad',
    experiment: '999999',
    model: 'no-such-model',
    trace: 'tr-0000000000000000000000000000bad0',
    loggedModel: 'm-0000000000000000000000000000bad0',
    dataset: 'd-0000000000000000000000000000bad0',
    environment: 'no-such-environment',
    endpoint: 'no-such-endpoint',
    blob: 'f'.repeat(64),
    comment: '00000000-0000-4000-8000-000000000bad',
    webhook: '00000000-0000-4000-8000-00000000bad0',
    registry: 'no-such-registry',
  };
  const inSpeech = { 'x-mlflow-workspace': 'speech' };

  before(async () => {
    plane = await startTeam(undefined, undefined, { allowHooksTo: ['127.0.0.1'] });
    await plane.makeWorkspace('vision');
    await plane.makeWorkspace('speech');
    attacker = plane.as((await plane.add('eve@example.org', 'AzureML Data Scientist', 'vision')).token.token);
    const ok = async (method: string, to: string, body?: unknown) => {
      const answer = await plane.send(method, to, body, inSpeech);
      assert.ok(answer.status < 300, `${method} ${to}: ${answer.status} ${answer.text}`);
      return answer.body;
    };
    const experiment = (await ok('POST', `${mlflow}/experiments/create`, { name: 'voices' })).experiment_id;
    const job = (await ok('POST', `${mlflow}/runs/create`, { experiment_id: experiment, run_name: 'secret run' })).run.info.run_id;
    await ok('POST', `${mlflow}/runs/log-batch`, { run_id: job, metrics: [{ key: 'loss', value: 0.25, timestamp: 1, step: 0 }] });
    await ok('PUT', `${artifacts}/${experiment}/${job}/artifacts/a.txt`, 'secret text');
    await ok('POST', `${mlflow}/registered-models/create`, { name: 'secret-voice' });
    await ok('POST', `${mlflow}/model-versions/create`, { name: 'secret-voice', source: `runs:/${job}/a.txt`, run_id: job });
    const { sha256 } = await ok('PUT', '/updraft/blobs/azureml-blobstore/secret-blob', 'secret content');
    await ok('PUT', `${workspaceAt('speech')}/environments/secret-shell/versions/1`, { properties: { image: 'ubuntu:22.04' } });
    await ok('PUT', `${workspaceAt('speech')}/onlineEndpoints/secret-endpoint`, { location: 'local', properties: { authMode: 'Key' } });
    const loggedModel = (await ok('POST', '/api/2.0/mlflow/logged-models', { experiment_id: experiment, name: 'secret' })).model.info
      .model_id;
    const dataset = (await ok('POST', '/api/3.0/mlflow/datasets/create', { name: 'secret-set', experiment_ids: [experiment] })).dataset
      .dataset_id;
    const trace = 'tr-1234567890abcdef1234567890abcdef';
    await ok('POST', '/api/3.0/mlflow/traces', {
      trace: {
        trace_info: {
          trace_id: trace,
          trace_location: { type: 'MLFLOW_EXPERIMENT', mlflow_experiment: { experiment_id: experiment } },
          request_time: '2026-01-01T00:00:00Z',
          state: 'OK',
        },
      },
    });
    const comment = (await ok('POST', `/updraft/comments/jobs/${job}`, { text: 'secret remark' })).id;
    const webhook = (
      await ok('POST', `${mlflow}/webhooks`, {
        name: 'secret-hook',
        url: 'http://127.0.0.1:9/secret-address',
        events: [{ entity: 'REGISTERED_MODEL', action: 'CREATED' }],
      })
    ).webhook.webhook_id;
    await ok('PUT', `${registriesAt}/secret-registry`, { location: 'local', properties: {} });
    there = {
      job,
      experiment,
      model: 'secret-voice',
      trace,
      loggedModel,
      dataset,
      environment: 'secret-shell',
      endpoint: 'secret-endpoint',
      blob: sha256,
      comment,
      webhook,
      registry: 'secret-registry',
    };
  });
  after(() => plane.remove());

  const filled = (text: string, ids: Ids, fresh: string): string =>
    text
      .replaceAll('{ws}', workspaceAt('vision'))
      .replaceAll('{others}', workspaceAt('speech'))
      .replaceAll('{registries}', registriesAt)
      .replaceAll('{new}', fresh)
      .replace(/\{(\w+)\}/g, (all, name: keyof Ids) => ids[name] ?? all);

  const ask = ([method, path, body]: Template, ids: Ids, fresh: string, headers: Record<string, string>): Promise<Answer> =>
    attacker(
      method,
      filled(path, ids, fresh),
      body === undefined ? undefined : JSON.parse(filled(JSON.stringify(body), ids, fresh)),
      headers,
    );

  /** An answer without what it repeats of the question, and what is another each time. */
  function told({ status, text }: Answer, ids: Ids, fresh: string): string {
    let rest = text.replaceAll(fresh, '{new}').replace(/"(?:id|asOf|createdAt|lastModifiedAt)":"[^"]*"/g, '');
    for (const [name, id] of Object.entries(ids)) rest = rest.replaceAll(new RegExp(`(?<![\\w-])${id}(?![\\w-])`, 'g'), `{${name}}`);
    return `${status} ${rest}`;
  }

  let count = 0;
  const same = async (template: Template, headers: Record<string, string>): Promise<void> => {
    const [one, two] = [`made-${count++}`, `made-${count++}`];
    const [secret, none] = [await ask(template, there, one, headers), await ask(template, nowhere, two, headers)];
    assert.equal(told(secret, there, one), told(none, nowhere, two), `${template[0]} ${template[1]}`);
    assert.doesNotMatch(secret.text, /secret run|secret text|secret content|secret remark|secret-hook|secret-address|0\.25/);
  };

  it('tell no more than those of nothing, in any way to ask for them', async () => {
    for (const template of templates) await same(template, {});
  });

  it('nor do they in requests that are made up of others', async () => {
    const headers = fc.constantFrom<Record<string, string>>({}, { 'x-mlflow-workspace': 'vision' }, inSpeech, {
      'x-mlflow-workspace': 'SPEECH',
    });
    const roots = fc.constantFrom(
      '/api/2.0',
      '/ajax-api/2.0',
      `/mlflow/v1.0${workspaceAt('vision')}/api/2.0`,
      `/mlflow/v1.0${workspaceAt('speech')}/api/2.0`,
    );
    const spelling = fc.constantFrom(
      (path: string) => path,
      (path: string) => path.replace('/resourceGroups/', '/resourcegroups/'),
      (path: string) => path.replace('{ws}', '/mferp/managementfrontend{ws}'),
      (path: string) => path.replace('{ws}', '{others}'),
    );
    const kind = fc.constantFrom(...(Object.keys(nowhere) as (keyof Ids)[]));
    const attack = fc.record({
      template: fc.constantFrom(...templates),
      headers,
      root: roots,
      spell: spelling,
      swapped: fc.option(kind, { nil: undefined }),
    });
    await fc.assert(
      fc.asyncProperty(attack, async ({ template: [method, path, body], headers: sent, root, spell, swapped }) => {
        // Another kind of id where one is expected: it is an id of others all the same.
        const swap = (text: string) => (swapped ? text.replace(/\{(?:job|model|experiment|trace)\}/, `{${swapped}}`) : text);
        const to = swap(spell(path.replace(/^\/api\/2\.0/, root)));
        await same([method, to, body === undefined ? undefined : JSON.parse(swap(JSON.stringify(body)))], sent);
      }),
      { numRuns: attacks },
    );
  });

  it('are as they were', async () => {
    const { body } = await plane.send('GET', `${mlflow}/runs/get?run_id=${there.job}`, undefined, inSpeech);
    assert.deepEqual(
      [body.run.info.status, body.run.info.lifecycle_stage, body.run.data.tags?.some(({ key }: { key: string }) => key === 'a') ?? false],
      ['RUNNING', 'active', false],
    );
    assert.equal(
      (await plane.send('GET', `${artifacts}/${there.experiment}/${there.job}/artifacts/a.txt`, undefined, inSpeech)).text,
      'secret text',
    );
  });
});
