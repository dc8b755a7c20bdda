import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { ChangeStream } from '../../src/client/feed/changeStream.ts';
import { inferenceEngines, installInferenceEngine } from '../../src/client/inferenceEngines.ts';
import lock from '../../src/inference/install/onnxPackages.json' with { type: 'json' };
import type { InferenceEngine } from '../../src/protocol/inferenceEngine.ts';
import { createResource } from '../../src/submit/createResource.ts';
import { deploymentWhen } from './onlineDeployments.ts';
import { startPlane, type TestPlane } from './plane.ts';
import { root } from './updraft.ts';
import { writeIn } from './writeIn.ts';

/** What comes of the large package before the registry stalls: more than a tenth of the whole. */
const comes = 14_000_000;

describe('the engines, over the plane', () => {
  let folder: string;
  let plane: TestPlane;
  let registry: Server;
  let stalled: ServerResponse[];
  let isRefusing: boolean;

  beforeEach(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'updraft-engines-'));
    [stalled, isRefusing] = [[], false];
    const sizes = [...lock.packages, ...Object.values(lock.natives)].map(({ name, bytes }): [string, number] => [`/${name}/`, bytes]);
    registry = createServer((request, response) => {
      if (isRefusing) return void response.writeHead(404).end();
      const [, size = 0] = sizes.find(([start]) => request.url!.startsWith(start)) ?? [];
      response.writeHead(200, { 'content-length': size });
      response.write(Buffer.alloc(Math.min(size - 1, comes)));
      stalled.push(response);
    });
    await new Promise<void>((resolve) => registry.listen(0, '127.0.0.1', resolve));
    plane = await startPlane({}, path.join(folder, 'data'), {
      ...(process.env as Record<string, string>),
      UPDRAFT_CACHE: path.join(folder, 'cache'),
      npm_config_registry: `http://127.0.0.1:${(registry.address() as AddressInfo).port}/`,
    });
  });
  afterEach(async () => {
    registry.closeAllConnections();
    registry.close();
    await plane.stop();
    rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
  });

  /** From now on nothing more comes. */
  function refuse(): void {
    isRefusing = true;
    for (const each of stalled) each.destroy();
  }
  const onnx = async (): Promise<InferenceEngine> => (await inferenceEngines(plane.client.http)).find(({ format }) => format === 'onnx')!;
  /** What is told of the engine for ONNX after the change that makes it so. */
  async function onnxWhen(isSo: (engine: InferenceEngine) => boolean): Promise<InferenceEngine> {
    const changes = new ChangeStream(plane.client.http, { kinds: ['localModel'] });
    try {
      return await new Promise((resolve, reject) => {
        const look = () => onnx().then((engine) => isSo(engine) && resolve(engine), reject);
        changes.onDidChangeState((state) => state === 'live' && look());
        changes.onDidChange(look);
      });
    } finally {
      changes.dispose();
    }
  }

  it('are told with what they are for, and how far one is that is being got, whoever asked for it', async () => {
    const before = await inferenceEngines(plane.client.http);
    assert.deepEqual(
      before.map(({ format, runs, isInstalled, got }) => [format, runs, isInstalled, got]),
      [
        ['gguf', 'language models', false, undefined],
        ['onnx', 'ONNX models', false, undefined],
      ],
    );
    const asked = (async () => {
      for await (const { of } of installInferenceEngine(plane.client.http, 'onnx')) assert.equal(of, before[1]!.bytes);
    })();
    const failed = assert.rejects(asked, /onnxruntime-node .*, which runs ONNX models, can't be got from/);
    const { got, isInstalled } = await onnxWhen((engine) => (engine.got ?? 0) > 12_000_000);
    assert.ok(!isInstalled && got! < before[1]!.bytes);
    assert.equal((await inferenceEngines(plane.client.http))[0]!.got, undefined);
    refuse();
    await failed;
    assert.equal((await onnxWhen((engine) => engine.got === undefined)).isInstalled, false);
  });

  it('are named in the log of a deployment that waits for one', async () => {
    await createResource(plane.client, 'onlineEndpoint', { file: writeIn(folder, 'endpoint.yml', 'name: iris\nauth_mode: key\n') });
    const model = path.join(root, 'test/fixtures/onnx/iris.onnx');
    const text = `name: blue\nendpoint_name: iris\nmodel: {path: ${model}, name: iris, version: "1", type: custom_model}\ninstance_type: Standard_DS3_v2\n`;
    await createResource(plane.client, 'onlineDeployment', { file: writeIn(folder, 'blue.yml', text) });
    const log = () => plane.client.actOnResource<{ content: string }>(['onlineEndpoints', 'iris', 'deployments', 'blue'], 'getLogs', {});
    await onnxWhen((engine) => (engine.got ?? 0) > 12_000_000);
    const { content } = await log();
    assert.match(content, /Getting onnxruntime-node .*, which runs the model: 114 MB\./);
    assert.match(content, /onnxruntime-node .*: 1\d MB of 114 MB have come\./);
    refuse();
    const { properties } = await deploymentWhen(plane.client, 'iris', 'blue');
    assert.equal(properties.provisioningState, 'Failed');
    assert.match(JSON.stringify(properties.error), /can't be got from/);
  });

  it('of formats that there are none for are not found', async () => {
    await assert.rejects(plane.client.http.json('POST', '/updraft/engines/pickle'), /There is no engine for models of that format/);
  });
});
