import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import dns from 'node:dns';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, it } from 'mocha';
import pg from 'pg';
import { placeOf } from '../unit/store/postgresServer.ts';
import { deliveriesOf, listWebhooks, mlflowCalls, webhookWhen, wireEvent } from './hookCalls.ts';
import { type HookReceiver, signatureOf, startReceiver } from './hookReceiver.ts';
import { startPlane, type TestPlane } from './plane.ts';
import { SetClock } from './setClock.ts';

const secret = 'a secret of the receiver';
const start = '2026-11-27T08:00:00Z';

describe('webhooks', () => {
  let plane: TestPlane;
  let receiver: HookReceiver;
  let clock: SetClock;
  let calls: ReturnType<typeof mlflowCalls>;
  const begin = async (allowHooksTo: string[]) => {
    plane = await startPlane({ withRunner: false, allowHooksTo }, plane?.folder, undefined, clock);
    calls = mlflowCalls(plane);
  };
  beforeEach(async () => {
    receiver = await startReceiver();
    clock = new SetClock(start);
    await begin(['127.0.0.1']);
  });
  afterEach(async () => {
    await plane.remove();
    await receiver.close();
    (plane as TestPlane | undefined) = undefined;
  });
  const later = (ms: number) => clock.set(clock.now() + ms);

  it('are sent what happens to models, in its order, signed as MLflow signs', async () => {
    await calls.createWebhook(
      `${receiver.url}/in`,
      [
        'registered_model.created',
        'model_version.created',
        'model_version_tag.set',
        'model_version_tag.deleted',
        'model_version_alias.created',
        'model_version_alias.deleted',
      ],
      { secret },
    );
    const { ok } = calls;
    await ok('POST', 'registered-models/create', {
      name: 'digits',
      description: 'Reads digits',
      tags: [{ key: 'team', value: 'vision' }],
    });
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

  it('are sent what happens to prompts, without what MLflow keeps about them in tags', async () => {
    await calls.createWebhook(receiver.url, ['prompt.created', 'prompt_version.created', 'prompt_tag.set', 'prompt_alias.created']);
    const isPrompt = { key: 'mlflow.prompt.is_prompt', value: 'true' };
    await calls.ok('POST', 'registered-models/create', { name: 'greeting', tags: [isPrompt, { key: 'tone', value: 'kind' }] });
    await calls.ok('POST', 'model-versions/create', {
      name: 'greeting',
      source: 'prompt-template',
      tags: [isPrompt, { key: 'mlflow.prompt.text', value: 'Hello {{name}}!' }],
    });
    await calls.ok('POST', 'registered-models/set-tag', { name: 'greeting', key: 'tone', value: 'formal' });
    await calls.ok('POST', 'registered-models/alias', { name: 'greeting', alias: 'live', version: '1' });
    const received = await receiver.until((all) => all.length === 4);
    assert.deepEqual(
      received.map(({ body: { entity, data } }) => [entity, data]),
      [
        ['prompt', { name: 'greeting', tags: { tone: 'kind' }, description: '' }],
        ['prompt_version', { name: 'greeting', version: '1', template: 'Hello {{name}}!', tags: {}, description: null }],
        ['prompt_tag', { name: 'greeting', key: 'tone', value: 'formal' }],
        ['prompt_alias', { name: 'greeting', alias: 'live', version: '1' }],
      ],
    );
  });

  it("are sent what Azure's API does to models as well", async () => {
    await calls.createWebhook(receiver.url, ['registered_model.created', 'model_version.created', 'model_version_tag.set']);
    const version = { modelUri: 'azureml://datastores/workspaceblobstore/paths/m', modelType: 'custom_model' };
    await plane.client.putAsset('models', 'digits', '1', version as never);
    await plane.client.putAsset('models', 'digits', '1', { ...version, tags: { stage: 'ready' } } as never);
    const received = await receiver.until((all) => all.length === 3);
    assert.deepEqual(
      received.map(({ body }) => `${body.entity}.${body.action} ${body.data.name}`),
      ['registered_model.created digits', 'model_version.created digits', 'model_version_tag.set digits'],
    );
  });

  it('are told nothing of a write that failed, and nothing while they are turned off', async () => {
    const { webhook_id: id } = await calls.createWebhook(receiver.url, ['registered_model.created'], { status: 'DISABLED' });
    await calls.createModel('unseen');
    await calls.ok('PATCH', `webhooks/${id}`, { status: 'ACTIVE' });
    assert.equal((await calls.send('POST', 'registered-models/create', { name: 'unseen' })).status, 400);
    await calls.createModel('seen');
    const received = await receiver.until((all) => all.length > 0);
    assert.deepEqual(
      received.map(({ body }) => body.data.name),
      ['seen'],
    );
  });

  describe('with a receiver in trouble', () => {
    it('are tried again under the same id until they are taken, and later events wait for earlier ones', async () => {
      const { webhook_id: id } = await calls.createWebhook(receiver.url, ['registered_model.created'], { secret });
      receiver.answer((response, _one, before) => response.writeHead(before < 2 ? 500 : 204).end());
      await calls.createModel('first');
      const failing = await webhookWhen(plane.client, id, ({ standing }) => standing.failures === 1);
      assert.match(failing.standing.lastError!, /answered 500/);
      assert.equal(failing.standing.failingSince, Date.parse(start));
      const wait = failing.standing.nextTryAt! - clock.now();
      assert.ok(wait >= 4000 && wait <= 6000, String(wait));
      await calls.createModel('second');
      assert.deepEqual(
        (await deliveriesOf(plane.client, id)).map(({ outcome, attempts, status }) => [outcome, attempts, status]),
        [
          ['waiting', 0, undefined],
          ['waiting', 1, 500],
        ],
      );
      assert.equal(receiver.received.length, 1);
      later(wait);
      const again = await webhookWhen(plane.client, id, ({ standing }) => standing.failures === 2);
      const longer = again.standing.nextTryAt! - clock.now();
      assert.ok(longer >= 8000 && longer <= 12_000, String(longer));
      later(longer);
      const well = await webhookWhen(plane.client, id, ({ standing }) => standing.failures === undefined);
      const received = await receiver.until((all) => all.length === 4);
      assert.deepEqual(
        received.map(({ body }) => body.data.name),
        ['first', 'first', 'first', 'second'],
      );
      assert.equal(new Set(received.slice(0, 3).map(({ headers }) => headers['x-mlflow-delivery-id'])).size, 1);
      // Each try has its own time, and is signed with it.
      assert.notEqual(received[0]!.headers['x-mlflow-timestamp'], received[2]!.headers['x-mlflow-timestamp']);
      for (const each of received) assert.equal(each.headers['x-mlflow-signature'], signatureOf(each, secret));
      assert.ok(well.standing.lastDeliveredAt);
    });

    it('wait as long as the receiver asks for', async () => {
      const { webhook_id: id } = await calls.createWebhook(receiver.url, ['registered_model.created']);
      receiver.answer((response, _one, before) => response.writeHead(before < 1 ? 429 : 204, { 'retry-after': '600' }).end());
      await calls.createModel('digits');
      const { standing } = await webhookWhen(plane.client, id, (each) => each.standing.failures === 1);
      assert.equal(standing.nextTryAt, clock.now() + 600_000);
      later(600_000);
      await webhookWhen(plane.client, id, (each) => each.standing.lastDeliveredAt !== undefined);
      assert.equal(receiver.received.length, 2);
    });

    it('follow no redirect, wherever it leads', async () => {
      const other = await startReceiver();
      try {
        const { webhook_id: id } = await calls.createWebhook(receiver.url, ['registered_model.created']);
        receiver.answer((response) => response.writeHead(307, { location: other.url }).end());
        await calls.createModel('digits');
        const { standing } = await webhookWhen(plane.client, id, (each) => each.standing.failures === 1);
        assert.match(standing.lastError!, /answered 307.*redirects are not followed/);
        assert.equal(other.received.length, 0);
      } finally {
        await other.close();
      }
    });

    it('are given up after a few refusals, and the next event follows', async () => {
      const { webhook_id: id } = await calls.createWebhook(receiver.url, ['registered_model.created']);
      receiver.answer((response, one) => response.writeHead(one.body.data.name === 'unwanted' ? 400 : 204).end());
      await calls.createModel('unwanted');
      await calls.createModel('wanted');
      for (let tries = 1; tries < 5; tries++) {
        const { standing } = await webhookWhen(plane.client, id, (each) => each.standing.failures === tries);
        clock.set(standing.nextTryAt!);
      }
      await webhookWhen(plane.client, id, (each) => each.standing.lastDeliveredAt !== undefined);
      assert.deepEqual(
        (await deliveriesOf(plane.client, id)).map(({ outcome, attempts, status }) => [outcome, attempts, status]),
        [
          ['delivered', 1, 204],
          ['given up', 5, 400],
        ],
      );
    });

    it('take an answer that is cut for none, at whatever byte', async () => {
      const { webhook_id: id } = await calls.createWebhook(receiver.url, ['registered_model.created']);
      const whole = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok';
      const cuts = [0, 1, 12, 17, whole.length - 6, whole.length - 2, whole.length - 1];
      receiver.answer((response, _one, before) => {
        const cut = cuts[before];
        if (cut === undefined) response.writeHead(204).end();
        else response.socket!.end(whole.slice(0, cut));
      });
      await calls.createModel('digits');
      for (let tries = 1; tries <= cuts.length; tries++) {
        const { standing } = await webhookWhen(plane.client, id, (each) => each.standing.failures === tries);
        assert.match(standing.lastError!, /127\.0\.0\.1 could not be reached/);
        clock.set(standing.nextTryAt!);
      }
      await webhookWhen(plane.client, id, (each) => each.standing.lastDeliveredAt !== undefined);
    });

    it('wait 15 s for an answer, and read no more of one than is kept', async () => {
      const { webhook_id: id } = await calls.createWebhook(receiver.url, ['registered_model.created']);
      // It never ends: the first one sends nothing, the second one always something.
      receiver.answer((response, _one, before) => {
        if (before === 0) return;
        response.writeHead(200);
        const more = () => {
          while (!response.destroyed && response.write('x'.repeat(65_536)));
        };
        response.on('drain', more);
        more();
      });
      await calls.createModel('digits');
      await receiver.until((all) => all.length === 1);
      later(15_000);
      const { standing } = await webhookWhen(plane.client, id, (each) => each.standing.failures === 1);
      assert.match(standing.lastError!, /did not answer within 15 s/);
      clock.set(standing.nextTryAt!);
      await webhookWhen(plane.client, id, (each) => each.standing.lastDeliveredAt !== undefined);
    });

    it('keep nobody else waiting', async () => {
      const other = await startReceiver();
      try {
        receiver.answer(() => {
          // It never answers.
        });
        await calls.createWebhook(receiver.url, ['registered_model.created']);
        await calls.createWebhook(other.url, ['registered_model.created']);
        await calls.createModel('digits');
        await other.until((all) => all.length === 1);
      } finally {
        await other.close();
      }
    });

    it('are turned off after a day of failures, which says why, until somebody turns them on', async () => {
      const other = await startReceiver();
      try {
        await plane.client.http.json('POST', '/updraft/notices', { events: ['webhook.disabled'], url: other.url, format: 'json' });
        const { webhook_id: id } = await calls.createWebhook(receiver.url, ['registered_model.created']);
        receiver.answer((response) => response.writeHead(503).end());
        await calls.createModel('digits');
        await webhookWhen(plane.client, id, ({ standing }) => standing.failures === 1);
        await calls.createModel('faces');
        later(24 * 3_600_000);
        const off = await webhookWhen(plane.client, id, ({ status }) => status === 'DISABLED');
        assert.match(off.standing.turnedOff!, /since 2026-11-27T08:00:00.000Z failed. The last error: It answered 503/);
        assert.deepEqual(
          (await deliveriesOf(plane.client, id)).map(({ outcome }) => outcome),
          ['given up', 'given up'],
        );
        const [told] = await other.until((all) => all.length === 1);
        assert.equal(`${told!.body.entity}.${told!.body.action}`, 'webhook.disabled');
        assert.match(told!.body.data.reason, /answered 503/);
        receiver.answer((response) => response.writeHead(204).end());
        await calls.ok('PATCH', `webhooks/${id}`, { status: 'ACTIVE' });
        await calls.createModel('letters');
        const received = await receiver.until((all) => all.at(-1)?.body.data.name === 'letters');
        assert.equal(
          received.some(({ body }) => body.data.name === 'faces'),
          false,
        );
      } finally {
        await other.close();
      }
    });
  });

  describe('go to no address inside, as of CVE-2026-2393', () => {
    const { lookup } = dns.promises;
    let looked: string[] = [];
    afterEach(() => {
      dns.promises.lookup = lookup;
      looked = [];
    });
    /** The name server of the attacker: it says something else each time. */
    const resolve = (...answers: string[][]) => {
      dns.promises.lookup = (async (host: string) => {
        looked.push(host);
        const found = answers.length > 1 ? answers.shift()! : answers[0]!;
        return found.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
      }) as unknown as typeof lookup;
    };
    const events = ['registered_model.created'].map(wireEvent);

    for (const url of [
      'http://169.254.169.254/latest/meta-data/iam/security-credentials/',
      'https://169.254.169.254/',
      'https://10.0.0.1/',
      'https://[::1]:8443/',
      'https://[::ffff:10.0.0.1]/',
      'https://0x7f.1/',
      'https://localhost/',
      'http://example.org/',
      'file:///etc/passwd',
    ])
      it(`such as ${url}`, async () => {
        const { webhook_id: id } = await calls.createWebhook(receiver.url, ['registered_model.created']);
        resolve(['127.0.0.1']);
        await plane.stop();
        await begin([]);
        for (const [method, to, more] of [
          ['POST', 'webhooks', { name: 'hook', events }],
          ['PATCH', `webhooks/${id}`, {}],
        ] as const) {
          const { status, body } = await calls.send(method, to, { ...more, url });
          assert.equal(status, 400, JSON.stringify(body));
          assert.equal(body.error_code, 'INVALID_PARAMETER_VALUE');
        }
      });

    it('which a name leads to beside one outside', async () => {
      resolve(['8.8.8.8', '10.0.0.1']);
      const { status, body } = await calls.send('POST', 'webhooks', { name: 'hook', url: 'https://hooks.example.org/', events });
      assert.equal(status, 400);
      assert.match(body.message, /10\.0\.0\.1 is no public address/);
    });

    it('which a name leads to only when something is sent', async () => {
      const port = new URL(receiver.url).port;
      resolve(['8.8.8.8'], ['10.0.0.1'], ['169.254.169.254']);
      const { webhook_id: id } = await calls.createWebhook(`https://hooks.example.org:${port}/`, ['registered_model.created']);
      await calls.createModel('digits');
      const { standing } = await webhookWhen(plane.client, id, (each) => each.standing.failures === 1);
      assert.match(standing.lastError!, /10\.0\.0\.1 is no public address/);
      // To try it out goes no other way.
      const { result } = await calls.ok('POST', `webhooks/${id}/test`, {});
      assert.equal(result.success, false);
      assert.match(result.error_message, /169\.254\.169\.254 is no public address/);
    });

    it('and connect to the very address that was looked at, whose name is looked up once', async () => {
      const port = new URL(receiver.url).port;
      // What would be connected to, if the name were looked up again.
      resolve(['127.0.0.1'], ['127.0.0.1'], ['10.255.255.1']);
      await calls.createWebhook(`http://hooks.example.org:${port}/in`, ['registered_model.created']);
      await calls.createModel('digits');
      const [one] = await receiver.until((all) => all.length === 1);
      assert.equal(one!.headers.host, `hooks.example.org:${port}`);
      assert.deepEqual(looked, ['hooks.example.org', 'hooks.example.org']);
    });
  });

  it('keep their secrets: no answer has them, and what the plane has stored does not either', async () => {
    const made = await calls.createWebhook(receiver.url, ['registered_model.created'], { secret });
    await plane.client.http.json('POST', '/updraft/notices', {
      events: ['job.failed'],
      url: `${receiver.url}/hidden-path`,
      secret: `${secret}!`,
    });
    const shown = JSON.stringify([
      made,
      await calls.ok('GET', 'webhooks'),
      await calls.ok('GET', `webhooks/${made.webhook_id}`),
      await listWebhooks(plane.client),
      await plane.client.http.json('GET', '/updraft/notices'),
    ]);
    for (const hidden of [secret, 'hidden-path']) {
      assert.equal(shown.includes(hidden), false);
      for (const name of readdirSync(plane.folder, { recursive: true, encoding: 'utf8' })) {
        const file = path.join(plane.folder, name);
        if (statSync(file).isFile()) assert.equal(readFileSync(file).includes(hidden), false, name);
      }
      for (const row of await rowsInPostgres(plane.folder)) assert.equal(row.includes(hidden), false);
    }
  });

  it('say when their secret can not be read any more, and go on with a new one', async () => {
    const { webhook_id: id } = await calls.createWebhook(receiver.url, ['registered_model.created'], { secret });
    await plane.stop();
    const secretsKeyFile = path.join(plane.folder, 'another-key');
    writeFileSync(secretsKeyFile, randomBytes(32).toString('base64'));
    plane = await startPlane({ withRunner: false, allowHooksTo: ['127.0.0.1'], secretsKeyFile }, plane.folder, undefined, clock);
    calls = mlflowCalls(plane);
    await calls.createModel('digits');
    const { standing } = await webhookWhen(plane.client, id, (each) => each.standing.failures === 1);
    assert.match(standing.lastError!, /was encrypted with the key [0-9a-f]{8}, which this server of the control plane does not have/);
    await calls.ok('PATCH', `webhooks/${id}`, { secret: 'another' });
    clock.set(standing.nextTryAt!);
    const [one] = await receiver.until((all) => all.length === 1);
    assert.equal(one!.headers['x-mlflow-signature'], signatureOf(one!, 'another'));
  });

  it('answer what can not be done in words', async () => {
    const wrong: [body: object, message: RegExp][] = [
      [{ url: receiver.url, events: [wireEvent('model_version.created')] }, /Missing value for required parameter 'name'/],
      [{ name: '-', url: receiver.url, events: [wireEvent('model_version.created')] }, /Webhook name '-' is invalid/],
      [{ name: 'a', events: [wireEvent('model_version.created')] }, /Missing value for required parameter 'url'/],
      [{ name: 'a', url: receiver.url }, /Missing value for required parameter 'events'/],
      [{ name: 'a', url: receiver.url, events: [wireEvent('model_version.deleted')] }, /Invalid webhook event 'model_version.deleted'/],
      [{ name: 'a', url: receiver.url, events: [{}] }, /Invalid webhook event/],
      [{ name: 'a', url: receiver.url, events: [wireEvent('model_version.created')], status: 'MAYBE' }, /Invalid webhook status: MAYBE/],
      [{ name: 'a', url: receiver.url, events: [wireEvent('budget_policy.exceeded')] }, /no budgets/],
    ];
    for (const [body, message] of wrong) {
      const answer = await calls.send('POST', 'webhooks', body);
      assert.ok(answer.status === 400 || answer.status === 501, JSON.stringify(answer));
      assert.match(answer.body.message, message);
    }
    for (const method of ['GET', 'PATCH', 'DELETE']) {
      const { status, body } = await calls.send(method, 'webhooks/none', method === 'GET' ? undefined : {});
      assert.deepEqual([status, body.error_code], [404, 'RESOURCE_DOES_NOT_EXIST']);
    }
  });
});

/** What a plane that keeps its rows in PostgreSQL has there of webhooks and notices; nothing for another one. */
async function rowsInPostgres(folder: string): Promise<string[]> {
  if (process.env.UPDRAFT_TEST_STORE !== 'postgres') return [];
  const { url, schema } = placeOf(folder);
  const client = new pg.Client(url);
  await client.connect();
  try {
    const { rows } = await client.query(`SELECT body::text AS body FROM "${schema}".entities WHERE kind IN ('webhook', 'notice')`);
    assert.equal(rows.length, 2);
    return rows.map(({ body }) => body);
  } finally {
    await client.end();
  }
}
