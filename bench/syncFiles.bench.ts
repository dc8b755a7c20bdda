import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { mapParallel } from '../src/base/parallel.ts';
import { PlaneClient } from '../src/client/planeClient.ts';
import { blobContainer } from '../src/protocol/asset.ts';
import { copyFiles } from '../src/sync/files/copyFiles.ts';
import { badNetwork } from '../test/contract/faults/badNetwork.ts';
import { seeded } from '../test/contract/faults/random.ts';
import { type PlaneProcess, startPlaneProcess } from '../test/contract/planeProcess.ts';
import { type Benchmark, type Figure, figure, timed } from './figure.ts';

const rounds = 3;
const MiB = 1024 * 1024;
const [largeBytes, inserted] = [512 * MiB, 1000];
const [files, bytesOfFiles] = [3000, 1024 * MiB];
const sameFiles = 10_000;
const parallel = 4;
const cuts = Number(process.env.UPDRAFT_BENCH_CUTS ?? 500);

export const benchmark: Benchmark = {
  name: 'syncFiles',
  what: `files between two planes: ${inserted} bytes put into 512 MiB; 1 GiB in ${files} files, also with ${cuts} cuts; ${sameFiles} files that are there`,
  async run() {
    const folder = mkdtempSync(path.join(tmpdir(), 'updraft-bench-'));
    const here = await startPlaneProcess(path.join(folder, 'here'), ['--no-runner']);
    try {
      return [...(await insertion(here, folder)), ...(await manyFiles(here, folder)), ...(await nothingChanged(here, folder))];
    } finally {
      await here.kill();
      rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
    }
  },
};

/** A plane that has nothing, for as long as `use` takes. */
async function onFreshPlane<T>(folder: string, use: (plane: PlaneProcess) => Promise<T>): Promise<T> {
  const at = mkdtempSync(path.join(folder, 'there-'));
  const plane = await startPlaneProcess(at, ['--no-runner']);
  try {
    return await use(plane);
  } finally {
    await plane.kill();
    rmSync(at, { recursive: true, force: true, maxRetries: 10 });
  }
}

const network = (plane: PlaneProcess, mostBytes = Number.MAX_SAFE_INTEGER) =>
  badNetwork({ port: Number(new URL(plane.url).port), random: seeded(5), mostBytes });

async function insertion(here: PlaneProcess, folder: string): Promise<Figure[]> {
  const before = randomBytes(largeBytes);
  await here.client.writeBlob(blobContainer, 'v0/model.bin', before);
  return await onFreshPlane(folder, async (there) => {
    await copyFiles({ from: here.client, to: there.client }, blobContainer, 'v0');
    const [bytes, seconds]: [number[], number[]] = [[], []];
    for (let round = 1; round <= rounds; round++) {
      const at = Math.floor((round / (rounds + 1)) * largeBytes);
      const after = Buffer.concat([before.subarray(0, at), randomBytes(inserted), before.subarray(at)]);
      await here.client.writeBlob(blobContainer, `v${round}/model.bin`, after);
      const line = await network(there);
      const to = new PlaneClient({ url: line.url, token: there.token });
      seconds.push((await timed(() => copyFiles({ from: here.client, to }, blobContainer, `v${round}`))) / 1000);
      bytes.push((line.bytes.there + line.bytes.back) / 1000);
      line.close();
    }
    return [
      figure(`${inserted} bytes put into 512 MiB: all that travels`, bytes, 'kB', { atMost: 200 }),
      figure(`${inserted} bytes put into 512 MiB: time`, seconds, 's'),
    ];
  });
}

