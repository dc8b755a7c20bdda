import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import path from 'node:path';
import { after, before, describe, it } from 'mocha';
import { PlaneClient } from '../../src/client/planeClient.ts';
import type { Runner } from '../../src/runner/runner.ts';
import { jobWhen, logOf, shellEnvironment, startPlane, type TestPlane } from './plane.ts';
import { runnerElsewhere } from './runnerElsewhere.ts';

/**
 * Stands between a runner and its plane. Cuts a connection in the midst of a request or its answer, after the bytes that `cutAfter` says for the request's number and path;
 * undefined lets it through.
 */
function cuttingProxy(
  port: number,
  cutAfter: (request: number, path: string) => number | undefined,
): Promise<{ server: Server; cuts: () => number }> {
  let [requests, cuts] = [0, 0];
  const server = createServer((near: Socket) => {
    const far = connect(port, '127.0.0.1');
    let left: number | undefined;
    const end = () => {
      near.destroy();
      far.destroy();
    };
    const pass = (from: Socket, to: Socket) => {
      from.on('error', end).on('close', end);
      from.on('data', (bytes: Buffer) => {
        const asked = from === near && /^[A-Z]+ (\S+) HTTP/.exec(bytes.toString('latin1'));
        if (asked) left = cutAfter(requests++, asked[1]!);
        if (left === undefined || bytes.byteLength < left) {
          if (left !== undefined) left -= bytes.byteLength;
          to.write(bytes);
          return;
        }
        cuts++;
        // The bytes before the cut arrive.
        to.end(bytes.subarray(0, left), end);
      });
    };
    pass(near, far);
    pass(far, near);
  });
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve({ server, cuts: () => cuts })));
}

describe('a runner whose network is cut', () => {
  let plane: TestPlane;
  let runner: Runner;
  let proxy: Awaited<ReturnType<typeof cuttingProxy>>;
  before(async () => {
    plane = await startPlane({ withRunner: false });
    // Of all that is asked for a job in hand, at every place of a request and its answer; at last all goes through, so that the job comes to its end.
    proxy = await cuttingProxy(Number(new URL(plane.url).port), (request, asked) =>
      /^\/changes|\/jobs\?|\/claims|\/jobs\/cut$/.test(asked) || request > 40 ? undefined : 1 + ((request * 397) % 3000),
    );
    const { port } = proxy.server.address() as { port: number };
    const client = new PlaneClient({ token: plane.token, url: `http://127.0.0.1:${port}` });
    runner = runnerElsewhere(plane, 'elsewhere', { client });
  });
  after(async () => {
    await runner.dispose();
    proxy.server.close();
    await plane.remove();
  });

  it('runs a job once, and loses or doubles none of its output, its files and its assets', async () => {
    const marks = path.join(plane.folder, 'marks');
    const environmentId = await shellEnvironment(plane.client);
    await plane.client.putJob('cut', {
      jobType: 'Command',
      environmentId,
      command: `echo x >>${marks}; for i in $(seq 200); do echo line $i; sleep 0.01; done; head -c 5000 /dev/zero >\${{outputs.model}}/weights`,
      outputs: { model: { jobOutputType: 'custom_model', assetName: 'cut-model' } },
    });
    const job = await jobWhen(plane.client, 'cut');
    assert.equal(job.properties.status, 'Completed', JSON.stringify(job.properties.error));
    assert.equal(readFileSync(marks, 'utf8'), 'x\n');
    const lines = (await logOf(plane.client, 'cut')).split('\n').filter((line) => line.startsWith('line'));
    assert.deepEqual(
      lines,
      Array.from({ length: 200 }, (_each, index) => `line ${index + 1}`),
    );
    assert.deepEqual(
      (await plane.client.listVersions('models', 'cut-model')).value.map(({ name }) => name),
      ['1'],
    );
    assert.ok(proxy.cuts() >= 5, `only ${proxy.cuts()} cuts`);
  });
});
