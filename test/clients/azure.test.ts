import assert from 'node:assert/strict';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'mocha';
import { armClient } from '../../scripts/npmClients.ts';
import { azureAiMl } from '../../scripts/pythonClients.ts';
import { root, runProcess } from '../contract/updraft.ts';
import { type StoryPlane, storyPlanes } from './storyPlanes.ts';

const fixture = (name: string) => path.join(root, 'test/fixtures', name);

/** Tells a story of `fixtures/`, and answers its last line. */
type Tell = (program: string, args: string[]) => Promise<string>;

for (const place of storyPlanes({ alsoOfTeam: true }))
  describe(`Azure ML's own clients, unmodified, on ${place.name}`, function () {
    this.timeout(300_000);
    let plane: StoryPlane;
    let work: string;
    let python: string;
    let tell: Tell;
    /** The workspace that a script of the team names in its `config.json`. */
    let named: string;
    let ended = '';
    before(async function () {
      // The first run on a machine installs the clients.
      this.timeout(900_000);
      python = await azureAiMl();
      work = mkdtempSync(path.join(tmpdir(), 'updraft-azure-work-'));
      plane = await place.start({ roles: ['AzureML Compute Operator'] });
      // On the plane of one person any name will do.
      named = plane.workspace === 'local' ? 'team-ws' : plane.workspace;
      const config = {
        subscription_id: '00000000-0000-0000-0000-000000000000',
        resource_group: named === 'team-ws' ? 'team' : 'local',
        workspace_name: named,
      };
      writeFileSync(path.join(work, 'config.json'), JSON.stringify(config));
      const env = await plane.updraft(['env', '--azure', '--shell', 'sh'], { cwd: work });
      assert.equal(env.code, 0, env.stderr);
      assert.match(
        env.stderr,
        /Azure ML's clients now talk to (?:the control plane of this machine|https:\/\/localhost:\d+), and to Azure no more/,
      );
      assert.match(env.stderr, /workspace "(?:team-ws" is this machine here|vision" is the one on https:\/\/localhost:\d+) \(/);
      const variables = Object.fromEntries([...env.stdout.matchAll(/^export (\w+)='(.*)'$/gm)].map((match) => [match[1]!, match[2]!]));
      const { PATH, HOME } = process.env;
      // Nothing of this process's own environment takes part.
      const environment = { PATH, HOME, ...plane.variables, ...variables, AZUREML_RUN_POLLING_INTERVAL_MIN: '1', PYTHONWARNINGS: 'ignore' };
      tell = async (program, args) => {
        const { code, stdout, stderr } = await runProcess(program, args, { cwd: work, env: environment });
        assert.equal(code, 0, `${stdout.slice(-2000)}\n${stderr.slice(-5000)}`);
        return stdout.trim().split('\n').at(-1)!;
      };
    });
    after(async () => {
      await plane?.remove();
      rmSync(work, { recursive: true, force: true });
    });

    it('azure-ai-ml: jobs, pipelines and sweeps, from Python and from YAML', async () => {
      const words = (await tell(python, [fixture('azure-ai-ml/jobs.py'), path.join(work, 'jobs'), plane.workspace])).split(' ');
      const [, first, pipeline, sweep, best] = words;
      ended = first!;
      // What the client made is what everyone else sees: one tree of jobs.
      const children = async (parent: string) =>
        (await plane.client.listJobs({ parent })).value.map((job) => job.properties.nodeName).sort();
      assert.deepEqual(await children(pipeline!), ['prepared', 'trained']);
      assert.deepEqual(await children(sweep!), ['trial_0', 'trial_1', 'trial_2']);
      const { metrics } = (await plane.client.getRun(best!)).run.data;
      assert.deepEqual(
        metrics?.filter(({ key }) => !key.startsWith('system/')).map(({ value }) => value),
        [0.5],
      );
    });

    if (place.isWhole) {
      it('azure-ai-ml: every kind of resource', async () => {
        assert.equal(await tell(python, [fixture('azure-ai-ml/resources.py'), path.join(work, 'resources'), plane.url]), 'all of it');
      });

      it('azure-ai-ml: what "updraft ml" shows of each resource is what "az ml" would', async () => {
        const theirs = JSON.parse(plain(await tell(python, [fixture('azure-ai-ml/show.py'), plane.workspace]))) as [
          string,
          Record<string, unknown>,
        ][];
        assert.ok(theirs.length > 20, String(theirs.length));
        const shown = async ([command, answer]: (typeof theirs)[number]) => {
          const { code, stdout, stderr } = await plane.updraft(['ml', ...command.split(' ')], { cwd: work });
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
        assert.equal(await tell(python, [fixture('azure-ai-ml/cases.py'), path.join(work, 'cases')]), 'all of it');
      });
    }

    it('@azure/arm-machinelearning: assets, jobs, lists, operations, errors', async function () {
      this.timeout(600_000);
      const folder = await armClient();
      const script = path.join(folder, `story-${process.pid}.mjs`);
      copyFileSync(fixture('arm-client/story.mjs'), script);
      try {
        assert.equal(await tell(process.execPath, [script, ended, plane.workspace, named]), 'all of it');
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
