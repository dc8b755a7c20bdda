import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { actionOf } from '../../src/access/actions.ts';
import { builtInRoles } from '../../src/access/roles.ts';
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

const own = 'vision';
const other = 'speech';
/** Requests at a time. */
const atOnce = 16;

interface Case {
  /** What the expectation is found by. */
  name: string;
  method: string;
  path: (workspace: string) => string;
}

/** Everything that a plane serves and that is not open to all. */
function cases(): Case[] {
  const app = uncalledApp();
  const in_ = (path: string) => (workspace: string) =>
    path.replace(/\/subscriptions\/s\/.*?\/workspaces\/w(?=\/|$)/, workspaceAt(workspace));
  const all: Case[] = [];
  for (const { method, pattern, path } of served(app)) {
    // What is below these is listed one by one.
    if (/subscriptions\/\*$|\/mlflow\/\*$/.test(pattern)) continue;
    if (actionOf(method, path) === 'open') continue;
    const isDataPlane = /^\/(?:history|data|modelregistry)\/\*$/.test(pattern);
    const example = isDataPlane
      ? path.replace(/\/x$/, '/v1.0/subscriptions/s/resourceGroups/g/providers/Microsoft.MachineLearningServices/workspaces/w/x')
      : path;
    all.push({ name: `${method} ${pattern}`, method, path: in_(example) });
  }
  for (const [method, path] of mlflowEndpoints(uncalledServices).names())
    all.push({ name: `mlflow ${method} ${path}`, method, path: () => `/api/2.0/mlflow/${path.replaceAll(/\{\w+\}/g, 'x')}` });
  for (const [method, path] of armRequests)
    all.push({ name: `arm ${method} ${path}`, method, path: (workspace) => path.replace('{workspace}', workspaceAt(workspace)) });
  return all;
}

describe('what each role may', function () {
  this.timeout(180_000);
  let plane: TeamPlane;
  const members = new Map<string, Send>();
  const all = cases();
  before(async () => {
    plane = await startTeam();
    await plane.makeWorkspace(own);
    await plane.makeWorkspace(other);
    assert.deepEqual(Object.values(letters).sort(), builtInRoles.map(({ name }) => name).sort());
    for (const [letter, role] of Object.entries(letters))
      members.set(letter, plane.as((await plane.add(`${letter}@example.org`, role, own)).token.token));
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
    const ask = async ({ name, method, path }: Case, letter: string, workspace: string): Promise<void> => {
      const [allowed = '', place] = (expectations[name] ?? '').split(' ');
      const isOwn = workspace === own;
      const expected =
        isOwn || place === 'anywhere' ? (allowed.includes(letter) ? 'let in' : 'refused') : place === 'anew' ? 'refused' : 'not there';
      const body = method === 'POST' || method === 'PUT' || method === 'PATCH' ? {} : undefined;
      const seen = await plane_(letter, method, path(workspace), workspace, body);
      asked++;
      if (seen !== expected)
        wrong.push(`${name}: ${letters[letter]} in ${isOwn ? 'the own' : 'another'} workspace is ${seen}, and should be ${expected}`);
    };
    const queue = all.flatMap((each) =>
      Object.keys(letters).flatMap((letter) => [own, other].map((workspace) => () => ask(each, letter, workspace))),
    );
    await Promise.all(
      Array.from({ length: atOnce }, async () => {
        for (let next = queue.shift(); next; next = queue.shift()) await next();
      }),
    );
    assert.deepEqual(wrong, []);
    assert.equal(asked, all.length * Object.keys(letters).length * 2);
    assert.ok(all.length > 250, String(all.length));
  });

  async function plane_(letter: string, method: string, to: string, workspace: string, body: unknown): Promise<string> {
    const token = members.get(letter)!;
    // A feed does not end: what it begins with says enough.
    if (to === '/changes') return outcome(await token('HEAD', to, undefined, { 'x-mlflow-workspace': workspace }), workspace);
    return outcome(await token(method, to, body, { 'x-mlflow-workspace': workspace }), workspace);
  }

  function outcome({ status, text }: { status: number; text: string }, workspace: string): string {
    if (status === 403 && (text === '' || /does not have authorization to perform|for who operates the control plane/.test(text)))
      return 'refused';
    if (status === 404 && (text === '' || text.includes(`There is no workspace \\"${workspace}\\" here`))) return 'not there';
    assert.notEqual(status, 401, text);
    return 'let in';
  }
});
