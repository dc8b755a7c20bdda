import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { afterChange, deliveriesOf, mlflowCalls } from './hookCalls.ts';
import { type HookReceiver, startReceiver } from './hookReceiver.ts';
import { type PlaneServer, type Servers, startServers } from './servers/servers.ts';

describe('webhooks of a plane with two servers', function () {
  this.timeout(120_000);
  let plane: Servers;
  let servers: PlaneServer[];
  let receiver: HookReceiver;
  before(async function () {
    // The first run on a machine makes the server of S3.
    this.timeout(600_000);
    receiver = await startReceiver();
    ({ plane, servers } = await startServers(['one', 'two'], { options: ['--allow-hooks-to', '127.0.0.1'] }));
  });
  after(async () => {
    await plane?.remove();
    await receiver.close();
  });

  it('lose nothing when the server that sends them is killed while it does', async () => {
    await Promise.race(servers.map(({ said }) => said('duties: taken')));
    const sending = servers.find((server) => server.log().includes('duties: taken'))!;
    const other = servers.find((server) => server !== sending)!;
    const calls = mlflowCalls({ url: other.url, token: plane.token });
    const { webhook_id: id } = await calls.createWebhook(receiver.url, ['registered_model.created']);
    const names = Array.from({ length: 12 }, (_, index) => `model-${String(index).padStart(2, '0')}`);
    // The sixth is received, and never answered by the first server that asks.
    receiver.answer((response, _one, at) => {
      if (at === 5) return;
      response.writeHead(204).end();
    });
    for (const name of names) await calls.createModel(name);
    await receiver.until((all) => all.length === 6);
    await sending.kill();
    const received = await receiver.until((all) => all.at(-1)!.body.data.name === names.at(-1));
    const ids = received.map(({ headers }) => headers['x-mlflow-delivery-id']);
    // What the first server had not settled comes again under the same id; everything else comes once, and in its order.
    assert.deepEqual([...new Set(received.map(({ body }) => body.data.name))], names);
    assert.equal(ids[5], ids[6]);
    assert.equal(new Set(ids).size, names.length);
    const delivered = await afterChange(other.client, async () => {
      const found = await deliveriesOf(other.client, id);
      return found.length === names.length && found.every(({ outcome }) => outcome === 'delivered') ? found : undefined;
    });
    assert.equal(delivered.length, names.length);
  });
});
