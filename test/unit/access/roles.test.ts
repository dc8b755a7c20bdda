import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { grantsAllow } from '../../../src/access/grants.ts';
import { matchesAction } from '../../../src/access/matchesAction.ts';
import { allows, builtInRoles } from '../../../src/access/roles.ts';
import { isWithin, planeScope, scopeOf, workspaceScope } from '../../../src/access/scopes.ts';

const w = 'Microsoft.MachineLearningServices/workspaces';
const role = (name: string) => builtInRoles.find((each) => each.name === name)!;

describe('patterns of actions', () => {
  it('match as in Azure', () => {
    const examples: [pattern: string, action: string, matches: boolean][] = [
      ['*', `${w}/write`, true],
      ['*/read', `${w}/read`, true],
      ['*/read', `${w}/jobs/READ`, true],
      ['*/read', `${w}/write`, false],
      [`${w}/*/read`, `${w}/read`, true],
      [`${w}/*/read`, `${w}/a/b/read`, true],
      [`${w}/*/read`, `${w}x/read`, false],
      [`${w}/computes/*/write`, `${w}/computes/write`, true],
      [`${w}/computes/*/write`, `${w}/computesOfOthers/write`, false],
      [`${w}/computes/*`, `${w}/computes/start/action`, true],
      [`${w}/write`, `${w}/jobs/write`, false],
      ['Microsoft.Authorization/*/Delete', 'microsoft.authorization/roleassignments/delete', true],
      [`${w}/*/*/write`, `${w}/a/b/write`, true],
    ];
    for (const [pattern, action, matches] of examples) assert.equal(matchesAction(pattern, action), matches, `${pattern} ${action}`);
  });

  it('match what a regular expression would, in a time that no pattern makes long', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 1, maxLength: 4 });
    const piece = fc.oneof(text, fc.constant('*'));
    fc.assert(
      fc.property(fc.array(piece, { minLength: 1, maxLength: 5 }), fc.array(text, { minLength: 1, maxLength: 5 }), (pattern, action) => {
        // Stars that follow each other share a slash, of which Azure says nothing.
        fc.pre(!pattern.some((each, index) => each === '*' && pattern[index + 1] === '*'));
        const expression = pattern
          .join('/')
          .replaceAll('/*/', '(?:/.*)?/')
          .replaceAll(/(?<!\.)\*(?!\))/g, '.*');
        assert.equal(
          matchesAction(pattern.join('/'), action.join('/')),
          new RegExp(`^${expression}$`).test(action.join('/')),
          pattern.join('/'),
        );
      }),
    );
    assert.equal(matchesAction(`${'*a'.repeat(2000)}b`, 'a'.repeat(20_000)), false);
  });
});

describe('built-in roles', () => {
  it('allow and leave out what Azure says', () => {
    const scientist = role('AzureML Data Scientist');
    for (const action of [
      'jobs/write',
      'jobs/cancel/action',
      'computes/start/action',
      'computes/read',
      'datastores/listSecrets/action',
      'read',
    ])
      assert.ok(allows(scientist, `${w}/${action}`), action);
    for (const action of ['write', 'delete', 'computes/write', 'computes/delete', 'computes/listKeys/action', 'listKeys/action'])
      assert.ok(!allows(scientist, `${w}/${action}`), action);
    assert.ok(!allows(scientist, 'Microsoft.Authorization/roleAssignments/read'));
    assert.ok(!allows(role('Contributor'), 'Microsoft.Authorization/roleAssignments/write'));
    assert.ok(allows(role('Contributor'), 'Microsoft.Authorization/roleAssignments/read'));
    assert.ok(allows(role('Owner'), 'Microsoft.Authorization/roleAssignments/write'));
    assert.ok(!allows(role('AzureML Registry User'), `${w}/read`));
  });

  it('hold at their scope and below it; what one leaves out another gives', () => {
    const vision = workspaceScope({ resourceGroup: 'Local', workspace: 'Vision' });
    const speech = workspaceScope({ resourceGroup: 'local', workspace: 'speech' });
    const grants = [
      { scope: vision, role: role('AzureML Data Scientist') },
      { scope: planeScope, role: role('Reader') },
    ];
    assert.ok(grantsAllow(grants, `${w}/jobs/write`, vision));
    assert.ok(!grantsAllow(grants, `${w}/jobs/write`, speech));
    assert.ok(grantsAllow(grants, `${w}/jobs/read`, speech));
    assert.ok(!grantsAllow(grants, `${w}/jobs/read`, speech, vision), 'a token for one workspace opens no other');
    assert.ok(!grantsAllow(grants, `${w}/computes/write`, vision));
    assert.ok(grantsAllow([...grants, { scope: vision, role: role('AzureML Compute Operator') }], `${w}/computes/write`, vision));
    assert.ok(!isWithin(`${vision}-2`, vision), 'a longer name is no part of a shorter one');
    for (const text of ['', '/', '/subscriptions/x', `${planeScope}/resourceGroups/a/b`, `${vision}/jobs/x`])
      assert.equal(scopeOf(text), undefined, text);
    assert.equal(scopeOf(`${vision.toUpperCase()}/`), vision);
  });
});
