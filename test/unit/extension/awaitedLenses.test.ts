import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'mocha';
import type { TextDocument } from 'vscode';
import { AwaitedLenses } from '../../../src/extension/language/awaitedLenses.ts';
import { ManualTimers } from '../client/manualTimers.ts';

describe('the lenses that an editor has still to ask for', () => {
  const document = { languageId: 'azure-ml-yaml' } as TextDocument;
  let timers: ManualTimers;
  let visible: boolean;
  let told: number;
  let lenses: AwaitedLenses;
  /** How often the editor is told before it asks. */
  let asksAfter: number;
  beforeEach(() => {
    timers = new ManualTimers();
    visible = true;
    told = 0;
    asksAfter = Number.POSITIVE_INFINITY;
    lenses = new AwaitedLenses(
      () => {
        if (++told >= asksAfter) lenses.noteAsked(document);
      },
      () => visible,
      timers,
    );
  });

  it('are left to an editor that asks by itself', async () => {
    lenses.expect(document);
    lenses.noteAsked(document);
    lenses.expect(document);
    await timers.advance(60_000);
    assert.equal(told, 0);
  });

  it('are asked for within two seconds by one that dropped its question twice', async () => {
    asksAfter = 2;
    lenses.expect(document);
    lenses.expect(document);
    await timers.advance(2000);
    assert.equal(told, 2);
    await timers.advance(60_000);
    assert.equal(told, 2);
  });

  it('are not waited for for ever, nor where nobody sees them', async () => {
    lenses.expect(document);
    await timers.advance(60_000);
    assert.equal(told, 4);
    visible = false;
    lenses.expect(document);
    await timers.advance(60_000);
    assert.deepEqual([told, timers.left], [4, []]);
  });

  it('are expected anew of a server that was started again, and when the document is shown again', async () => {
    asksAfter = 1;
    lenses.noteAsked(document);
    lenses.forgetAsked();
    visible = false;
    lenses.expect(document);
    await timers.advance(1000);
    assert.equal(told, 0);
    visible = true;
    lenses.expect(document);
    await timers.advance(1000);
    assert.equal(told, 1);
  });
});
