import assert from 'node:assert/strict';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { openSqliteStore } from '../../../src/store/sqlite/sqliteStore.ts';
import type { Store } from '../../../src/store/store.ts';
import { temporaryFolder } from '../../contract/stores/temporaryFolder.ts';

describe('the greatest version', () => {
  let folder: string;
  let remove: () => void;
  let store: Store;
  beforeEach(() => {
    ({ folder, remove } = temporaryFolder());
    store = openSqliteStore(folder);
  });
  afterEach(async () => {
    await store.close();
    remove();
  });
  const put = (name: string, ...versions: string[]) =>
    store.write((writer) => {
      for (const version of versions) writer.putResource({ workspace: 'local', kind: 'data', name, version, properties: {} });
    });
  const greatest = (name: string) => store.greatestVersion('local', 'data', name);

  it('is the greatest whole number, however it is written and in whatever order they came', async () => {
    assert.equal(greatest('none'), 0);
    await put('words', '', 'latest', '1.2', 'v3', '-4', '0x10', '5 ', '1e3', '٣');
    assert.equal(greatest('words'), 0);
    await put('mixed', '', '9', '10', '2', '007', 'v99');
    assert.equal(greatest('mixed'), 10);
    await put('long', '123456789012345', '9999999999999999');
    assert.equal(greatest('long'), 123456789012345);
    await put('zeros', '000000000000012', '3');
    assert.equal(greatest('zeros'), 12);
    assert.equal(store.greatestVersion('other', 'data', 'mixed'), 0);
    assert.equal(store.greatestVersion('local', 'models', 'mixed'), 0);
    await store.write((writer) => writer.deleteResource('local', 'data', 'mixed', '10'));
    assert.equal(greatest('mixed'), 9);
  });

  it('is found at the end of an index, without a look at the other versions', () => {
    const db = new DatabaseSync(path.join(folder, 'updraft.db'), { readOnly: true });
    const plan = db
      .prepare(
        `EXPLAIN QUERY PLAN SELECT max(CAST(version AS INTEGER)) AS n FROM resources WHERE workspace = ? AND kind = ? AND name = ?
         AND version <> '' AND version NOT GLOB '*[^0-9]*' AND length(version) <= 15`,
      )
      .all('local', 'data', 'mixed') as { detail: string }[];
    db.close();
    assert.deepEqual(
      plan.map(({ detail }) => detail),
      ['SEARCH resources USING COVERING INDEX resources_number (workspace=? AND kind=? AND name=?)'],
    );
  });

  it('of 100,000 is found in as little time as of ten', async () => {
    const db = new DatabaseSync(path.join(folder, 'updraft.db'));
    const insert = db.prepare(
      `WITH RECURSIVE n (i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < ?)
       INSERT INTO resources SELECT 'local', 'data', ?, CAST(i AS TEXT), '{}', 0, 0, NULL, i FROM n`,
    );
    insert.run(100_000, 'many');
    insert.run(10, 'few');
    db.close();
    const timeOf = (name: string, expected: number) => {
      const started = process.hrtime.bigint();
      for (let i = 0; i < 200; i++) assert.equal(greatest(name), expected);
      return Number(process.hrtime.bigint() - started);
    };
    timeOf('few', 10);
    const [few, many] = [timeOf('few', 10), timeOf('many', 100_000)];
    // Reading the 100,000 would take thousands of times as long.
    assert.ok(many < 50 * few, `${many} ns against ${few} ns`);
  });
});
