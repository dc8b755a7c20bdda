import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { render } from '../../../src/spec/expression.ts';

describe('a rendered command', () => {
  const values: Record<string, string> = { 'inputs.day': '2024-01-01', 'inputs.tags': 'a b', 'inputs.note': '' };
  const rendered = (command: string) => render(command, (path) => values[path.join('.')]);

  it('has the values of its expressions, and leaves alone those without one', () => {
    assert.equal(rendered('go ${{inputs.day}} ${{ inputs.tags }} ${{inputs.other}}'), 'go 2024-01-01 a b ${{inputs.other}}');
    assert.equal(rendered('go "${{inputs.note}}"'), 'go ""');
  });

  it('drops an optional part without a value, or with an empty one', () => {
    assert.equal(rendered('go $[[--tags ${{inputs.tags}}]] $[[--other ${{inputs.other}}]].'), 'go --tags a b .');
    assert.equal(rendered('go $[[--note ${{inputs.note}}]]$[[--both ${{inputs.day}} ${{inputs.note}}]].'), 'go .');
  });
});
