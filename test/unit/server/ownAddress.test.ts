import assert from 'node:assert/strict';
import { networkInterfaces } from 'node:os';
import { describe, it } from 'mocha';
import { configOf } from '../../../src/server/config.ts';
import { ownAddress } from '../../../src/server/duties/ownAddress.ts';

describe('where other servers reach a server', () => {
  it('is this machine alone where it listens on nothing else', async () => {
    assert.equal(await ownAddress(8700, false, 'postgres://db.example.org/updraft'), 'http://127.0.0.1:8700');
  });

  it('is an address of the machine where it listens on all of them, wherever the database is', async () => {
    const all = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
    const own = all.map(({ address, family }) => `http://${family === 'IPv6' ? `[${address}]` : address}:8700`);
    for (const database of [
      'postgres://127.0.0.1:5432/x',
      'postgres://localhost/x',
      'postgres://[::1]/x',
      'postgres://no-such-host.invalid/x',
      'postgres:///x',
    ])
      assert.ok(own.includes(await ownAddress(8700, true, database)), database);
  });

  it('can be said, as an origin', () => {
    assert.equal(configOf({ serverUrl: 'http://10.0.0.11:8700/' }, {}).serverUrl, 'http://10.0.0.11:8700');
    assert.equal(configOf({}, { UPDRAFT_SERVER_URL: 'http://10.0.0.12:8700' }).serverUrl, 'http://10.0.0.12:8700');
    assert.throws(() => configOf({ serverUrl: '10.0.0.11:8700' }, {}), { code: 'InvalidValue', message: /address of the server/ });
  });
});
