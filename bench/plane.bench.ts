import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ensurePlane, findPlane } from '../src/plane/ensurePlane.ts';
import { isTaken } from '../src/plane/lock.ts';
import type { PlaneLock } from '../src/protocol/plane.ts';
import { startPlaneProcess } from '../test/contract/planeProcess.ts';
import { bundle } from '../test/contract/updraft.ts';
import { type Benchmark, type Figure, figure } from './figure.ts';

const requests = 10_000;
const connections = 100;
const metricsEach = 10;
const rounds = 3;

/** Sends one log-batch; settles when it was answered with 200. */
function logBatch({ url, token }: PlaneLock, agent: Agent, step: number): Promise<void> {
  const metrics = Array.from({ length: metricsEach }, (_each, key) => ({ key: `m${key}`, value: Math.sin(step), timestamp: step, step }));
  const body = JSON.stringify({ run_id: 'busy', metrics, params: [], tags: [] });
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
  return new Promise((resolve, reject) => {
    const sent = request(`${url}/api/2.0/mlflow/runs/log-batch`, { method: 'POST', agent, headers }, (response) => {
      response.resume().once('end', () => (response.statusCode === 200 ? resolve() : reject(new Error(`answered ${response.statusCode}`))));
    });
    sent.once('error', reject);
    sent.end(body);
  });
}

/** Bytes of memory that a process has in use, as the kernel counts them. */
function residentBytes(pid: number): number {
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kilobytes) * 1024;
}

async function burst(): Promise<{ ms: number; lost: number; peak: number; megabytes: number; readyMs: number }> {
  const folder = mkdtempSync(path.join(tmpdir(), 'updraft-bench-'));
  const started = performance.now();
  const plane = await startPlaneProcess(folder);
  const readyMs = performance.now() - started;
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  try {
    const lock = (await findPlane(folder))!;
    await plane.client.putJob('busy', { jobType: 'Command', command: '', environmentId: '' });
    let next = 0;
    const begun = performance.now();
    await Promise.all(
      Array.from({ length: connections }, async () => {
        while (next < requests) await logBatch(lock, agent, next++);
      }),
    );
    const ms = performance.now() - begun;
    const { series } = await plane.client.metricSeries('busy', [], 100_000);
    const present = series.reduce((sum, { total }) => sum + total, 0);
    const peak = residentBytes(lock.pid) / 1e6;
    // Memory is given back in a quiet moment.
    await delay(4000);
    return { ms, lost: requests * metricsEach - present, peak, megabytes: residentBytes(lock.pid) / 1e6, readyMs };
  } finally {
    agent.destroy();
    await plane.kill();
    rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
  }
}

/** From the start of the process to an answer, on a data folder that exists, as after every restart. */
async function readyAgain(folder: string): Promise<number> {
  const started = performance.now();
  const plane = await startPlaneProcess(folder);
  const ms = performance.now() - started;
  await plane.kill();
  return ms;
}

/** The same, started as the editor and the command line start it. */
async function foundAgain(folder: string): Promise<number> {
  const started = performance.now();
  const { pid } = await ensurePlane({ dataFolder: folder, command: [process.execPath, bundle], version: '', environment: process.env });
  const ms = performance.now() - started;
  // What was compiled is written in the first quiet moment.
  await delay(600);
  process.kill(pid);
  while (isTaken(folder)) await delay(10);
  return ms;
}

export const benchmark: Benchmark = {
  name: 'plane',
  what: `the control plane: ${requests} log-batch requests of ${metricsEach} metrics from ${connections} connections; its start`,
  async run(): Promise<Figure[]> {
    const bursts = [];
    for (let round = 0; round < rounds; round++) bursts.push(await burst());
    const folder = mkdtempSync(path.join(tmpdir(), 'updraft-bench-'));
    const again: number[] = [];
    const found: number[] = [];
    for (let round = 0; round < 10; round++) {
      again.push(await readyAgain(folder));
      found.push(await foundAgain(folder));
    }
    rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
    return [
      figure(
        'log-batch requests a second',
        bursts.map(({ ms }) => (requests / ms) * 1000),
        '/s',
      ),
      figure(
        'metrics lost',
        bursts.map(({ lost }) => lost),
        'metrics',
        { atMost: 0 },
      ),
      figure(
        'resident memory at the last answer',
        bursts.map(({ peak }) => peak),
        'MB',
      ),
      figure(
        'resident memory 4 s afterwards',
        bursts.map(({ megabytes }) => megabytes),
        'MB',
        { atMost: 200 },
      ),
      figure(
        'ready to serve, new data folder',
        bursts.map(({ readyMs }) => readyMs),
        'ms',
        { atMost: 300 },
      ),
      figure('ready to serve, data folder of before', again.slice(1), 'ms', { atMost: 300 }),
      figure('the same, started by the editor or the command line', found.slice(1), 'ms', { atMost: 300 }),
    ];
  },
};
