import assert from 'node:assert/strict';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'mocha';
import { armClient } from '../../scripts/npmClients.ts';
import { azureAiMl } from '../../scripts/pythonClients.ts';
import { PlaneClient } from '../../src/client/planeClient.ts';
import { findPlane } from '../../src/plane/ensurePlane.ts';
import { root, runProcess, updraft } from '../contract/updraft.ts';

const fixture = (name: string) => path.join(root, 'test/fixtures', name);

describe("Azure ML's own clients, unmodified", () => {
  let home: string;
  let work: string;
  let python: string;
  let environment: Record<string, string | undefined>;
  let ended = '';
  before(async function () {
    // The first run on a machine installs the clients.
    this.timeout(900_000);
    python = await azureAiMl();
    home = mkdtempSync(path.join(tmpdir(), 'updraft-azure-'));
    work = mkdtempSync(path.join(tmpdir(), 'updraft-azure-work-'));
    const config = { subscription_id: '00000000-0000-0000-0000-000000000000', resource_group: 'team', workspace_name: 'team-ws' };
    writeFileSync(path.join(work, 'config.json'), JSON.stringify(config));
    const env = await updraft(home, ['env', '--azure', '--shell', 'sh'], { cwd: work });
    assert.equal(env.code, 0, env.stderr);
    assert.match(env.stderr, /talk to the control plane of this machine/);
    assert.match(env.stderr, /workspace "team-ws" is this machine here/);
    const variables = Object.fromEntries([...env.stdout.matchAll(/^export (\w+)='(.*)'$/gm)].map((match) => [match[1]!, match[2]!]));
    const { PATH, HOME } = process.env;
    // Nothing of this process's own environment takes part.
    environment = { PATH, HOME, ...variables, AZUREML_RUN_POLLING_INTERVAL_MIN: '1', PYTHONWARNINGS: 'ignore' };
  });
  after(async () => {
    const lock = await findPlane(home);
    if (lock) await new PlaneClient(lock).stop();
    rmSync(home, { recursive: true, force: true });
    rmSync(work, { recursive: true, force: true });
  });

  async function story(program: string, args: string[]): Promise<string> {
    const { code, stdout, stderr } = await runProcess(program, args, { cwd: work, env: environment });
    assert.equal(code, 0, `${stdout.slice(-2000)}\n${stderr.slice(-5000)}`);
    return stdout.trim().split('\n').at(-1)!;
  }

  it('azure-ai-ml: jobs, pipelines and sweeps, from Python and from YAML', async () => {
    const [, first, pipeline, sweep, best] = (await story(python, [fixture('azure-ai-ml/jobs.py'), path.join(work, 'jobs')])).split(' ');
    ended = first!;
    // What the client made is what everyone else sees: one tree of jobs.
    const plane = new PlaneClient((await findPlane(home))!);
    const children = async (parent: string) => (await plane.listJobs({ parent })).value.map((job) => job.properties.nodeName).sort();
    assert.deepEqual(await children(pipeline!), ['prepared', 'trained']);
    assert.deepEqual(await children(sweep!), ['trial_0', 'trial_1', 'trial_2']);
    const { metrics } = (await plane.getRun(best!)).run.data;
    assert.deepEqual(
      metrics?.filter(({ key }) => !key.startsWith('system/')).map(({ value }) => value),
      [0.5],
    );
  });

  it('azure-ai-ml: every kind of resource', async () => {
    assert.equal(await story(python, [fixture('azure-ai-ml/resources.py'), path.join(work, 'resources')]), 'all of it');
  });

  it('azure-ai-ml: what "updraft ml" shows of each resource is what "az ml" would', async () => {
    const theirs = JSON.parse(plain(await story(python, [fixture('azure-ai-ml/show.py')]))) as [string, Record<string, unknown>][];
    assert.ok(theirs.length > 20, String(theirs.length));
    const shown = async ([command, answer]: (typeof theirs)[number]) => {
      const { code, stdout, stderr } = await updraft(home, ['ml', ...command.split(' ')], { cwd: work });
      assert.equal(code, 0, `${command}: ${stderr}`);
      const ours = JSON.parse(stdout) as Record<string, unknown>;
      // Why it failed is ours; the addresses of the https listener are what the client asked.
      delete ours.error;
      for (const key of ['endpoint', 'scoring_uri', 'openapi_uri']) if (key in answer) ours[key] = answer[key];
      // Azure's clients get an address of https, since they can't read a datastore's.
      const [build, given] = [ours, answer].map((each) => each.build as { path: string } | undefined);
      if (build && given?.path.endsWith(build.path.replace(/^.*\/paths/, ''))) build.path = given.path;
      assert.deepEqual(ours, answer, command);
    };
    await Promise.all(theirs.map(shown));
  });

  it('azure-ai-ml: what users met in Azure is as there', async () => {
    assert.equal(await story(python, [fixture('azure-ai-ml/cases.py'), path.join(work, 'cases')]), 'all of it');
  });

  it('@azure/arm-machinelearning: assets, jobs, lists, operations, errors', async function () {
    this.timeout(600_000);
    const folder = await armClient();
    const script = path.join(folder, `story-${process.pid}.mjs`);
    copyFileSync(fixture('arm-client/story.mjs'), script);
    try {
      assert.equal(await story(process.execPath, [script, ended]), 'all of it');
    } finally {
      rmSync(script, { force: true });
    }
  });
});

/** Words of the service's enumerations, which Python's JSON writes with their types, and addresses without the tenant that the client adds. */
const plain = (json: string): string =>
  json
    .replace(/"\w+(?:State|Status|Type)\.([A-Z])([A-Z]+)"/g, (_, first: string, rest: string) => `"${first}${rest.toLowerCase()}"`)
    .replace(/&tid=[-0-9a-f]+/g, '');
