import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { actionOf } from '../../src/access/actions.ts';
import { builtInRoles } from '../../src/access/roles.ts';
import { defaultWorkspace } from '../../src/protocol/arm.ts';
import { registryPath } from '../../src/protocol/registry.ts';
import { served } from '../../src/server/checkRoutes.ts';
import { mlflowEndpoints } from '../../src/server/routes/mlflow/mlflowEndpoints.ts';
import { armRequests, expectations } from './roleExpectations.ts';
import { type Send, startTeam, type TeamPlane, workspaceAt } from './team.ts';
import { uncalledApp, uncalledServices } from './uncalledApp.ts';

/** The roles by their letters in the expectations. */
const letters: Record<string, string> = {
  o: 'Owner',
  c: 'Contributor',
  r: 'Reader',
  d: 'AzureML Data Scientist',
  k: 'AzureML Compute Operator',
  g: 'AzureML Registry User',
  m: 'AzureML Metrics Writer (preview)',
};

/** Who comes with the token of a runner. */
const runner = 'u';
const callers = [...Object.keys(letters), runner];

const own = 'vision';
const other = 'speech';
/** Those of a role that can do something in registries; to others theirs is not there. */
const inRegistries = 'ocrg';
/** Requests at a time. */
const atOnce = 16;

interface Case {
  /** What the expectation is found by. */
  name: string;
  method: string;
  path: (workspace: string) => string;
  /** Whether it is about a registry, which is called as the workspace is. */
  isOfRegistry: boolean;
}

const registryAt = (registry: string): string => registryPath({ ...defaultWorkspace, registry });

/** Everything that a plane serves and that is not open to all. */
function cases(): Case[] {
  const app = uncalledApp();
  const in_ = (path: string) => (workspace: string) =>
    path
      .replace(/\/subscriptions\/s\/.*?\/workspaces\/w(?=\/|$)/, workspaceAt(workspace))
      .replace(/\/registries\/x(?=\/|$)/, `/registries/${workspace}`);
  const all: Case[] = [];
  for (const { method, pattern, path } of served(app)) {
    // What is below these is listed one by one.
    if (/subscriptions\/\*$|\/mlflow\/\*$/.test(pattern)) continue;
    if (actionOf(method, path) === 'open') continue;
    const isDataPlane = /^\/(?:history|data|modelregistry)\/\*$/.test(pattern);
    const example = isDataPlane
      ? path.replace(/\/x$/, '/v1.0/subscriptions/s/resourceGroups/g/providers/Microsoft.MachineLearningServices/workspaces/w/x')
      : path;
    all.push({ name: `${method} ${pattern}`, method, path: in_(example), isOfRegistry: pattern.includes('/registries/') });
  }
  for (const [method, path] of mlflowEndpoints(uncalledServices).names())
    all.push({
      name: `mlflow ${method} ${path}`,
      method,
      path: () => `/api/2.0/mlflow/${path.replaceAll(/\{\w+\}/g, 'x')}`,
      isOfRegistry: false,
    });
  for (const [method, path] of armRequests)
    all.push({
      name: `arm ${method} ${path}`,
      method,
      path: (workspace) => path.replace('{workspace}', workspaceAt(workspace)).replace('{registry}', registryAt(workspace)),
      isOfRegistry: path.includes('{registry}'),
    });
  return all;
}

