import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { largeBlob, type WorkspaceStore } from '../../../src/store/store.ts';
import { asked, implementations, type OpenStores } from './implementations.ts';

for (const implementation of implementations)
  describe(`blobs that another file may be taken from, in ${implementation.name}`, () => {
    let folder: string;
    let stores: OpenStores;
    let rows: WorkspaceStore;
    beforeEach(() => {
      folder = mkdtempSync(path.join(tmpdir(), 'updraft-'));
      stores = implementation.open(folder);
      rows = stores.store.in(asked.workspace, asked.principal);
    });
    afterEach(async () => {
      await stores.store.close();
      rmSync(folder, { recursive: true, force: true });
    });
    const put = (container: string, name: string, sha256: string, size = largeBlob) =>
      rows.write((writer) => writer.putBlob(container, name, sha256, size));
    const found = async (name: string) => (await rows.otherVersion('c', name))?.path;

    it('are large, in the same container, and have the same name: that of the very path, else one of the newest', async () => {
      await put('c', 'a/small.bin', 'x', largeBlob - 1);
      await put('d', 'a/model.bin', 'x');
      await put('c', 'a/my-model.bin', 'x');
      await put('c', 'a/model.bin/weights', 'x');
      assert.deepEqual(
        [await found('b/small.bin'), await found('b/model.bin'), await found('model.bin')],
        [undefined, undefined, undefined],
      );
      await put('c', 'a/model.bin', 'x');
      assert.deepEqual(
        [await found('b/model.bin'), await found('model.bin'), await found('el.bin')],
        ['a/model.bin', 'a/model.bin', undefined],
      );
      const first = (await rows.blob('c', 'a/model.bin'))!.modifiedAt;
      while (Date.now() <= first);
      await put('c', 'model.bin', 'y');
      assert.deepEqual([await found('b/model.bin'), await found('a/model.bin')], ['model.bin', 'a/model.bin']);
      await put('c', 'a/100%_ü.bin', 'z');
      assert.deepEqual([await found('b/100%_ü.bin'), await found('b/100x_ü.bin')], ['a/100%_ü.bin', undefined]);
      const elsewhere = stores.store.in('other', asked.principal);
      assert.equal(await elsewhere.otherVersion('c', 'a/model.bin'), undefined);
    });

    it('are known by their content in the own workspace, but for what no client may name', async () => {
      await put('c', 'a/file', 'x', 5);
      await put('$parts', 'b/file', 'y', 5);
      assert.equal((await rows.blobWithContent('x'))?.path, 'a/file');
      assert.equal(await rows.blobWithContent('y'), undefined);
      assert.equal(await stores.store.in('other', asked.principal).blobWithContent('x'), undefined);
    });
  });
