import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, afterEach, before, beforeEach, describe, it } from 'mocha';
import type { AuditLine, NewAuditLine } from '../../../../src/protocol/audit.ts';
import { thePlane } from '../../../../src/protocol/principal.ts';
import { hashOf } from '../../../../src/server/audit/auditChain.ts';
import { AuditLog } from '../../../../src/server/audit/auditLog.ts';
import type { Store, StoreWriter } from '../../../../src/store/store.ts';
import { implementations, type OpenStores } from '../../store/implementations.ts';

const start = Date.parse('2026-11-27T23:59:00Z');
const dayMs = 86_400_000;

for (const { name, open } of implementations)
  describe(`the audit log, kept in ${name}`, () => {
    let folder: string;
    let stores: OpenStores;
    let log: AuditLog;
    let now = start;
    before(() => {
      folder = mkdtempSync(path.join(tmpdir(), 'updraft-audit-'));
    });
    after(() => rmSync(folder, { recursive: true, force: true }));
    beforeEach(async () => {
      stores = open(mkdtempSync(path.join(folder, 'store-')));
      now = start;
      log = new AuditLog(stores.store, () => now);
    });
    afterEach(() => stores.store.close());

    const line = (path: string, more: Partial<NewAuditLine> = {}): NewAuditLine => ({
      at: new Date(now).toISOString(),
      who: { kind: 'user', id: 'a1', name: 'ann@example.org' },
      action: 'x/write',
      method: 'PUT',
      path,
      outcome: 'done',
      status: 200,
      ...more,
    });
    const fill = async (count: number): Promise<void> => {
      await Promise.all(Array.from({ length: count }, (_, at) => log.append(line(`/things/${at + 1}`))));
    };
    const tamper = (store: Store, work: (writer: StoreWriter) => Promise<void>) => store.in(' audit', thePlane).write(work);
    const idOf = (seq: number) => String(seq).padStart(15, '0');
    const all = () => true;

    it('chains lines in the order of their numbers, and answers the newest first', async () => {
      await fill(20);
      const { value, next } = await log.read({ limit: 7 }, all);
      assert.deepEqual(
        value.map(({ seq }) => seq),
        [20, 19, 18, 17, 16, 15, 14],
      );
      const more = await log.read({ limit: 100, before: next! }, all);
      assert.deepEqual([more.value.length, more.value[0]!.seq, more.next], [13, 13, undefined]);
      for (const [at, each] of value.slice(0, -1).entries()) assert.equal(each.previous, value[at + 1]!.hash);
      assert.deepEqual(await log.verify(), { lines: 20, first: 1, head: { seq: 20, hash: value[0]!.hash }, problems: [] });
    });

    it('finds lines by who, action, resource, outcome and time, over days', async () => {
      await log.append(line('/a'));
      now += 2 * dayMs;
      await log.append(line('/b', { outcome: 'refused', status: 403, workspace: 'vision', action: 'jobs/read' }));
      await log.append(line('/c', { about: { name: 'digits' }, who: { kind: 'user', id: 'b2', name: 'Bo' } }));
      const found = async (query: Parameters<AuditLog['read']>[0]) => (await log.read(query, all)).value.map(({ path }) => path).join('');
      assert.equal(await found({}), '/c/b/a');
      assert.equal(await found({ who: 'ANN' }), '/b/a');
      assert.equal(await found({ resource: 'digits' }), '/c');
      assert.equal(await found({ resource: 'vision' }), '/b');
      assert.equal(await found({ action: 'jobs/' }), '/b');
      assert.equal(await found({ outcome: 'refused' }), '/b');
      assert.equal(await found({ since: '2026-11-28' }), '/c/b');
      assert.equal(await found({ until: '2026-11-28' }), '/a');
      assert.equal((await log.read({}, ({ workspace }) => workspace === 'vision')).value.length, 1);
      await assert.rejects(log.read({ since: 'yesterday' }, all), /"yesterday" is no time for since/);
      await assert.rejects(log.read({ before: '../1' }, all), /no place in the audit log/);
    });

    it('shows that a line was changed, removed, written anew, or taken from the end', async () => {
      await fill(9);
      const [newest] = (await log.read({ limit: 1 }, all)).value;
      const bodyOf = async (writer: StoreWriter, seq: number) => (await writer.entities.get('auditLine', idOf(seq)))!;
      await tamper(stores.store, async (writer) => {
        const found = await bodyOf(writer, 7);
        await writer.entities.put({ ...found, body: { ...found.body, who: { ...found.body.who, name: 'bob@example.org' } } });
        await writer.entities.delete('auditLine', idOf(4));
        // With a hash that fits, but not to what follows.
        const other = await bodyOf(writer, 2);
        const { hash: _hash, ...rest } = { ...other.body, path: '/another' } as AuditLine;
        await writer.entities.put({ ...other, body: { ...rest, hash: hashOf(rest) } });
      });
      const { lines, problems } = await log.verify();
      assert.deepEqual([lines, problems], [8, ['Line 2 was changed.', 'Line 4 is missing.', 'Line 7 was changed.']]);

      await tamper(stores.store, async (writer) => {
        const ends = (await writer.entities.get('auditEnds', 'ends'))!;
        const eighth = await bodyOf(writer, 8);
        await writer.entities.delete('auditLine', idOf(9));
        await writer.entities.put({ ...ends, body: { ...ends.body, newest: { ...ends.body.newest, seq: 8, hash: eighth.body.hash } } });
      });
      assert.ok(!(await log.verify()).problems.some((each) => /9/.test(each)), 'Nothing that is left knows of the line.');
      assert.ok((await log.verify(newest)).problems.includes('Line 9, which was there, is missing.'));
    });

    it('forgets whole days when their time has come, and says so', async () => {
      await fill(3);
      now += dayMs;
      await log.append(line('/second-day'));
      now += 5 * dayMs;
      await log.append(line('/later'));
      assert.equal(await log.trim(Date.parse('2026-11-29')), 4);
      const { value } = await log.read({}, all);
      assert.deepEqual(
        value.map(({ path, about }) => about?.lines ?? path),
        ['4 to 4', '1 to 3', '/later'],
      );
      const { lines, first, problems } = await log.verify();
      assert.deepEqual([lines, first, problems], [3, 5, []]);
      assert.equal(await log.trim(Date.parse('2026-11-29')), 0);
      // Today stays, however short lines are to be kept.
      assert.equal(await log.trim(now + 10 * dayMs), 0);
    });

    it('keeps its order when the clock goes back', async () => {
      await log.append(line('/one'));
      now -= 3 * dayMs;
      await log.append(line('/two'));
      assert.deepEqual((await log.verify()).problems, []);
      assert.equal((await log.read({}, all)).value.length, 2);
    });
  });
