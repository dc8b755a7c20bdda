import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { machinePlace } from '../../../src/extension/state/planes/place.ts';
import { SubmitTargets } from '../../../src/extension/state/submitTargets.ts';

describe('where files were submitted to', () => {
  it('is kept for each file, told of, and not believed where it is no place', () => {
    let kept: Record<string, string> = { 'file:///c.yml': 'http://example.org/vision' };
    const targets = new SubmitTargets({ read: () => kept, write: (next) => (kept = next) });
    const told: string[] = [];
    targets.onDidChange((uri) => told.push(uri));
    const vision = { plane: 'https://updraft.example.org', workspace: 'vision' };
    targets.set('file:///a.yml', vision);
    targets.set('file:///b.yml', machinePlace);
    assert.deepEqual(told, ['file:///a.yml', 'file:///b.yml']);
    const again = new SubmitTargets({ read: () => kept, write: () => {} });
    assert.deepEqual(
      again.files.map((uri) => again.of(uri)),
      [undefined, vision, machinePlace],
    );
    assert.equal(again.of('file:///d.yml'), undefined);
  });
});
