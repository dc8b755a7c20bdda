import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { ContentCache } from '../../../src/runner/contentCache.ts';

describe("the runner's cache of contents", () => {
  let root: string;
  let folder: string;
  let brought: number;
  beforeEach(() => {
    root = mkdtempSync(path.join(tmpdir(), 'updraft-cache-'));
    folder = path.join(root, 'cache');
    brought = 0;
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  const content = (text: string) => ({ sha256: createHash('sha256').update(text).digest('hex'), size: Buffer.byteLength(text) });
  const bring = (text: string) => async (file: string) => {
    brought++;
    writeFileSync(file, text);
  };
  const use = async (cache: ContentCache, text: string, target = 'target') => {
    await cache.copyTo(path.join(root, target), content(text), bring(text));
    return readFileSync(path.join(root, target), 'utf8');
  };
  const daysOld = (text: string, days: number) => {
    const time = new Date(Date.now() - days * 86_400_000);
    utimesSync(path.join(folder, content(text).sha256), time, time);
  };
  const held = (...texts: string[]) => assert.deepEqual(new Set(readdirSync(folder)), new Set(texts.map((text) => content(text).sha256)));

  it('brings a content once, and each job gets a copy of its own', async () => {
    const cache = new ContentCache(folder);
    assert.deepEqual(await Promise.all([use(cache, 'data', 'a/1'), use(cache, 'data', 'b/2'), use(cache, 'data', 'c')]), [
      'data',
      'data',
      'data',
    ]);
    writeFileSync(path.join(root, 'c'), 'changed by a job');
    assert.equal(await use(cache, 'data', 'd'), 'data');
    assert.equal(brought, 1);
  });

  it('brings it anew when what is here is not whole', async () => {
    const cache = new ContentCache(folder);
    await use(cache, 'data');
    writeFileSync(path.join(folder, content('data').sha256), 'da');
    assert.equal(await use(cache, 'data'), 'data');
    assert.equal(brought, 2);
  });

  it('keeps what was used last when it is full', async () => {
    const cache = new ContentCache(folder, { bytes: 20, age: 86_400_000 });
    for (const [index, text] of ['one 56789', 'two 56789'].entries()) {
      await use(cache, text);
      daysOld(text, 0.5 - index / 10);
    }
    held('one 56789', 'two 56789');
    await use(cache, 'one 56789');
    await use(cache, 'three 789');
    await cache.trim();
    held('one 56789', 'three 789');
  });

  it('lets go what no job used for long, and what was never finished', async () => {
    const cache = new ContentCache(folder, { bytes: 1000, age: 10 * 86_400_000 });
    await use(cache, 'old');
    await use(cache, 'new');
    daysOld('old', 11);
    const unfinished = path.join(folder, '.1234abcd.part');
    writeFileSync(unfinished, 'ne');
    utimesSync(unfinished, new Date(0), new Date(0));
    await cache.trim();
    held('new');
  });

  it('never takes away what a job is about to use', async () => {
    const cache = new ContentCache(folder, { bytes: 1, age: 0 });
    const arrived = Promise.withResolvers<void>();
    const gate = Promise.withResolvers<void>();
    const job = cache.copyTo(path.join(root, 'target'), content('needed'), async (file) => {
      await bring('needed')(file);
      arrived.resolve();
      await gate.promise;
    });
    await arrived.promise;
    await cache.trim();
    held('needed');
    gate.resolve();
    await job;
    assert.equal(readFileSync(path.join(root, 'target'), 'utf8'), 'needed');
    await cache.trim();
    held();
  });

  it('goes on to bring for one job what another one no longer wants', async () => {
    const cache = new ContentCache(folder);
    const cancel = new AbortController();
    const begun = Promise.withResolvers<void>();
    const gate = Promise.withResolvers<void>();
    const slowly = async (file: string) => {
      begun.resolve();
      await gate.promise;
      await bring('shared')(file);
    };
    const first = cache.copyTo(path.join(root, 'first'), content('shared'), slowly, cancel.signal);
    first.catch(() => {});
    await begun.promise;
    const second = cache.copyTo(path.join(root, 'second'), content('shared'), slowly);
    cancel.abort(new Error('canceled'));
    await assert.rejects(first, { message: 'canceled' });
    gate.resolve();
    await second;
    assert.equal(readFileSync(path.join(root, 'second'), 'utf8'), 'shared');
    assert.equal(brought, 1);
  });
});