describe('what each role may', function () {
  this.timeout(180_000);
  let plane: TeamPlane;
  const members = new Map<string, Send>();
  /** With the same roles in the registry, and in no workspace. */
  const registryMembers = new Map<string, Send>();
  const all = cases();
  before(async () => {
    plane = await startTeam();
    await plane.makeWorkspace(own);
    await plane.makeWorkspace(other);
    assert.deepEqual(Object.values(letters).sort(), builtInRoles.map(({ name }) => name).sort());
    for (const name of [own, other]) await plane.send('PUT', registryAt(name), {});
    for (const [letter, role] of Object.entries(letters)) {
      const { member, token } = await plane.add(`${letter}@registries.org`);
      const { id } = builtInRoles.find(({ name }) => name === role)!;
      const given = await plane.send('PUT', `${registryAt(own)}/providers/Microsoft.Authorization/roleAssignments/${crypto.randomUUID()}`, {
        properties: { roleDefinitionId: id, principalId: member.id },
      });
      assert.equal(given.status, 201, given.text);
      registryMembers.set(letter, plane.as(token.token));
    }
    for (const [letter, role] of Object.entries(letters))
      members.set(letter, plane.as((await plane.add(`${letter}@example.org`, role, own)).token.token));
    const issued = await plane.send('POST', '/updraft/team/runner-tokens', { name: 'box', workspaces: [own], computes: ['box'] });
    assert.equal(issued.status, 201, issued.text);
    for (const each of [members, registryMembers]) each.set(runner, plane.as(issued.body.token));
  });
  after(() => plane.remove());

  it('is written down for each route, and for none that is not there', () => {
    const names = new Set(all.map(({ name }) => name));
    assert.deepEqual(
      [...names].filter((name) => expectations[name] === undefined),
      [],
      'routes without an expectation',
    );
    assert.deepEqual(
      Object.keys(expectations).filter((name) => !names.has(name)),
      [],
      'expectations without a route',
    );
  });

  it('is so for each role, in its own workspace and in another', async () => {
    const wrong: string[] = [];
    let asked = 0;
    const ask = async ({ name, method, path, isOfRegistry }: Case, letter: string, workspace: string): Promise<void> => {
      const [allowed = '', place] = (expectations[name] ?? '').split(' ');
      const isOwn = workspace === own;
      const expected =
        (isOwn || place === 'anywhere') && allowed.includes(letter)
          ? 'let in'
          : (letter === runner && !allowed.includes(runner)) ||
              place === 'anew' ||
              place === 'anywhere' ||
              (isOwn && (!isOfRegistry || inRegistries.includes(letter)))
            ? 'refused'
            : 'not there';
      const body = method === 'POST' || method === 'PUT' || method === 'PATCH' ? {} : undefined;
      const seen = await plane_((isOfRegistry ? registryMembers : members).get(letter)!, method, path(workspace), workspace, body);
      asked++;
      if (seen !== expected)
        wrong.push(
          `${name}: ${letters[letter] ?? 'the token of a runner'} in ${isOwn ? 'the own' : 'another'} workspace is ${seen}, and should be ${expected}`,
        );
    };
    const queue = all.flatMap((each) => callers.flatMap((letter) => [own, other].map((workspace) => () => ask(each, letter, workspace))));
    await Promise.all(
      Array.from({ length: atOnce }, async () => {
        for (let next = queue.shift(); next; next = queue.shift()) await next();
      }),
    );
    assert.deepEqual(wrong, []);
    assert.equal(asked, all.length * callers.length * 2);
    assert.ok(all.length > 250, String(all.length));
  });

  async function plane_(token: Send, method: string, to: string, workspace: string, body: unknown): Promise<string> {
    // A feed does not end: what it begins with says enough.
    if (to.endsWith('/changes')) return outcome(await token('HEAD', to, undefined, { 'x-mlflow-workspace': workspace }), workspace);
    return outcome(await token(method, to, body, { 'x-mlflow-workspace': workspace }), workspace);
  }

  function outcome({ status, text }: { status: number; text: string }, workspace: string): string {
    if (
      status === 403 &&
      (text === '' ||
        /does not have authorization to perform|for who operates the control plane|token of a runner does not let it/.test(text))
    )
      return 'refused';
    // Discovery says 403 as well where there is none.
    if (status === 403 && text.includes('UnAuthorizedRegistryAccess')) return 'not there';
    if (status === 404 && (text === '' || new RegExp(`There is no (?:workspace|registry) \\\\"${workspace}\\\\" here`).test(text)))
      return 'not there';
    assert.notEqual(status, 401, text);
    return 'let in';
  }
});
