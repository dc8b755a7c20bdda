import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { ToolCalls } from '../../../src/extension/chat/toolCalls.ts';

describe('the calls of tools in a streamed answer', () => {
  it('are put together from their pieces', () => {
    const calls = new ToolCalls();
    calls.add([{ index: 0, id: 'a', function: { name: 'weather', arguments: '' } }]);
    calls.add([{ index: 0, function: { arguments: '{"city":' } }]);
    calls.add([
      { index: 0, function: { arguments: '"Paris"}' } },
      { index: 1, id: 'b', function: { name: 'time' } },
    ]);
    assert.deepEqual(calls.all(), [
      { id: 'a', name: 'weather', input: { city: 'Paris' } },
      { id: 'b', name: 'time', input: {} },
    ]);
  });

  it('say which tool was called with what is no JSON', () => {
    const calls = new ToolCalls();
    calls.add([{ index: 0, id: 'a', function: { name: 'weather', arguments: '{"city"' } }]);
    assert.throws(() => calls.all(), /called the tool weather with arguments that are no JSON object/);
  });
});
