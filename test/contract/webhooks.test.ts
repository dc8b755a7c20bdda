import assert from 'node:assert/strict';
import { type HookReceiver, signatureOf, startReceiver } from './hookReceiver.ts';
import type { TestPlane } from './plane.ts';
import { startPlane } from './plane.ts';

const secret = 'a secret of the receiver';
const event = (name: string) => {
  const [entity, action] = name.split('.');
  return { entity: entity!.toUpperCase(), action: action!.toUpperCase() };
};

describe('webhooks', () => {
  let plane: TestPlane;
  let receiver: HookReceiver;
  beforeEach(async () => {
    receiver = await startReceiver();
    plane = await startPlane({ withRunner: false, allowHooksTo: ['127.0.0.1'] });
  });
  afterEach(async () => {
    await plane.remove();
    await receiver.close();
  });

  const send = async (method: string, path: string, body?: unknown) => {
    const response = await fetch(`${plane.url}/api/2.0/mlflow/${path}`, {
      method,
      headers: { authorization: `Bearer ${plane.token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: (await response.json()) as any };
  };
  const ok = async (...asked: Parameters<typeof send>) => {
    const { status, body } = await send(...asked);
    assert.equal(status, 200, JSON.stringify(body));
    return body;
  };
  const create = async (events: string[], more: object = {}) =>
    (await ok('POST', 'webhooks', { name: 'hook', url: `${receiver.url}/in`, events: events.map(event), secret, ...more })).webhook;

  it('are sent what happens to models, in its order, signed as MLflow signs', async () => {
    await create([
      'registered_model.created',
      'model_version.created',
      'model_version_tag.set',
      'model_version_tag.deleted',
      'model_version_alias.created',
      'model_version_alias.deleted',
    ]);
    await ok('POST', 'registered-models/create', { name: 'digits', description: 'Reads digits', tags: [{ key: 'team', value: 'vision' }] });
    for (const source of ['s3://bucket/one', 's3://bucket/two'])
      await ok('POST', 'model-versions/create', { name: 'digits', source, tags: [{ key: 'a', value: '1' }] });
    await ok('POST', 'model-versions/set-tag', { name: 'digits', version: '1', key: 'stage', value: 'ready' });
    await ok('DELETE', 'model-versions/delete-tag', { name: 'digits', version: '1', key: 'stage' });
    await ok('POST', 'registered-models/alias', { name: 'digits', alias: 'champion', version: '1' });
    await ok('POST', 'registered-models/alias', { name: 'digits', alias: 'champion', version: '2' });
    await ok('DELETE', 'registered-models/alias', { name: 'digits', alias: 'champion' });
    const received = await receiver.until((all) => all.length === 8);
    assert.deepEqual(
      received.map(({ body: { entity, action, data, workspace } }) => [`${entity}.${action}`, data, workspace]),
      [
        ['registered_model.created', { name: 'digits', tags: { team: 'vision' }, description: 'Reads digits' }, 'local'],
        ...['one', 'two'].map((source, index) => [
          'model_version.created',
          {
            name: 'digits',
            version: String(index + 1),
            source: `s3://bucket/${source}`,
            run_id: null,
            tags: { a: '1' },
            description: null,
          },
          'local',
        ]),
        ['model_version_tag.set', { name: 'digits', version: '1', key: 'stage', value: 'ready' }, 'local'],
        ['model_version_tag.deleted', { name: 'digits', version: '1', key: 'stage' }, 'local'],
        ['model_version_alias.created', { name: 'digits', alias: 'champion', version: '1' }, 'local'],
        ['model_version_alias.created', { name: 'digits', alias: 'champion', version: '2' }, 'local'],
        ['model_version_alias.deleted', { name: 'digits', alias: 'champion' }, 'local'],
      ],
    );
    for (const each of received) {
      assert.equal(each.path, '/in');
      assert.equal(each.headers['x-mlflow-signature'], signatureOf(each, secret));
    }
    assert.equal(new Set(received.map(({ headers }) => headers['x-mlflow-delivery-id'])).size, 8);
  });
});
