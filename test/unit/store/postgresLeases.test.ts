import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'mocha';
import { thePlane } from '../../../src/protocol/principal.ts';
import type { Lease } from '../../../src/store/leases.ts';
import { openPostgresStore, type PostgresStores } from '../../../src/store/postgres/postgresStore.ts';
import { placeOf } from './postgresServer.ts';
import { addJob } from './stores.ts';

const long = 60_000;

describe('leases in PostgreSQL', () => {
  let folder: string;
  let [one, two]: PostgresStores[] = [];
  before(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'updraft-'));
    [one, two] = [openPostgresStore(placeOf(folder)), openPostgresStore(placeOf(folder))];
    await one.ready();
    await one.store.in('ws', thePlane).write((writer) => addJob(writer, 'job'));
  });
  after(async () => {
    await Promise.all([one!.store.close(), two!.store.close()]);
    rmSync(folder, { recursive: true, force: true });
  });

  async function taken(stores: PostgresStores, name: string, holder: string, ms: number): Promise<Lease> {
    const lease = await stores.leases.take(name, holder, ms);
    assert.ok('term' in lease);
    return lease;
  }
  const tag = (stores: PostgresStores, key: string, lease?: Lease) =>
    stores.store.in('ws', thePlane, lease).write((writer) => writer.setTag('job', key, 'x'));
  const tags = async () => Object.keys(await one!.store.in('ws', thePlane).tags('job')).sort();

  it('are had by one at a time, until they end or are given back', async () => {
    const first = await taken(one!, 'a', 'one', long);
    const refused = await two!.leases.take('a', 'two', long);
    assert.ok('freeInMs' in refused && refused.freeInMs > 0 && refused.freeInMs <= long);
    assert.equal(await one!.leases.renew(first, long), true);
    await one!.leases.giveBack(first);
    const second = await taken(two!, 'a', 'two', 0);
    assert.equal(second.term, first.term + 1);
    // It has ended, and nobody else has it yet.
    assert.equal(await two!.leases.renew(second, 0), true);
    await taken(one!, 'a', 'one', long);
    assert.equal(await two!.leases.renew(second, long), false);
    await two!.leases.giveBack(second);
    assert.ok('freeInMs' in (await two!.leases.take('a', 'two', long)), 'who lost it gives nothing back');
  });

  it('are taken up at once by the same server that has started again', async () => {
    const first = await taken(one!, 'b', 'one', long);
    const again = await taken(two!, 'b', 'one', long);
    assert.equal(again.term, first.term + 1);
    assert.equal(await one!.leases.renew(first, long), false);
  });

  it('that several want at the same moment are had by one', async () => {
    const asked = await Promise.all([one!, two!, one!, two!].map(({ leases }, i) => leases.take('c', `server ${i}`, long)));
    assert.equal(asked.filter((each) => 'term' in each).length, 1);
  });

  it('let nothing be written once they are lost, and what others write at the same moment is kept', async () => {
    const lost = await taken(one!, 'd', 'one', 0);
    await tag(one!, 'held', lost);
    const present = await taken(two!, 'd', 'two', long);
    const refused = { name: 'UserError', code: 'PlaneUnreachable', message: /Another server of the control plane has taken over/ };
    await Promise.all([tag(one!, 'before'), assert.rejects(tag(one!, 'stale', lost), refused), tag(one!, 'after')]);
    await tag(two!, 'now', present);
    assert.deepEqual(await tags(), ['after', 'before', 'held', 'now']);
  });

  it('that are lost in the middle of a write take it back, also when it claims jobs, which leaves no change', async () => {
    const seq = await one!.store.seq();
    for (const what of ['tag', 'claim'] as const) {
      let runs = 0;
      const own = await taken(one!, 'e', 'one', 0);
      const writing = one!.store.in('ws', thePlane, own).write(async (writer) => {
        runs++;
        if (what === 'tag') await writer.setTag('job', 'half', 'x');
        else await writer.claimJobs('runner', ['job'], long);
        // As if this process slept here.
        await taken(two!, 'e', 'two', 0);
      });
      const beside = tag(one!, 'beside');
      await assert.rejects(writing, { code: 'PlaneUnreachable' });
      await beside;
      assert.equal(runs, 1);
    }
    assert.ok(!(await tags()).includes('half'));
    assert.deepEqual(await one!.store.claims(), []);
    assert.equal(await one!.store.seq(), seq + 2);
  });

  it('say where their holder is reached, as long as they last', async () => {
    assert.equal(await two!.leases.addressOf('addressed'), undefined);
    const lease = await one!.leases.take('addressed', 'one', long, 'http://10.0.0.11:8700');
    assert.ok('term' in lease);
    assert.equal(await two!.leases.addressOf('addressed'), 'http://10.0.0.11:8700');
    await one!.leases.giveBack(lease);
    assert.equal(await two!.leases.addressOf('addressed'), undefined);
    await taken(two!, 'addressed', 'two', long);
    assert.equal(await one!.leases.addressOf('addressed'), undefined, 'who says none has none');
  });

  it('are counted by the clock of the database', async () => {
    const [before, now, after] = [Date.now(), await one!.leases.now(), Date.now()];
    assert.ok(now >= before - 1 && now <= after + 1);
  });
});
