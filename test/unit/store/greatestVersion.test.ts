import assert from 'node:assert/strict';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, it } from 'mocha';
import type { Store, WorkspaceStore } from '../../../src/store/store.ts';
import { temporaryFolder } from '../../contract/stores/temporaryFolder.ts';
import { asked, implementations } from './implementations.ts';

for (const { name, open } of implementations)
  describe(`the greatest version: ${name}`, () => {
    let folder: string;
    let remove: () => void;
    let plane: Store;
    let store: WorkspaceStore;
    beforeEach(() => {
      ({ folder, remove } = temporaryFolder());
      plane = open(folder).store;
      store = plane.in('local', asked.principal);
    });
    afterEach(async () => {
      await plane.close();
      remove();
    });
    const put = (name: string, ...versions: string[]) =>
      store.write(async (writer) => {
        for (const version of versions) await writer.putResource({ kind: 'data', name, version, properties: {} });
      });
    const greatest = (name: string) => store.greatestVersion('data', name);

    it('is the greatest whole number, however it is written and in whatever order they came', async () => {
      assert.equal(await greatest('none'), 0);
      await put('words', '', 'latest', '1.2', 'v3', '-4', '0x10', '5 ', '1e3', '٣');
      assert.equal(await greatest('words'), 0);
      await put('mixed', '', '9', '10', '2', '007', 'v99');
      assert.equal(await greatest('mixed'), 10);
      await put('long', '123456789012345', '9999999999999999');
      assert.equal(await greatest('long'), 123456789012345);
      await put('zeros', '000000000000012', '3');
      assert.equal(await greatest('zeros'), 12);
      assert.equal(await plane.in('other', asked.principal).greatestVersion('data', 'mixed'), 0);
      assert.equal(await store.greatestVersion('models', 'mixed'), 0);
      await store.write((writer) => writer.deleteResource('data', 'mixed', '10'));
      assert.equal(await greatest('mixed'), 9);
    });

    if (name === 'SQLite')
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
  });