async function manyFiles(here: PlaneProcess, folder: string): Promise<Figure[]> {
  const source = path.join(folder, 'source');
  mkdirSync(source);
  const names = Array.from({ length: files }, (_, index) => `part-${index}.bin`);
  for (const name of names) writeFileSync(path.join(source, name), randomBytes(Math.floor(bytesOfFiles / files)));
  await mapParallel(names, parallel, (name) => here.client.writeBlob(blobContainer, `many/${name}`, readFileSync(path.join(source, name))));
  const ratios: number[] = [];
  let requests = 0;
  for (let round = 0; round < rounds; round++) {
    const ours = await onFreshPlane(folder, (there) => {
      requests = 0;
      const count: typeof fetch = (...asked) => {
        requests++;
        return fetch(...asked);
      };
      const clients = [here, there].map(({ url, token }) => new PlaneClient({ url, token, fetch: (input, init) => count(input, init) }));
      return timed(() => copyFiles({ from: clients[0]!, to: clients[1]! }, blobContainer, 'many'));
    });
    ratios.push((await plainCopy(source, names, path.join(folder, 'plain'))) / ours);
  }
  const rough = await onFreshPlane(folder, async (there) => {
    const line = await network(there, (2 * bytesOfFiles) / cuts);
    await copyFiles({ from: here.client, to: new PlaneClient({ url: line.url, token: there.token }) }, blobContainer, 'many');
    line.close();
    const { entries } = await there.client.listBlobs(blobContainer, 'many', { recursive: true });
    const arrived = new Map(entries.map(({ path: name, sha256 }) => [name, sha256]));
    const lost = names.filter(
      (name) =>
        arrived.get(name) !==
        createHash('sha256')
          .update(readFileSync(path.join(source, name)))
          .digest('hex'),
    );
    return { cuts: line.cuts, lost: lost.length, resent: (line.bytes.there / bytesOfFiles - 1) * 100 };
  });
  return [
    figure(`1 GiB in ${files} files: speed beside a plain copy over HTTP`, ratios, 'x', { atLeast: 0.8 }),
    figure(`1 GiB in ${files} files: requests to both planes`, [requests], 'requests'),
    figure('1 GiB over a bad network: connections cut', [rough.cuts], 'cuts'),
    figure('1 GiB over a bad network: files lost', [rough.lost], 'files', { atMost: 0 }),
    figure('1 GiB over a bad network: sent beyond the files, with all heads', [rough.resent], '%', { atMost: 2 }),
  ];
}

/** Milliseconds for files that are sent one by one, four at a time, to a server that only writes them. */
async function plainCopy(source: string, names: string[], target: string): Promise<number> {
  const child = spawn(process.execPath, [path.join(import.meta.dirname, 'uploadServer.ts'), target], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const [port] = await once(child.stdout!, 'data');
    return await timed(() =>
      mapParallel(names, parallel, async (name) => {
        const answer = await fetch(`http://127.0.0.1:${Number(port)}/${name}`, {
          method: 'PUT',
          body: readFileSync(path.join(source, name)),
        });
        await answer.text();
      }),
    );
  } finally {
    child.kill();
    rmSync(target, { recursive: true, force: true, maxRetries: 10 });
  }
}

async function nothingChanged(here: PlaneProcess, folder: string): Promise<Figure[]> {
  const names = Array.from({ length: sameFiles }, (_, index) => `same/folder-${index % 100}/file-${index}.txt`);
  await mapParallel(names, parallel, (name) => here.client.writeBlob(blobContainer, name, name));
  return await onFreshPlane(folder, async (there) => {
    const first = await timed(() => copyFiles({ from: here.client, to: there.client }, blobContainer, 'same'));
    let requests = 0;
    const [bytes, seconds]: [number[], number[]] = [[], []];
    for (let round = 0; round < rounds; round++) {
      const line = await network(there);
      requests = 0;
      const to = new PlaneClient({
        url: line.url,
        token: there.token,
        fetch: (input, init) => {
          requests++;
          return fetch(input, init);
        },
      });
      seconds.push((await timed(() => copyFiles({ from: here.client, to }, blobContainer, 'same'))) / 1000);
      bytes.push((line.bytes.there + line.bytes.back) / 1000);
      line.close();
    }
    return [
      figure(`${sameFiles} small files: time to send them first`, [first / 1000], 's'),
      figure(`${sameFiles} files that are there: requests`, [requests], 'requests'),
      figure(`${sameFiles} files that are there: all that travels`, bytes, 'kB'),
      figure(`${sameFiles} files that are there: time`, seconds, 's'),
    ];
  });
}
