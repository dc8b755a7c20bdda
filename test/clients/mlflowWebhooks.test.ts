import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'mocha';
import { mlflowWhole } from '../../scripts/pythonClients.ts';
import { type Received, signatureOf, startReceiver } from '../contract/hookReceiver.ts';
import { root, runProcess } from '../contract/updraft.ts';
import { type MlflowServer, startMlflowServer } from './mlflowServer.ts';
import { type StoryPlane, storyPlanes } from './storyPlanes.ts';

const script = path.join(root, 'test/clients/mlflow/webhooks.py');
/** What the script has happen, and the try. */
const happenings = 14;

/** The same script, told to MLflow's own server and to ours: the client sees the same, and so does who receives the webhooks. */
for (const place of storyPlanes())
  describe(`MLflow's webhooks, by its client, on ${place.name}`, function () {
    this.timeout(300_000);
    let python: string;
    let folder: string;
    let plane: StoryPlane;
    let peer: MlflowServer | undefined;

    before(async function () {
      // The first run on a machine installs MLflow.
      this.timeout(1_200_000);
      python = await mlflowWhole();
      folder = mkdtempSync(path.join(tmpdir(), 'updraft-mlflow-hooks-'));
      plane = await place.start({ withRunner: false, allowHooksTo: ['127.0.0.1'] });
      peer = await startMlflowServer(python, folder, {
        MLFLOW_WEBHOOK_ALLOWED_SCHEMES: 'https,http',
        MLFLOW_WEBHOOK_ALLOW_PRIVATE_IPS: 'true',
        // 32 bytes, as its own documentation makes them.
        MLFLOW_WEBHOOK_SECRET_ENCRYPTION_KEY: Buffer.alloc(32, 7).toString('base64url').padEnd(44, '='),
        // It sends one after the other then, as we do.
        MLFLOW_WEBHOOK_DELIVERY_MAX_WORKERS: '1',
        // What was made is known at once.
        MLFLOW_WEBHOOK_CACHE_TTL: '0',
      });
      await peer.ready;
    });
    after(async () => {
      peer?.stop();
      await plane?.remove();
      rmSync(folder, { recursive: true, force: true });
    });

    it('shows and sends the same as on MLflow', async () => {
      const theirs = await told(peer!.url);
      const ours = await told(plane.url, plane.token, plane.variables);
      assert.deepEqual(ours.seen, theirs.seen);
      assert.deepEqual(ours.sent, theirs.sent);
    });

    async function told(url: string, token?: string, variables: Record<string, string> = {}): Promise<{ seen: unknown; sent: unknown[] }> {
      const own = await startReceiver();
      try {
        const env = {
          PATH: process.env.PATH,
          HOME: process.env.HOME,
          ...variables,
          MLFLOW_TRACKING_URI: url,
          ...(token === undefined ? {} : { MLFLOW_TRACKING_TOKEN: token }),
          MLFLOW_DISABLE_TELEMETRY: 'true',
          PYTHONWARNINGS: 'ignore',
        };
        const { code, stdout, stderr } = await runProcess(python, [script, own.url], { cwd: folder, env });
        assert.equal(code, 0, `${stdout.slice(-2000)}\n${stderr.slice(-4000)}`);
        const received = await own.until((all) => all.length >= happenings);
        for (const each of received) {
          assert.equal(each.path, '/all');
          assert.equal(each.headers['x-mlflow-signature'], signatureOf(each, 'a secret'));
        }
        const seen = JSON.parse(stdout.trim().split('\n').at(-1)!.replaceAll(own.url, 'http://receiver'));
        return { seen, sent: received.map(sentOf) };
      } finally {
        await own.close();
      }
    }
  });

const sentOf = ({ body: { entity, action, data, timestamp } }: Received): unknown => {
  assert.ok(Number.isFinite(Date.parse(timestamp)));
  return { entity, action, data };
};
