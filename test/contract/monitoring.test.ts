import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'mocha';
import { ChangeStream } from '../../src/client/feed/changeStream.ts';
import { startPlane, type TestPlane } from './plane.ts';
import { startPlaneProcess } from './planeProcess.ts';

/** Figures of a text in Prometheus' format, by name and labels as they are written; each line must be one that the format has. */
function figuresIn(text: string): Map<string, number> {
  const figures = new Map<string, number>();
  for (const line of text.split('\n').slice(0, -1)) {
    if (/^# (?:HELP \w+ .+|TYPE \w+ (?:counter|gauge|histogram))$/.test(line)) continue;
    const [, name, value] = /^(\w+(?:\{(?:\w+="(?:[^"\\]|\\.)*",?)+\})?) (\S+)$/.exec(line) ?? [];
    assert.ok(name !== undefined && Number.isFinite(Number(value)), line);
    assert.ok(!figures.has(name), `${name} is told twice`);
    figures.set(name, Number(value));
  }
  return figures;
}

describe('figures for who watches a plane', () => {
  let plane: TestPlane;
  before(async () => {
    plane = await startPlane({ withRunner: false });
  });
  after(() => plane.remove());
  const ask = async () => {
    const response = await plane.client.http.raw('GET', '/metrics');
    assert.equal(response.headers.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8');
    return figuresIn(await response.text());
  };

  it('are those of Prometheus: requests by part and status, how long they took, the process', async () => {
    await ask();
    await plane.client.listJobs();
    await plane.client.listJobs();
    await fetch(`${plane.url}/subscriptions/of/a/stranger`);
    await fetch(`${plane.url}/nowhere`, { method: 'SUBSCRIBE' }).catch(() => {});
    const figures = await ask();
    assert.equal(figures.get('updraft_requests_total{part="arm",method="GET",status="2xx"}'), 2);
    assert.equal(figures.get('updraft_requests_total{part="arm",method="GET",status="4xx"}'), 1);
    assert.equal(figures.get('updraft_requests_total{part="other",method="other",status="4xx"}'), 1);
    assert.equal(figures.get('updraft_request_seconds_count{part="arm"}'), 3);
    assert.equal(figures.get('updraft_request_seconds_bucket{part="arm",le="+Inf"}'), 3);
    const within = [...figures].filter(([name]) => name.startsWith('updraft_request_seconds_bucket{part="arm"')).map(([, count]) => count);
    assert.deepEqual(
      within,
      within.toSorted((a, b) => a - b),
    );
    assert.equal(figures.get('updraft_info{version="0.0.0-test"}'), 1);
    assert.equal(figures.get('updraft_ready'), 1);
    assert.equal(figures.get('updraft_duties'), 1);
    assert.ok(figures.get('process_resident_memory_bytes')! > 1e7);
    assert.ok(figures.get('process_cpu_seconds_total')! > 0);
  });

  it('tell of jobs, changes and open feeds', async () => {
    const before = await ask();
    await plane.client.putJob('waiting', {
      jobType: 'Command',
      command: 'true',
      environmentId: 'x',
      experimentName: 'figures',
    } as never);
    const changes = new ChangeStream(plane.client.http, { kinds: ['job'] });
    try {
      await new Promise<void>((resolve) => changes.onDidChangeState((state) => state === 'live' && resolve()));
      const figures = await ask();
      assert.equal(figures.get('updraft_feeds'), before.get('updraft_feeds')! + 1);
      assert.equal(figures.get('updraft_jobs{state="waiting"}'), before.get('updraft_jobs{state="waiting"}')! + 1);
      assert.ok(figures.get('updraft_changes_total')! > before.get('updraft_changes_total')!);
    } finally {
      changes.dispose();
    }
  });

  it('are read from each server of a published plane, by an address of its own and with a token alone', async () => {
    const published = await startPlane({ withRunner: false, publicUrl: 'https://updraft.example.org' });
    try {
      const status = (path: string, host: string, token?: string) =>
        new Promise<number>((resolve, reject) => {
          const headers = { host, ...(token ? { authorization: `Bearer ${token}` } : {}) };
          request(`${published.url}${path}`, { headers }, (response) => resolve(response.resume().statusCode!))
            .on('error', reject)
            .end();
        });
      assert.equal(await status('/metrics', '10.1.2.3:8700', published.token), 200);
      assert.equal(await status('/metrics', '10.1.2.3:8700'), 401);
      assert.equal(await status('/metrics', '10.1.2.3:8700', 'wrong'), 401);
      assert.equal(await status('/status', '10.1.2.3:8700', published.token), 401);
    } finally {
      await published.remove();
    }
  });

  it('are for who has the token', async () => {
    assert.equal((await fetch(`${plane.url}/metrics`)).status, 401);
  });
});

describe('the log of a plane', () => {
  it('is one JSON object a line where that is asked for', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'updraft-'));
    try {
      const plane = await startPlaneProcess(folder, ['--no-runner', '--log-format', 'json']);
      await plane.said('listening on');
      await plane.stop();
      const lines = plane
        .log()
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line));
      assert.ok(lines.length > 0);
      for (const line of lines) assert.match(`${line.time} ${line.level} ${line.message}`, /^\d{4}-\S+Z (debug|info|warn|error) \S/);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
