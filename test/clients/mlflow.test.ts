import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'mocha';
import { mlflowWhole } from '../../scripts/pythonClients.ts';
import { root, runProcess } from '../contract/updraft.ts';
import { type MlflowServer, startMlflowServer } from './mlflowServer.ts';
import { type StoryPlane, storyPlanes } from './storyPlanes.ts';

const script = path.join(root, 'test/clients/mlflow/story.py');

/** The same script, told to MLflow's own server and to ours, sees the same. */
describe('a story of the whole mlflow client', () => {
  let python: string;
  let folder: string;
  let peer: MlflowServer | undefined;
  /** What MLflow's own server was seen to do. */
  let theirs: Promise<Record<string, unknown>>;

  before(async function () {
    // The first run on a machine installs MLflow.
    this.timeout(1_200_000);
    python = await mlflowWhole();
    folder = mkdtempSync(path.join(tmpdir(), 'updraft-mlflow-'));
    peer = await startMlflowServer(python, folder);
    await peer.ready;
    // Told while a plane starts, and while the story is told to it.
    theirs = told({ MLFLOW_TRACKING_URI: peer.url });
    theirs.catch(() => {});
  });
  after(async () => {
    peer?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  for (const place of storyPlanes({ alsoOfTeam: true }))
    describe(`on ${place.name}`, () => {
      let plane: StoryPlane;
      before(async () => {
        plane = await place.start({ withRunner: false });
      });
      after(() => plane?.remove());

      it('sees the same as on MLflow', async () => {
        const ours = await told({ ...plane.variables, MLFLOW_TRACKING_URI: plane.url, MLFLOW_TRACKING_TOKEN: plane.token });
        assert.deepEqual(ours, await theirs);
        assert.equal(Object.keys(ours).length, 13);
      });

      it('leaves runs that are jobs, and registered models that are Models', async () => {
        const { value: jobs } = await plane.client.listJobs({ listViewType: 'All', top: 1000 });
        assert.ok(jobs.some((job) => job.properties.displayName === 'by hand' && job.properties.status === 'Completed'));
        const judge = await plane.client.getAsset('models', 'judge', '1');
        assert.match(judge.properties.modelUri, /^azureml:\/\/datastores\/workspaceartifactstore\/paths\//);
        const files = await plane.client.listBlobs('azureml', judge.properties.modelUri.split('/paths/')[1]!);
        assert.ok(files.entries.some((entry) => entry.path === 'MLmodel'));
      });

      it('leaves pictures by key and step, tables and text where cards find them', async () => {
        const cardsOf = async (experiment: string) => {
          const { runs } = await plane.client.runTable({ experiments: [experiment], columns: [], offset: 0, limit: 10 });
          const { keys } = await plane.client.loggedKeys(runs);
          return { runs, names: keys.map(({ kind, key }) => `${kind} ${key}`) };
        };
        const { runs, names } = await cardsOf('artifacts');
        assert.deepEqual(names, [
          'text a b ü.txt',
          'data data/it.json',
          'image figure.png',
          'image image.png',
          'text notes/note.txt',
          'image step image',
          'data table.json',
        ]);
        const found = await plane.client.loggedFiles({ runs, kind: 'image', key: 'step image', limit: 1 });
        const [file, ...others] = found.runs[0]!.files;
        assert.deepEqual([file!.step, others], [3, []]);
        assert.match(`${file!.path} ${file!.preview}`, /^images\/step image.*\.png images\/step image.*compressed\.webp$/);
        const trained = (await cardsOf('training')).names;
        assert.ok(trained.includes('image training_confusion_matrix.png'), trained.join());
        assert.ok(!trained.some((name) => /estimator|MLmodel|requirements/.test(name)), trained.join());
      });
    });

  async function told(variables: Record<string, string>): Promise<Record<string, unknown>> {
    const { code, stdout, stderr } = await runProcess(python, [script], { cwd: folder, env: { ...process.env, ...variables } });
    assert.equal(code, 0, stderr.slice(-4000));
    return JSON.parse(stdout.trim().split('\n').at(-1)!);
  }
});
