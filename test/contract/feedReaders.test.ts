import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'mocha';
import { DisposableStore } from '../../src/base/disposable.ts';
import { followJob, type Screen } from '../../src/cli/follow/followJob.ts';
import { ChangeStream } from '../../src/client/feed/changeStream.ts';
import { PlaneClient } from '../../src/client/planeClient.ts';
import { ClientNames } from '../../src/language/planeNames.ts';
import type { Job } from '../../src/protocol/job.ts';
import { liveReading } from '../../webview/shared/live/liveReading.ts';
import { first } from './first.ts';
import { jobWhen, shellEnvironment, startPlane, type TestPlane } from './plane.ts';
import { runnerElsewhere } from './runnerElsewhere.ts';

describe('those who read a feed over a network that fails', () => {
  let plane: TestPlane;
  let environmentId: string;
  let kept: DisposableStore;
  /** How often each request was made, by its method and path. */
  let asked: Map<string, number>;
  /** The requests of which the first two fail. */
  let failing: RegExp | undefined;
  let client: PlaneClient;
  /** News waits until every other request was answered. */
  let isNewsLast: boolean;
  let inFlight: number;
  let onAnswered: () => void;
  before(async () => {
    plane = await startPlane({ withRunner: false });
    environmentId = await shellEnvironment(plane.client);
  });
  after(() => plane.remove());
  beforeEach(() => {
    kept = new DisposableStore();
    asked = new Map();
    failing = undefined;
    isNewsLast = false;
    inFlight = 0;
    onAnswered = () => {};
    const answered = async (request: Promise<Response>): Promise<Response> => {
      inFlight++;
      try {
        const response = await request;
        // With its body: whoever asked has it whole.
        const body = await response.arrayBuffer();
        return new Response(body.byteLength ? body : null, response);
      } finally {
        setImmediate(() => {
          inFlight--;
          onAnswered();
        });
      }
    };
    const held = () =>
      new TransformStream<Uint8Array, Uint8Array>({
        async transform(chunk, controller) {
          while (inFlight > 0)
            await new Promise<void>((resolve) => {
              onAnswered = resolve;
            });
          controller.enqueue(chunk);
        },
      });
    client = new PlaneClient({
      ...plane,
      async fetch(input, init) {
        const request = `${init?.method} ${decodeURIComponent(new URL(input).pathname)}`;
        const times = (asked.get(request) ?? 0) + 1;
        asked.set(request, times);
        if (failing?.test(request) && times <= 2) throw new TypeError('fetch failed');
        const response = globalThis.fetch(input, init);
        if (!isNewsLast) return response;
        if (!request.endsWith('/changes')) return answered(response);
        return new Response((await response).body!.pipeThrough(held()));
      },
    });
  });
  afterEach(() => kept.dispose());
  const askedFor = (pattern: RegExp) => [...asked].reduce((sum, [request, times]) => (pattern.test(request) ? sum + times : sum), 0);
  const command = (text: string): Job['properties'] => ({ jobType: 'Command', environmentId, command: text });

  describe('a runner', () => {
    const start = () => {
      const runner = runnerElsewhere(plane, 'elsewhere', { client });
      return { dispose: () => runner.dispose() };
    };

    it('takes what was queued before it came, and what comes later, though the plane could not be asked at first', async () => {
      failing = /^POST .*\/updraft\/claims$/;
      await plane.client.putJob('early', command('true'));
      const runner = start();
      assert.equal((await jobWhen(plane.client, 'early')).properties.status, 'Completed');
      await plane.client.putJob('later', command('true'));
      assert.equal((await jobWhen(plane.client, 'later')).properties.status, 'Completed');
      await runner.dispose();
    });

    it('does not ask for a job that its own claim or report was answered with, and is told of a wish to cancel all the same', async () => {
      isNewsLast = true;
      const runner = start();
      // Long enough for the changes that its reports made to be looked at, were they.
      await plane.client.putJob('own', command('read -t 0.5 < <(:) || true; sleep 0.5'));
      assert.equal((await jobWhen(plane.client, 'own')).properties.status, 'Completed');
      assert.equal(askedFor(/^GET .*\/jobs\/own$/), 0);
      await plane.client.putJob('canceled', command('sleep 300'));
      await jobWhen(plane.client, 'canceled', ({ properties }) => properties.status === 'Running');
      await plane.client.cancelJob('canceled');
      assert.equal((await jobWhen(plane.client, 'canceled')).properties.status, 'Canceled');
      await runner.dispose();
    });
  });

  describe('the command line', () => {
    let written: string;
    const screen: Screen = { isTTY: false, columns: 80, color: false, write: (text) => (written += text) };
    beforeEach(() => {
      written = '';
    });
    const log = (name: string, offset: number, text: string) =>
      plane.client.appendLog(name, 'user_logs/std_log.txt', offset, Buffer.from(text));

    it('follows a job to its end', async () => {
      const job = await plane.client.putJob('followed', command('true'));
      failing = /\/followed|\/logs\//;
      await log(job.name, 0, 'one\n');
      const followed = followJob(client, job, screen);
      await plane.client.claimJobs({ runnerId: 'r', computes: [], others: true, room: 1, holds: [] });
      await plane.client.reportJob(job.name, { runnerId: 'r', status: 'Running' });
      await log(job.name, 4, 'two\n');
      await plane.client.reportJob(job.name, { runnerId: 'r', status: 'Completed' });
      assert.equal((await followed).properties.status, 'Completed');
      assert.equal(written, 'one\ntwo\n');
    });

    it('says so when the job is deleted meanwhile', async () => {
      const job = await plane.client.putJob('deleted', command('true'));
      const followed = assert.rejects(followJob(client, job, screen), /There is no job "deleted"/);
      await plane.client.deleteJob(job.name);
      await followed;
    });
  });

  it('a check finds out what a plane lacks', async () => {
    failing = /environments\/lacking/;
    const names = kept.add(new ClientNames(() => client));
    await names.connect();
    const isKnown = first(names.onDidChange, () => names.assets.has('environments', 'lacking', '1') !== undefined);
    assert.equal(names.assets.has('environments', 'lacking', '1'), undefined);
    await isKnown;
    assert.equal(names.assets.has('environments', 'lacking', '1'), false);
    assert.ok(askedFor(/^GET .*lacking\/versions\/1$/) >= 3);
  });

  it('a check knows what a component of the plane declares, also after a newer version', async () => {
    const names = kept.add(new ClientNames(() => client));
    await names.connect();
    const outputsOf = () => Object.keys((names.assets.component('declared')?.outputs as object) ?? {});
    const put = (version: string, outputs: object) =>
      plane.client.putAsset('components', 'declared', version, {
        componentSpec: { name: 'declared', version, type: 'command', command: 'true', environment: environmentId, outputs },
      });
    await put('1', { model: { type: 'uri_folder' } });
    const isKnown = first(names.onDidChange, () => outputsOf().join() === 'model');
    outputsOf();
    await isKnown;
    const isNewer = first(names.onDidChange, () => outputsOf().join() === 'model,report');
    await put('2', { model: { type: 'uri_folder' }, report: { type: 'uri_file' } });
    await isNewer;
    names.assets.component('declared', '1');
    await names.settled();
    assert.deepEqual(Object.keys(names.assets.component('declared', '1')?.outputs as object), ['model']);
  });

  it('a page reads what it shows, and again when it changes', async () => {
    failing = /\/shown$/;
    const job = await plane.client.putJob('shown', command('true'));
    const feed = kept.add(new ChangeStream(client.http));
    const shown: (string | undefined)[] = [];
    let wake: () => void = () => {};
    const reading = liveReading(feed, {
      restMs: 10,
      concerns: (change) => change.kind === 'job' && change.id === job.name,
      async read() {
        try {
          shown.push((await client.getJob(job.name)).properties.status);
        } catch (error) {
          shown.push((error as Error).name);
          throw error;
        } finally {
          wake();
        }
      },
    });
    kept.add(reading);
    const until = async (count: number) => {
      while (shown.length < count)
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
    };
    await until(3);
    assert.deepEqual(shown, ['UserError', 'UserError', 'Queued']);
    await plane.client.cancelJob(job.name);
    await until(4);
    assert.deepEqual(shown.slice(3), ['Canceled']);
  });
});
