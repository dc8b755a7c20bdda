import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { request } from 'node:http';
import { gzipSync } from 'node:zlib';
import { after, before, describe, it } from 'mocha';
import { workspacePath } from '../../src/protocol/arm.ts';
import { startPlane, type TestPlane } from './plane.ts';

describe('wrong requests of Azure clients', () => {
  let plane: TestPlane;
  let ws: string;
  before(async () => {
    plane = await startPlane({ withRunner: false });
    ws = workspacePath(plane.client.workspace);
  });
  after(() => plane.remove());

  const send = async (method: string, path: string, body?: BodyInit, headers: Record<string, string> = {}) => {
    const response = await fetch(`${plane.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${plane.token}`, 'content-type': 'application/json', ...headers },
      ...(body === undefined ? {} : { body }),
    });
    return { status: response.status, text: await response.text() };
  };
  const json = (value: unknown) => JSON.stringify(value);
  /** ARM's error form with a text for people; `mentions` is in it. */
  function refused({ status, text }: { status: number; text: string }, wanted: number, what: string, mentions?: RegExp): void {
    assert.equal(status, wanted, `${what}: ${text}`);
    const { error } = JSON.parse(text);
    assert.equal(typeof error.code, 'string', what);
    assert.ok(error.message.length > 5 && !/\bat .*:\d+:\d+/.test(error.message), what);
    assert.ok(Array.isArray(error.details) && Array.isArray(error.additionalInfo), what);
    if (mentions) assert.match(error.message, mentions, what);
  }

  it('a body that is none, or of the wrong form, is a 400 that names the place', async () => {
    const bodies: [string, string, BodyInit | undefined, RegExp][] = [
      ['no JSON', 'data/d/versions/1', '{', /not valid JSON/],
      ['an array', 'data/d/versions/1', '[]', /JSON object/],
      ['nothing', 'data/d/versions/1', undefined, /properties/],
      ['properties null', 'data/d/versions/1', json({ properties: null }), /properties/],
      ['properties text', 'models/m/versions/1', json({ properties: 'x' }), /properties/],
      ['a field missing', 'data/d/versions/1', json({ properties: { dataType: 'uri_file' } }), /dataUri/],
      ['a wrong type', 'data/d/versions/1', json({ properties: { dataUri: 5 } }), /dataUri/],
      ['an unknown word', 'data/d/versions/1', json({ properties: { dataUri: 'x', dataType: 'uri_thing' } }), /dataType/],
      ['tags that are no text', 'models/m/versions/1', json({ properties: { modelUri: 'x', tags: { a: {} } } }), /tags/],
      ['a component without a spec', 'components/c/versions/1', json({ properties: { componentSpec: [] } }), /componentSpec/],
      ['an unknown kind of job', 'jobs/j', json({ properties: { jobType: 'Dance' } }), /The job/],
      ['a job without a command', 'jobs/j', json({ properties: { jobType: 'Command', environmentId: 'x' } }), /command/],
      [
        'an input without a type',
        'jobs/j',
        json({ properties: { jobType: 'Command', command: 'x', environmentId: 'x', inputs: { a: {} } } }),
        /inputs/,
      ],
      ['a compute without a kind', 'computes/c', json({ properties: {} }), /computeType/],
      ['a compute named local', 'computes/local', json({ properties: { computeType: 'AmlCompute' } }), /local/],
      ['a schedule without a trigger', 'schedules/s', json({ properties: { action: { actionType: 'CreateJob' } } }), /trigger/],
      ['an endpoint of an unknown mode', 'onlineEndpoints/eee', json({ properties: { authMode: 'Face' } }), /authMode/],
      ['an endpoint with too short a name', 'onlineEndpoints/e', json({ properties: { authMode: 'Key' } }), /name/],
      ['traffic above 100', 'onlineEndpoints/eee', json({ properties: { authMode: 'Key', traffic: { blue: 101 } } }), /traffic/],
      ['a datastore without a kind', 'datastores/d', json({ properties: {} }), /datastoreType/],
      ['a connection without a category', 'connections/c', json({ properties: {} }), /category/],
    ];
    for (const [what, path, body, mentions] of bodies) refused(await send('PUT', `${ws}/${path}`, body), 400, what, mentions);
    refused(
      await send('POST', `${ws}/codes/c/versions/1/startPendingUpload`, '{"pendingUploadType": 5}'),
      400,
      'an upload of an unknown form',
    );
    const history = `/history/v1.0${ws}`;
    refused(await send('POST', `${history}/rundata`, '{}'), 400, 'run data without a run', /runId/);
    refused(await send('POST', `/data/v1.0${ws}/dataversion/batchGetResolvedUris`, '{"values": "x"}'), 400, 'ids that are none', /values/);
    refused(await send('GET', `${history}/runs/none/details`), 404, 'a run that is not there');
    refused(
      await send('POST', `/modelregistry/v1.0${ws}/models/batchGetResolvedUris`, '{"values": ["azureml://jobs/none/outputs/o"]}'),
      404,
      'an output that is not there',
    );
  });

  it('a compressed body is not unpacked, a long one not read', async () => {
    const bomb = gzipSync(Buffer.alloc(50_000_000));
    refused(await send('PUT', `${ws}/data/d/versions/1`, bomb, { 'content-encoding': 'gzip' }), 400, 'gzip', /encoding/);
    // Sent in pieces without a length, until the plane has had enough.
    const answer = await new Promise<{ status: number; text: string }>((resolve, reject) => {
      const to = new URL(`${plane.url}${ws}/data/d/versions/1`);
      const client = request(
        to,
        { method: 'PUT', headers: { authorization: `Bearer ${plane.token}`, 'transfer-encoding': 'chunked' } },
        (response) => {
          let text = '';
          response.setEncoding('utf8').on('data', (chunk) => (text += chunk));
          response.on('end', () => resolve({ status: response.statusCode!, text }));
        },
      );
      const piece = Buffer.alloc(1024 * 1024, 32);
      let sent = 0;
      const more = () => {
        while (sent++ < 40) if (!client.write(piece)) return void client.once('drain', more);
        client.end();
      };
      client.on('error', (error) => (sent > 32 ? undefined : reject(error)));
      more();
    });
    refused(answer, 400, 'chunked', /at most/);
  });

  it('a path that tries to leave is refused, and nothing is written beside the data', async () => {
    const before = readdirSync(plane.folder).sort();
    const tricks = [
      '..%2f..%2fevil',
      '%2e%2e%2fevil',
      '..%5cevil',
      'a%00b',
      '%252e%252e%252fevil',
      '%ff',
      'a%2fb',
      ';evil',
      `${'x'.repeat(256)}`,
    ];
    const body = json({ properties: { dataUri: 'x', codeUri: 'x' } });
    for (const name of tricks) {
      for (const path of [
        `${ws}/data/${name}/versions/1`,
        `${ws}/codes/c/versions/${name}`,
        `${ws}/jobs/${name}`,
        `${ws}/onlineEndpoints/${name}`,
        `${ws}/computes/${name}`,
      ]) {
        const { status, text } = await send('PUT', path, body);
        assert.ok(status === 400 || status === 404, `${path}: ${status} ${text}`);
      }
      const { status } = await send('GET', `/history/v1.0${ws}/runs/${name}/details`);
      assert.ok(status === 400 || status === 404, `${name}: ${status}`);
    }
    assert.deepEqual(readdirSync(plane.folder).sort(), before);
  });

  it('a wrong page, view or verb is a 400, what is not there a 404', async () => {
    refused(await send('GET', `${ws}/jobs?$skip=-1`), 400, '$skip', /\$skip/);
    refused(await send('GET', `${ws}/models?$top=many`), 400, '$top', /\$top/);
    refused(await send('GET', `${ws}/data?listViewType=Some`), 400, 'view', /listViewType/);
    refused(await send('GET', `${ws}/schedules?listViewType=ActiveOnly`), 400, 'view of schedules', /listViewType/);
    refused(await send('DELETE', `${ws}/jobs`), 400, 'verb');
    refused(await send('DELETE', ws), 400, 'the workspace');
    refused(await send('GET', `${ws}/featuresets`), 404, 'collection', /featuresets/);
    refused(await send('GET', `${ws.replace('/workspaces/local', '/workspaces/elsewhere')}/jobs`), 404, 'workspace', /elsewhere/);
    refused(await send('GET', `${ws.split('/workspaces/')[0]}/registries/azureml`), 404, 'registry');
    refused(await send('GET', `${ws}/locations/local/mfeOperationsStatus/nonsense`), 404, 'operation');
    for (const [method, path] of [
      ['PUT', 'datastores/workspaceblobstore'],
      ['DELETE', 'computes/this-machine'],
    ] as const)
      refused(
        await send(method, `${ws}/${path}`, method === 'PUT' ? json({ properties: { datastoreType: 'AzureBlob' } }) : undefined),
        409,
        path,
      );
  });

  it('keeps what it does not know and takes every api-version and any case of a path', async () => {
    const path = `${ws}/data/kept/versions/1`;
    await send(
      'PUT',
      `${path}?api-version=2099-01-01`,
      json({ properties: { dataUri: 'x', dataType: 'uri_file', invented: { deep: [1] } } }),
    );
    const { text } = await send('GET', path.replace('resourceGroups', 'resourcegroups').replace('/data/', '/DATA/'));
    assert.deepEqual(JSON.parse(text).properties.invented, { deep: [1] });
    // Null is what clients send for what they do not set.
    assert.equal(
      (await send('PUT', path, json({ properties: { dataUri: 'x', dataType: 'uri_file', invented: { deep: [1] }, description: null } })))
        .status,
      200,
    );
  });
});
