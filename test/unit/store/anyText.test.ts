import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { implementations, type OpenStores } from './implementations.ts';
import { addJob, rowsOf, StoreFolder } from './stores.ts';

/** In the order of their bytes. Databases have something against each of them. */
const texts = [
  '\u0000',
  '\u0000a',
  '\u0001',
  '\u0001\u0001',
  '\u0001\u0002',
  '\u0002',
  '"',
  "'",
  '\\',
  '\\x',
  'a',
  'a\u0000',
  'a\u0000b',
  'é',
  '\u{1F600}',
];

for (const implementation of implementations)
  describe(`any text: ${implementation.name}`, () => {
    let folder: StoreFolder;
    let stores: OpenStores;
    beforeEach(async () => {
      folder = new StoreFolder(implementation);
      stores = folder.open();
      await rowsOf(stores).write((writer) => addJob(writer, 'job'));
    });
    afterEach(() => folder.remove());

    it('comes back as it was written, wherever it stands', async () => {
      const rows = rowsOf(stores);
      const properties = { 'a\u0000': texts, b: 1, a: { nested: '\u0000', negative: -1.5, large: 2 ** 53 } };
      await rows.write(async (writer) => {
        for (const text of texts) {
          await writer.setTag('job', text, text);
          await writer.setParam('job', text, text);
          await writer.putResource({ kind: 'models', name: text, version: text, properties });
          await writer.putBlob('c', text, 'sha', 1, { [text]: text });
          await writer.entities.put({ kind: 'trace', id: text, scope: text, at: 1, body: { [text]: text } });
          await addJob(writer, `job${text}`);
        }
      });
      assert.deepEqual(await rows.tags('job'), Object.fromEntries(texts.map((text) => [text, text])));
      for (const text of texts) {
        const found = (await rows.resource('models', text, text))!;
        assert.deepEqual([found.name, found.version, JSON.stringify(found.properties)], [text, text, JSON.stringify(properties)]);
        assert.deepEqual((await rows.blob('c', text))!.metadata, { [text]: text });
        assert.deepEqual((await rows.entities.get('trace', text))!.body, { [text]: text });
        assert.equal((await rows.job(`job${text}`))!.name, `job${text}`);
      }
      assert.deepEqual(
        (await stores.store.changes(0, 1000)).filter(({ kind }) => kind === 'trace').map(({ id }) => id),
        texts,
      );
    });

    it('is in the order of its bytes', async () => {
      const rows = rowsOf(stores);
      await rows.write(async (writer) => {
        for (const text of texts.toReversed()) await writer.putBlob('c', text, 'sha', 1);
      });
      assert.deepEqual(
        (await rows.blobsFrom('c', '', '', 100)).map(({ path }) => path),
        texts,
      );
      assert.deepEqual(
        (await rows.blobsFrom('c', 'a\u0000', '', 100)).map(({ path }) => path),
        ['a\u0000', 'a\u0000b'],
      );
    });

    it('may be the key of a metric', async () => {
      const points = texts.map((key, step) => ({ key, value: step, at: step, step }));
      await stores.metrics.append({ workspace: 'ws', principal: rowsOf(stores).principal }, 'job', points);
      assert.deepEqual((await stores.metrics.keys('job')).toSorted(), texts.toSorted());
      for (const [step, key] of texts.entries()) assert.deepEqual([...(await stores.metrics.history('job', key, 0, 9)).steps], [step]);
    });
  });
