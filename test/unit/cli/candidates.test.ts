import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { commands } from '../../../src/cli/commands.ts';
import { candidates } from '../../../src/cli/completion/candidates.ts';

/** The words that complete a line; its last word is being typed. */
const wordsAfter = (line: string) => candidates(commands, line.split(' ')).map(({ word }) => word);

describe('completion', () => {
  it('offers groups and commands', () => {
    assert.deepEqual(wordsAfter('sche'), ['schedule']);
    assert.ok(wordsAfter('').includes('ml'));
    assert.ok(!wordsAfter('').includes('complete'));
    assert.ok(!wordsAfter('ml ').includes('serve'));
    assert.deepEqual(wordsAfter('ml job c'), ['create', 'cancel']);
    assert.deepEqual(wordsAfter('store '), ['check', 'compact', 'backup', 'restore']);
  });

  it('offers options, each once unless it may be repeated, and their values', () => {
    assert.deepEqual(wordsAfter('job show --n'), ['--no-wait', '--name']);
    assert.deepEqual(wordsAfter('job show --name x --na'), []);
    assert.deepEqual(wordsAfter('job create --set a=b --se'), ['--server', '--set']);
    assert.deepEqual(wordsAfter('ml job show -o js'), ['json', 'jsonc']);
    assert.deepEqual(wordsAfter('completion --shell f'), ['fish']);
  });

  it('leaves files and free texts to the shell', () => {
    assert.deepEqual(wordsAfter('job create --file '), []);
    assert.deepEqual(wordsAfter('job create '), []);
    assert.deepEqual(wordsAfter('nothing of ours '), []);
  });
});
