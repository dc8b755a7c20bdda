import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { JobLog } from '../../src/extension/state/jobLog.ts';
import type { PlaneConnection } from '../../src/extension/state/planeConnection.ts';
import { defaultWorkspace, workspacePath } from '../../src/protocol/arm.ts';
import { logFile } from '../../src/protocol/jobPlaces.ts';
import { ownerOf } from '../../src/protocol/principal.ts';
import { SasSigner } from '../../src/server/routes/storage/sas.ts';
import { cutLog, logPlaceOf, makeLongLog } from './longLog.ts';
import { startPlane, type TestPlane } from './plane.ts';

/** Bytes of the log, more than a buffer may have in many programs. */
const size = 2 ** 31 + 100;
const lastLine = '\nthe last line\n';

describe('a log of 2 GB', function () {
  this.timeout(60_000);
  let plane: TestPlane;
  let job: string;
  before(async () => {
    plane = await startPlane({ withRunner: false });
    const response = await fetch(`${plane.url}/api/2.0/mlflow/runs/create`, {
      method: 'POST',
      headers: { authorization: `Bearer ${plane.token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ experiment_id: '0', start_time: 1 }),
    });
    job = ((await response.json()) as { run: { info: { run_id: string } } }).run.info.run_id;
    await makeLongLog(logPlaceOf(plane.folder), { job, file: logFile, size, first: 'the first line\n', last: lastLine });
  });
  after(() => plane.remove());

  /** Runs `ask` and holds it to a bound on memory (bytes) that no reading of the whole could keep. */
  async function inLittleMemory<T>(ask: () => Promise<T>, most = 150_000_000): Promise<T> {
    const start = process.memoryUsage.rss();
    let peak = start;
    const timer = setInterval(() => {
      peak = Math.max(peak, process.memoryUsage.rss());
    }, 5);
    try {
      return await ask();
    } finally {
      clearInterval(timer);
      assert.ok(Math.max(peak, process.memoryUsage.rss()) - start < most, `${Math.round((peak - start) / 1e6)} MB`);
    }
  }
  const get = (route: string, headers: Record<string, string> = {}, method = 'GET') =>
    fetch(plane.url + route, { method, headers: { authorization: `Bearer ${plane.token}`, ...headers } });
  const logRoute = () => `/updraft/logs/${job}/${logFile}`;
  const artifactRoute = () => `/updraft/artifacts/${job}/${logFile}`;

  it('is measured and listed without being read', async () => {
    await inLittleMemory(async () => {
      assert.equal(await plane.client.logSize(job, logFile), size);
      for (const route of [logRoute(), artifactRoute()]) {
        const head = await get(route, {}, 'HEAD');
        assert.deepEqual(
          [head.status, head.headers.get('content-length'), head.headers.get('accept-ranges')],
          [200, String(size), 'bytes'],
        );
      }
      const { entries } = await plane.client.listArtifacts(job, 'user_logs');
      assert.deepEqual(entries, [{ path: 'std_log.txt', isFolder: false, size }]);
      const details = await get(`/history/v1.0${workspacePath(plane.client.workspace)}/runs/${job}/details`);
      assert.deepEqual(Object.keys(((await details.json()) as { logFiles: object }).logFiles), [logFile]);
    }, 60_000_000);
  });

  it('is read in ranges and from an offset', async () => {
    await inLittleMemory(async () => {
      for (const route of [logRoute(), artifactRoute()]) {
        const first = await get(route, { range: 'bytes=0-13' });
        assert.deepEqual(
          [first.status, first.headers.get('content-range'), await first.text()],
          [206, `bytes 0-13/${size}`, 'the first line'],
        );
        const last = await get(route, { range: 'bytes=-14' });
        assert.deepEqual([last.status, await last.text()], [206, 'the last line\n']);
        const behind = await get(route, { range: `bytes=${size}-` });
        assert.deepEqual([behind.status, behind.headers.get('content-range')], [416, `bytes */${size}`]);
        await behind.arrayBuffer();
      }
      const end = await get(`${logRoute()}?offset=${size - 5}`);
      assert.deepEqual([end.status, end.headers.get('content-length'), await end.text()], [200, '5', 'line\n']);
      const part = await get(`${logRoute()}?offset=4`, { range: 'bytes=0-4' });
      assert.deepEqual([part.status, await part.text()], [206, 'first']);
      const read = async (offset: number, limit?: number) =>
        Buffer.from(await plane.client.readLog(job, logFile, offset, limit)).toString();
      assert.equal(await read(4, 5), 'first');
      assert.equal(await read(size - 5), 'line\n');
      assert.equal(await read(size - 5, 100), 'line\n');
      assert.equal(await read(size, 100), '');
      assert.equal(await read(size + 10, 100), '');
      assert.equal(await read(0, 1), 't');
    }, 60_000_000);
  });

  it('is sent piece by piece, and no further when the reader leaves', async () => {
    await inLittleMemory(async () => {
      const response = await get(logRoute());
      assert.equal(response.headers.get('content-length'), String(size));
      let seen = 0;
      for await (const chunk of response.body!) {
        seen += chunk.byteLength;
        if (seen > 100_000_000) break;
      }
    });
    assert.equal(await plane.client.logSize(job, logFile), size);
  });

  it('is shown in an editor by its end, which grows', async () => {
    const shown = new JobLog({ client: async () => plane.client } as PlaneConnection, job);
    await inLittleMemory(() => shown.refresh(), 300_000_000);
    assert.match(shown.text, new RegExp(`^\\[The first ${size - 20_000_000} bytes are left out here`));
    assert.ok(shown.text.endsWith(lastLine));
    const before = shown.changedAt;
    await plane.client.appendLog(job, logFile, size, Buffer.from('one more\n'));
    await shown.refresh();
    assert.match(shown.text, new RegExp(`^\\[The first ${size + 9 - 20_000_000} bytes are left out here`));
    assert.ok(shown.text.endsWith('the last line\none more\n'));
    assert.ok(shown.changedAt > before);
    await cutLog(logPlaceOf(plane.folder), { job, file: logFile, size });
  });

  it("is shown to Azure's clients as whole lines while the job runs, and its end alone is looked at", async () => {
    const sas = new SasSigner(plane.token).sign({
      container: 'azureml',
      permissions: 'rl',
      expiresAt: Date.now() + 60_000,
      principal: ownerOf('someone'),
      workspace: defaultWorkspace.workspace,
    });
    const blob = `${plane.url}/azureml/ExperimentRun/dcid.${job}/${logFile}?${sas}`;
    await inLittleMemory(async () => {
      await plane.client.appendLog(job, logFile, size, Buffer.from('half a li'));
      const head = await fetch(blob, { method: 'HEAD' });
      assert.equal(head.headers.get('content-length'), String(size));
      const end = await fetch(blob, { headers: { 'x-ms-range': `bytes=${size - 5}-${size + 100}` } });
      assert.deepEqual([end.status, await end.text()], [206, 'line\n']);
      const list = await fetch(`${plane.url}/azureml?restype=container&comp=list&prefix=ExperimentRun/dcid.${job}/&${sas}`);
      assert.match(await list.text(), new RegExp(`<Content-Length>${size + 9}</Content-Length>`));
    }, 60_000_000);
  });
});
