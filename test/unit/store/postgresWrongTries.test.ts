import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'mocha';
import { openPostgresStore, type PostgresStores } from '../../../src/store/postgres/postgresStore.ts';
import { PostgresWrongTries } from '../../../src/store/postgres/postgresWrongTries.ts';
import { placeOf } from './postgresServer.ts';

const minute = 60_000;
const start = Date.parse('2026-11-27T12:00:00Z');

describe('wrong tries in PostgreSQL', () => {
  let folder: string;
  let stores: PostgresStores;
  /** Of two servers; the first keeps three keys, and looks after each try whether there are more. */
  let [one, two]: PostgresWrongTries[] = [];
  before(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'updraft-'));
    stores = openPostgresStore(placeOf(folder));
    await stores.ready();
    [one, two] = [new PostgresWrongTries(placeOf(folder), 3, 1), new PostgresWrongTries(placeOf(folder))];
  });
  after(async () => {
    await Promise.all([one!.close(), two!.close(), stores.store.close()]);
    rmSync(folder, { recursive: true, force: true });
  });

  it('are counted together, each once, in whatever order the keys come', async () => {
    await Promise.all(Array.from({ length: 40 }, (_, n) => (n % 2 ? one! : two!).add(n % 3 ? ['a', 'b'] : ['b', 'a', 'a'], start, minute)));
    const counts = await two!.add(['a', 'b'], start + 1000, minute);
    assert.deepEqual(
      [...counts.values()],
      [
        { count: 41, until: start + minute },
        { count: 41, until: start + minute },
      ],
    );
    assert.deepEqual([...(await one!.reached(41, start + 1000)).keys()].sort(), ['a', 'b']);
    assert.equal((await one!.reached(42, start + 1000)).size, 0);
  });

  it('begin anew when their window is over, and those of others that are over go', async () => {
    const later = start + minute;
    assert.equal((await one!.reached(1, later)).size, 0);
    assert.deepEqual((await one!.add(['a'], later, minute)).get('a'), { count: 1, until: later + minute });
    // "b" went with it: at its own time it is not there any more.
    assert.deepEqual([...(await one!.reached(1, start)).keys()], ['a']);
  });

  it('have room for so many keys; those that end first are forgotten', async () => {
    const later = start + 10 * minute;
    for (let n = 0; n < 10; n++) await one!.add([`key ${n}`], later + n, minute);
    assert.deepEqual([...(await one!.reached(1, later + 10)).keys()].sort(), ['key 7', 'key 8', 'key 9']);
  });
});
