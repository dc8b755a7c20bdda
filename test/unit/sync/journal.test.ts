import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { Journal } from '../../../src/sync/folder/journal.ts';
import { readJournal } from '../../../src/sync/folder/readJournal.ts';

describe('the journal of what is to be sent', () => {
  let folder: string;
  let file: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'updraft-'));
    file = path.join(folder, 'journal.jsonl');
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const intent = (job: string) => ({ job, from: { plane: 'local', workspace: '' }, to: { plane: 'https://x', workspace: 'vision' } });
  const states = (journal: { entries: readonly { job: string; state: string }[] }) =>
    journal.entries.map(({ job, state }) => `${job} ${state}`);

  it('is written by several processes, each of which reads what the others wrote', () => {
    const [a, b] = [new Journal(file), new Journal(file)];
    a.want([intent('one')]);
    b.want([intent('two')]);
    assert.deepEqual(states(b), ['one waiting', 'two waiting']);
    assert.deepEqual(states(a), ['one waiting']);
    a.refresh();
    assert.deepEqual(states(a), ['one waiting', 'two waiting']);
    a.note(intent('two'), 'refused', 'why');
    b.refresh();
    assert.equal(b.find(intent('two'))?.reason, 'why');
    assert.deepEqual(readJournal(file), b.entries);
    for (const each of [a, b]) each.close();
  });

  it('keeps waiting what was asked for again while it was sent', () => {
    const journal = new Journal(file);
    const old = '2026-01-01T00:00:00.000Z';
    writeFileSync(file, `${JSON.stringify({ at: old, ...intent('one'), state: 'waiting' })}\n`);
    journal.refresh();
    const [entry] = journal.entries;
    const other = new Journal(file);
    other.want([intent('one')]);
    other.close();
    journal.note(entry!, 'sent');
    assert.deepEqual(states(journal), ['one waiting']);
    journal.note(journal.entries[0]!, 'sent');
    assert.deepEqual(states(journal), ['one sent']);
    journal.close();
  });

  it('never counts a line that was cut off, and takes it away before the next one', () => {
    const journal = new Journal(file);
    journal.want([intent('one')]);
    appendFileSync(file, '{"at":"2026-01-01T00:00:00.000Z","job":"tw');
    journal.refresh();
    assert.deepEqual(states(journal), ['one waiting']);
    assert.deepEqual(states({ entries: readJournal(file) }), ['one waiting']);
    journal.note(intent('one'), 'sent');
    assert.equal(readFileSync(file, 'utf8').split('\n').length, 3);
    assert.deepEqual(states(new Journal(file)), ['one sent']);
    journal.close();
  });

  it('says that the disk is full, and where, and has noted nothing then', () => {
    symlinkSync('/dev/full', file);
    const journal = new Journal(file);
    assert.throws(() => journal.want([intent('one')]), { code: 'DiskFull', message: new RegExp(`The disk of ${folder} is full`) });
    assert.deepEqual(states(journal), []);
    journal.close();
  });

  it('names the line that is damaged, and a later version that has written it', () => {
    writeFileSync(file, `${JSON.stringify({ at: '2026-01-01T00:00:00.000Z', ...intent('one'), state: 'waiting' })}\n{"at":3}\n`);
    assert.throws(() => new Journal(file), /Line 2 of the journal .* is damaged/);
    writeFileSync(file, `${JSON.stringify({ format: 2, ...intent('one') })}\n`);
    assert.throws(() => readJournal(file), { code: 'DataFolderNewer' });
  });
});
