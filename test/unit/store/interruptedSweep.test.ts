import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, renameSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { BlobFolder } from '../../../src/store/folder/blobFolder.ts';
import { temporaryFolder } from '../../contract/stores/temporaryFolder.ts';

describe('a plane that was killed', () => {
  let folder: string;
  let remove: () => void;
  beforeEach(() => {
    ({ folder, remove } = temporaryFolder());
    mkdirSync(path.join(folder, 'tmp'));
  });
  afterEach(() => remove());
  const old = (name: string) => {
    const file = path.join(folder, 'tmp', name);
    utimesSync(file, new Date(0), new Date(0));
    return file;
  };

  it('in the middle of a write leaves a file that goes', async () => {
    writeFileSync(path.join(folder, 'tmp/half'), 'half of');
    assert.equal(await new BlobFolder(folder).sweep(() => false), 0);
    old('half');
    assert.equal(await new BlobFolder(folder).sweep(() => false), 1);
    assert.deepEqual(readdirSync(path.join(folder, 'tmp')), []);
  });

  it('in the middle of a sweep leaves a content that comes back when it has a name, and goes when it has none', async () => {
    const blobs = new BlobFolder(folder);
    const written = await Promise.all(['named', 'nameless'].map((each) => blobs.put(new Blob([each]).stream())));
    const [named, nameless] = written.map(({ sha256 }) => sha256);
    for (const sha256 of [named!, nameless!]) {
      renameSync(path.join(folder, sha256.slice(0, 2), sha256), path.join(folder, 'tmp', `remove-${sha256}`));
      old(`remove-${sha256}`);
    }
    assert.equal(await new BlobFolder(folder).sweep((sha256) => sha256 === named), 1);
    assert.equal(await text(await blobs.read(named!)), 'named');
    assert.equal(await blobs.size(nameless!), undefined);
    assert.deepEqual(readdirSync(path.join(folder, 'tmp')), []);
  });
});
