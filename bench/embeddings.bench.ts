import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, homedir, tmpdir } from 'node:os';
import path from 'node:path';
import { cacheFolder } from '../scripts/cacheFolder.ts';
import { defaultEmbedderFile } from '../scripts/defaultModelFile.ts';
import { onnxruntime } from '../scripts/pythonClients.ts';
import { silentLogger } from '../src/base/logger.ts';
import { npmRegistryOf } from '../src/catalog/sources/npmRegistry.ts';
import { installEngine } from '../src/inference/install/installEngine.ts';
import { onnxEngine } from '../src/inference/install/onnxEngine.ts';
import { WorkerModel } from '../src/inference/workerModel.ts';
import { configOf } from '../src/server/config.ts';
import { startControlPlane } from '../src/server/controlPlane.ts';
import { type Benchmark, type Figure, figure, spreadOf } from './figure.ts';
import { LineProcess } from './lineProcess.ts';

const rounds = 7;
const never = new AbortController().signal;
const short = [
  'A cat sits on the sofa.',
  'The stock market fell sharply today.',
  'Where do I find my invoice?',
  'Dogs are welcome on the terrace.',
];
/** Each takes more than a millisecond. */
const runs = [
  { rows: 1, tokens: 16, times: 40 },
  { rows: 1, tokens: 128, times: 10 },
  { rows: 16, tokens: 64, times: 3 },
];

/** The runs alone, without texts: ours and Python's in turn. */
async function besidePython(engine: string, file: string, python: string, threads: number): Promise<Figure[]> {
  const ours = await LineProcess.start(process.execPath, [
    path.join(import.meta.dirname, 'embeddingsRun.ts'),
    engine,
    file,
    String(threads),
  ]);
  const peer = await LineProcess.start(python, [path.join(import.meta.dirname, 'embeddingsPeer.py'), file, String(threads), '0']);
  try {
    const figures: Figure[] = [];
    for (const run of runs) {
      const [a, b, ratios]: [number[], number[], number[]] = [[], [], []];
      for (let round = -1; round < rounds; round++) {
        const [{ ms: mine }, { ms: theirs }] = [await ours.ask<{ ms: number[] }>(run), await peer.ask<{ ms: number[] }>(run)];
        if (round < 0) continue;
        a.push(spreadOf(mine).median);
        b.push(spreadOf(theirs).median);
        ratios.push(b.at(-1)! / a.at(-1)!);
      }
      const what = `${threads} thread${threads > 1 ? 's' : ''}, ${run.rows} x ${run.tokens} tokens`;
      figures.push(figure(what, a, 'ms'), figure(`${what}: speed of ours / Python's`, ratios, 'x', { atLeast: 0.95 }));
    }
    return figures;
  } finally {
    ours.end();
    peer.end();
  }
}

type Embed = (text: string) => Promise<unknown>;

/** Milliseconds of each short text, asked for alone: in the worker, and over HTTP. In turn, since a process that has waited a while is slower than one that has just answered. */
async function shortTexts(inWorker: Embed, overHttp: Embed): Promise<[worker: number[], http: number[]]> {
  const samples: [number[], number[]] = [[], []];
  for (let round = -5; round < 50; round++)
    for (const text of short)
      for (const [way, embed] of [inWorker, overHttp].entries()) {
        const started = performance.now();
        await embed(text);
        if (round >= 0) samples[way]!.push(performance.now() - started);
      }
  return samples;
}

async function besideHttp(inWorker: Embed): Promise<[worker: number[], http: number[]]> {
  const folder = mkdtempSync(path.join(tmpdir(), 'updraft-bench-'));
  const plane = await startControlPlane(configOf({ dataFolder: folder, idleMinutes: 0 }), '0.0.0-bench', silentLogger);
  try {
    return await shortTexts(inWorker, async (input) => {
      const response = await fetch(`${plane.url}/v1/embeddings`, {
        method: 'POST',
        headers: { authorization: `Bearer ${plane.token}`, 'content-type': 'application/json' },
        body: JSON.stringify({ model: 'all-minilm-l6-v2', input, encoding_format: 'base64' }),
      });
      if (!response.ok) throw new Error(await response.text());
      await response.json();
    });
  } finally {
    await plane.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

export const benchmark: Benchmark = {
  name: 'embeddings',
  what: "all-minilm-l6-v2 with 8-bit weights: short texts, and runs beside Python's onnxruntime on the same file and threads",
  async run() {
    const file = await defaultEmbedderFile();
    const python = await onnxruntime();
    const plan = onnxEngine(path.join(cacheFolder(), 'engines'));
    await installEngine(plan, { registry: await npmRegistryOf(process.env, homedir()), fetch });
    const cores = availableParallelism();
    const program = path.resolve(import.meta.dirname, '../dist/inferenceWorker.mjs');
    const options = { engine: plan.folder, file, device: 'cpu' as const, threads: cores, contextSize: 256, sequences: 1 };
    const model = await WorkerModel.load(program, options, process.env);
    const inWorker: Embed = (text) => model.embed({ texts: [text], isCut: false }, 'bench', never);
    const [worker, http] = await besideHttp(inWorker).finally(() => model.end());
    const added = http.map((each, at) => each - worker[at]!);
    return [
      figure('a short text, in the worker', worker, 'ms', { atMost: 3 }),
      figure('a short text, over HTTP', http, 'ms', { atMost: 3 }),
      figure('a short text: what HTTP adds', added, 'ms', { atMost: 3 }),
      ...(await besidePython(plan.folder, file, python, 1)),
      ...(cores > 1 ? await besidePython(plan.folder, file, python, cores) : []),
    ];
  },
};
