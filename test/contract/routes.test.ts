import assert from 'node:assert/strict';
import type { Hono } from 'hono';
import { Hono as App } from 'hono';
import { before, describe, it } from 'mocha';
import { type Action, actionOf } from '../../src/access/actions.ts';
import { may } from '../../src/access/may.ts';
import { assetKinds } from '../../src/protocol/arm.ts';
import { jobPrincipal } from '../../src/protocol/principal.ts';
import { checkRoutes, served } from '../../src/server/checkRoutes.ts';
import { mlflowEndpoints } from '../../src/server/routes/mlflow/mlflowEndpoints.ts';
import { uncalledApp, uncalledServices } from './uncalledApp.ts';

const workspace = '/subscriptions/s/resourceGroups/g/providers/Microsoft.MachineLearningServices/workspaces/local';
const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'];

describe('what each route needs', () => {
  let app: Hono;
  before(() => {
    app = uncalledApp();
  });

  it('is said of every route, for every method that it serves', () => {
    const routes = served(app);
    assert.ok(routes.length > 100, String(routes.length));
    for (const { method, pattern, path } of routes) assert.notEqual(actionOf(method, path), undefined, `${method} ${pattern}`);
  });

  it("is said of every endpoint of MLflow's, wherever that is mounted", () => {
    const names = [...mlflowEndpoints(uncalledServices).names()];
    assert.ok(names.length > 100, String(names.length));
    for (const root of ['/api/2.0', '/ajax-api/3.0', `/mlflow/v1.0${workspace}/api/2.0`])
      for (const [method, path] of names) {
        const action = actionOf(method, `${root}/mlflow/${path.replaceAll(/\{\w+\}/g, 'x')}`);
        assert.notEqual(action, undefined, `${method} ${path}`);
        assert.notEqual(action, 'open', `${method} ${path}`);
        assert.equal(action, actionOf(method, `/api/2.0/mlflow/${path}`), `${method} ${path} at ${root}`);
      }
  });

  it("is said of every collection of ARM's", () => {
    const collections = [...assetKinds, 'jobs', 'datastores', 'computes', 'connections', 'schedules', 'onlineEndpoints', 'batchEndpoints'];
    for (const collection of collections)
      for (const method of methods)
        for (const rest of ['', '/name', '/name/versions', '/name/versions/1', '/name/action', '/name/deployments/blue/getLogs']) {
          const action = actionOf(method, `${workspace}/${collection}${rest}`);
          assert.notEqual(action, undefined, `${method} ${collection}${rest}`);
          assert.equal(action === 'read', method === 'GET' || method === 'HEAD', `${method} ${collection}${rest} is ${action}`);
          assert.equal(actionOf(method, `${workspace}/${collection.toUpperCase()}${rest}`), action, 'ARM does not look at the case');
        }
  });

  it('is what these examples say', () => {
    const mlflow = '/api/2.0/mlflow';
    const data = (service: string) => `/${service}/v1.0${workspace}`;
    const examples: [Action | undefined, method: string, path: string][] = [
      ['open', 'GET', '/health'],
      ['open', 'GET', '/msi/token'],
      ['open', 'PUT', '/azureml-blobstore/x/y'],
      ['open', 'GET', '/studio/jobs/x'],
      ['read', 'GET', '/changes'],
      ['read', 'HEAD', '/changes'],
      ['read', 'GET', '/status'],
      ['administer', 'POST', '/stop'],
      ['administer', 'GET', '/updraft/azure'],
      ['administer', 'GET', '/updraft/Azure/'],
      ['run', 'POST', '/updraft/claims'],
      ['read', 'POST', '/updraft/jobs'],
      ['read', 'POST', '/updraft/preview'],
      ['read', 'GET', '/updraft/logs/job/user_logs/std_log.txt'],
      ['run', 'POST', '/updraft/logs/job/user_logs/std_log.txt'],
      ['write', 'PUT', '/updraft/blobs/azureml-blobstore/x'],
      // With a key of the endpoint's own.
      ['open', 'POST', '/endpoints/name/score'],
      // ARM.
      ['read', 'GET', '/subscriptions/s/resourceGroups/g/providers/Microsoft.MachineLearningServices/workspaces'],
      ['administer', 'PUT', workspace],
      ['administer', 'DELETE', workspace],
      ['run', 'PUT', `${workspace}/jobs/x`],
      ['run', 'POST', `${workspace}/jobs/x/cancel`],
      ['run', 'DELETE', `${workspace}/jobs/x`],
      ['run', 'PATCH', `${workspace}/jobs/x`],
      ['run', 'PUT', `${workspace}/schedules/x`],
      ['run', 'POST', `${workspace}/onlineEndpoints/x/listKeys`],
      ['administer', 'PUT', `${workspace}/computes/x`],
      ['administer', 'DELETE', `${workspace}/computes/x`],
      ['administer', 'PUT', `${workspace}/datastores/x`],
      ['administer', 'PUT', `${workspace}/connections/x`],
      ['write', 'POST', `${workspace}/datastores/x/listSecrets`],
      ['write', 'POST', `${workspace}/connections/x/LISTSECRETS`],
      ['write', 'PUT', `${workspace}/models/x/versions/1`],
      ['write', 'POST', `${workspace}/codes/x/versions/1/startPendingUpload`],
      ['delete', 'DELETE', `${workspace}/models/x/versions/1`],
      ['read', 'POST', `${data('history')}/rundata`],
      ['run', 'PATCH', `${data('history')}/runs/x`],
      ['read', 'POST', `${data('data')}/dataversion/batchGetResolvedUris`],
      ['read', 'POST', `${data('modelregistry')}/models/batchGetResolvedUris`],
      // MLflow.
      ['read', 'POST', `${mlflow}/runs/search`],
      ['read', 'GET', `${mlflow}/runs/get`],
      ['write', 'POST', `${mlflow}/runs/create`],
      ['write', 'POST', `${mlflow}/runs/log-batch`],
      ['write', 'POST', `${mlflow}/runs/delete-tag`],
      ['write', 'POST', `${mlflow}/runs/delete`],
      ['delete', 'POST', `${mlflow}/experiments/delete`],
      ['delete', 'POST', `${mlflow}/experiments/restore`],
      ['delete', 'DELETE', `${mlflow}/registered-models/delete`],
      ['write', 'DELETE', `${mlflow}/registered-models/delete-tag`],
      ['write', 'DELETE', `${mlflow}/registered-models/alias`],
      ['delete', 'DELETE', `${mlflow}/model-versions/delete`],
      ['delete', 'DELETE', `${mlflow}/logged-models/m-1`],
      ['write', 'DELETE', `${mlflow}/logged-models/m-1/tags/key`],
      ['delete', 'POST', `${mlflow}/traces/delete-traces`],
      ['write', 'PATCH', `${mlflow}/traces/tr-1/tags`],
      ['write', 'PATCH', `${mlflow}/traces/search`],
      ['administer', 'GET', `${mlflow}/gateway/secrets/list`],
      ['administer', 'POST', `${mlflow}/gateway/secrets/create`],
      ['administer', 'POST', `${mlflow}/gateway/endpoints/create`],
      ['read', 'GET', `${mlflow}/gateway/endpoints/list`],
      ['write', 'POST', `${mlflow}/upload-artifact`],
      ['read', 'GET', '/get-artifact'],
      ['read', 'GET', '//model-versions/get-artifact'],
      ['read', 'POST', '/graphql'],
      ['write', 'POST', '/v1/traces'],
      ['read', 'GET', '/api/2.0/mlflow-artifacts/artifacts/0/run/artifacts/x'],
      ['write', 'PUT', '/api/2.0/mlflow-artifacts/artifacts/0/run/artifacts/x'],
      ['delete', 'POST', '/api/2.0/mlflow/experiments/update'],
      ['delete', 'POST', '/ajax-api/2.0/mlflow/registered-models/rename'],
      ['delete', 'DELETE', '/api/2.0/mlflow-artifacts/artifacts/0/run/artifacts/x'],
      ['delete', 'DELETE', `/mlflow/v1.0${workspace}/api/2.0/mlflow-artifacts/artifacts/0/run/artifacts/x`],
      // Nobody is let in where there is no row.
      ['open', 'GET', '/'],
      ['run', 'POST', `/mferp/managementfrontend${workspace}/batchEndpoints/x/jobs`],
      [undefined, 'POST', '/'],
      [undefined, 'GET', '/no/such/thing'],
      [undefined, 'POST', '/version'],
      [undefined, 'POST', '/mlflow/anywhere/api/2.0/mlflow/runs/create'],
    ];
    for (const [action, method, path] of examples) assert.equal(actionOf(method, path), action, `${method} ${path}`);
  });

  it('is not looked up for one endpoint, and another one called', () => {
    const table = mlflowEndpoints(uncalledServices);
    for (const path of ['x/mlflow/gateway/secrets/create', 'runs/create/mlflow/experiments/delete'])
      assert.throws(() => table.find('POST', '2.0', path), { code: 'NotFound' }, path);
  });

  it('keeps an app from being made that has a route without', () => {
    const unguarded = new App().get('/health', (c) => c.text('')).post('/secrets', (c) => c.text(''));
    assert.throws(() => checkRoutes(unguarded), /no row in access\/actions.ts: POST \/secrets$/);
  });

  it('lets a job read and write in its own workspace, and nothing else', () => {
    const job = jobPrincipal('job', 1, 'local', 'me');
    const all: Action[] = ['open', 'read', 'write', 'delete', 'run', 'administer'];
    assert.deepEqual(
      all.filter((action) => may(job, action, 'local')),
      ['open', 'read', 'write'],
    );
    assert.deepEqual(
      all.filter((action) => may(job, action, 'other')),
      ['open'],
    );
  });
});
