import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { snapshotFiles } from '../../../src/submit/snapshotFiles.ts';

describe('the files of a snapshot', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'updraft-snapshot-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const write = (name: string, text = name) => {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), text);
  };
  const link = (to: string, name: string) => symlinkSync(to, path.join(folder, name));
  const found = (code: string | undefined, includes: string[] = []) =>
    [
      ...snapshotFiles(
        code === undefined ? undefined : path.join(folder, code),
        includes.map((each) => path.join(folder, each)),
      ),
    ].map((each) => each.path);

  it('follow links to files and folders, also out of the folder', () => {
    write('repo/baz.py');
    write('repo/foo/bar/baz.py');
    write('outside/o.txt');
    link('foo', 'repo/foolink');
    link('../outside', 'repo/outlink');
    link('baz.py', 'repo/same.py');
    link('nowhere', 'repo/broken');
    assert.deepEqual(found('repo'), ['baz.py', 'foo/bar/baz.py', 'foolink/bar/baz.py', 'outlink/o.txt', 'same.py']);
  });

  it('end where a link leads back to a folder around it', () => {
    write('repo/a/one.py');
    write('repo/c/two.py');
    link('..', 'repo/a/up');
    link('../c', 'repo/a/c');
    link('../a', 'repo/c/a');
    assert.deepEqual(found('repo'), ['a/c/two.py', 'a/one.py', 'c/a/one.py', 'c/two.py']);
  });

  it('leave out below a link what the ignore files leave out', () => {
    write('repo/.amlignore', '*.tmp\nlinked/secret.txt\n');
    write('other/kept.py');
    write('other/left.tmp');
    write('other/secret.txt');
    link('../other', 'repo/linked');
    assert.deepEqual(found('repo'), ['.amlignore', 'linked/kept.py']);
  });

  it('are those that are included where there is no code folder', () => {
    write('src/main.py');
    write('shared/util/a.py');
    assert.deepEqual(found(undefined, ['src/main.py', 'shared/util']), ['main.py', 'util/a.py']);
  });
});
