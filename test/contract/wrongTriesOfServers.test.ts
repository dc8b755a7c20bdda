import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import type { AddedMember } from '../../src/protocol/team.ts';
import { type PlaneServer, type Servers, startServers } from './servers/servers.ts';

describe('wrong tokens at several servers', function () {
  this.timeout(60_000);
  let plane: Servers;
  let servers: PlaneServer[];
  let ann: string;
  before(async function () {
    // The first run on a machine makes the server of S3.
    this.timeout(600_000);
    ({ plane, servers } = await startServers(['one', 'two', 'three']));
    ann = ((await (await post('/updraft/team/members', { kind: 'user', name: 'ann@example.org' })).json()) as Required<AddedMember>).token
      .token;
  });
  after(() => plane?.remove());

  const post = (to: string, body: object) =>
    fetch(plane.balancer.url + to, {
      method: 'POST',
      headers: { authorization: `Bearer ${plane.token}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  /** What one of the servers answers to who comes with this token from this address. */
  async function ask(at: number, token: string, from: string): Promise<number> {
    const response = await fetch(`${servers[at % servers.length]!.url}/version`, {
      headers: { authorization: `Bearer ${token}`, 'x-forwarded-for': from },
    });
    await response.body?.cancel();
    return response.status;
  }
  const wrong = (token: string) => `${token.slice(0, -4)}${token.endsWith('AAAA') ? 'BBBB' : 'AAAA'}`;

  it('are as many for all of them as for one', async () => {
    const seen: number[] = [];
    for (let n = 0; n < 30; n++) seen.push(await ask(n, wrong(ann), '198.51.100.7'));
    assert.deepEqual(seen, [...Array.from({ length: 19 }, () => 401), ...Array.from({ length: 11 }, () => 429)]);
    // Wrong ones of another secret are told to wait there, too: the address has had its tries.
    assert.equal(await ask(0, `updraft_${'0'.repeat(16)}_${'x'.repeat(43)}`, '198.51.100.7'), 429);
  });

  it('are as many when they come at once', async () => {
    const forged = `updraft_${'1'.repeat(16)}_${'x'.repeat(43)}`;
    const all = await Promise.all(Array.from({ length: 60 }, (_, n) => ask(n, forged, '198.51.100.8')));
    assert.equal(all.filter((status) => status === 401).length, 19, all.join(' '));
    assert.ok(all.every((status) => status === 401 || status === 429));
  });

  it('lock nobody out who is elsewhere, or has another secret', async () => {
    // From there the right one is not looked at either, at none of the servers.
    for (let n = 0; n < servers.length; n++) {
      let status = await ask(n, ann, '198.51.100.7');
      while (status === 200) status = await ask(n, ann, '198.51.100.7');
      assert.equal(status, 429);
    }
    for (let n = 0; n < servers.length; n++) {
      assert.equal(await ask(n, ann, '198.51.100.9'), 200, 'the same token from elsewhere');
      assert.equal(await ask(n, plane.token, '198.51.100.7'), 200, 'another token from there');
    }
  });

  it('of one secret from many addresses make further wrong ones wait, and the right one goes on', async () => {
    const bob = ((await (await post('/updraft/team/members', { kind: 'user', name: 'bob@example.org' })).json()) as Required<AddedMember>)
      .token.token;
    const seen: number[] = [];
    for (let n = 0; n < 25; n++) seen.push(await ask(n, wrong(bob), `203.0.113.${n}`));
    assert.deepEqual([seen.filter((status) => status === 401).length, seen.at(-1)], [19, 429]);
    for (let n = 0; n < servers.length; n++) assert.equal(await ask(n, bob, '203.0.113.1'), 200);
  });

  it('of one network of IPv6 are of one caller', async () => {
    const seen: number[] = [];
    for (let n = 0; n < 21; n++)
      seen.push(await ask(n, `updraft_${String(n).padStart(16, '0')}_${'x'.repeat(43)}`, `2001:db8:0:7::${n.toString(16)}`));
    assert.deepEqual([seen.filter((status) => status === 401).length, seen.at(-1)], [19, 429]);
    assert.equal(await ask(0, `updraft_${'9'.repeat(16)}_${'x'.repeat(43)}`, '2001:db8:0:8::1'), 401);
  });
});
