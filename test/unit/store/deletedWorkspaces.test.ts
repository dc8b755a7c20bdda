import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { thePlane } from '../../../src/protocol/principal.ts';
import type { ResourceKind, WorkspaceStore } from '../../../src/store/store.ts';
import { asked, implementations, type OpenStores } from './implementations.ts';
import { addJob, rowsOf, StoreFolder } from './stores.ts';

for (const implementation of implementations)
  describe(`a workspace that was deleted, in ${implementation.name}`, () => {
    let folder: StoreFolder;
    let stores: OpenStores;
    let rows: WorkspaceStore;
    beforeEach(async () => {
      folder = new StoreFolder(implementation);
      stores = folder.open();
      rows = rowsOf(stores);
      await rows.write((writer) => addJob(writer, 'before'));
    });
    afterEach(() => folder.remove());

    const note = (kind: ResourceKind) =>
      stores.store.in('', thePlane).write((writer) => writer.putResource({ kind, name: asked.workspace, version: '', properties: {} }));
    const rename = (writer: Parameters<Parameters<WorkspaceStore['write']>[0]>[0]) => writer.setTag('before', 'k', 'v');

    it('gets no new jobs, but what goes on in it is written', async () => {
      await note('deletedWorkspaces');
      await assert.rejects(
        rows.write((writer) => addJob(writer, 'late')),
        { code: 'NotFound' },
      );
      await rows.write(rename);
      await stores.store.in('other', asked.principal).write((writer) => addJob(writer, 'elsewhere'));
    });

    it('is written by nobody but the plane while it is purged', async () => {
      await note('purgedWorkspaces');
      await assert.rejects(rows.write(rename), { code: 'NotFound' });
      await stores.store.in(asked.workspace, thePlane).write(rename);
      await stores.store.in('other', asked.principal).write((writer) => addJob(writer, 'elsewhere'));
    });

    it('is left without a row, a piece at a time', async () => {
      const other = stores.store.in('other', asked.principal);
      for (const each of [rows, other])
        await each.write(async (writer) => {
          for (let version = 1; version <= 5; version++)
            await writer.putResource({ kind: 'models', name: 'm', version: String(version), properties: {} });
          await writer.putBlob('c', 'p', 'sha', 3);
          await writer.entities.put({ kind: 'comment', id: 'i', scope: 's', at: 1, body: {} });
        });
      await rows.write((writer) => writer.purgeJobs(['before']));
      const pieces: number[] = [];
      for (;;) {
        const gone = await rows.write((writer) => writer.purgeRows(2));
        if (gone === 0) break;
        pieces.push(gone);
      }
      assert.ok(pieces.length >= 3, String(pieces));
      assert.deepEqual(await rows.resources('models', 'm', 0, 10), []);
      assert.deepEqual(await rows.experiments(0, 10), []);
      assert.equal(await rows.blob('c', 'p'), undefined);
      assert.equal((await other.resources('models', 'm', 0, 10)).length, 5);
      assert.ok(await other.blob('c', 'p'));
      assert.ok(await stores.store.hasContent('sha'));
      await other.write((writer) => writer.purgeRows(100));
      assert.equal(await stores.store.hasContent('sha'), false);
    });
  });
