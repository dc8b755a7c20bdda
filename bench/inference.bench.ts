import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, homedir, tmpdir } from 'node:os';
import path from 'node:path';
import { cacheFolder } from '../scripts/cacheFolder.ts';
import { defaultModelFile } from '../scripts/defaultModelFile.ts';
import { llamaCppPython } from '../scripts/pythonClients.ts';
import { silentLogger } from '../src/base/logger.ts';
import { npmRegistryOf } from '../src/catalog/sources/npmRegistry.ts';
import { eventsOf } from '../src/client/chatStream.ts';
import type { CompletionRequest } from '../src/inference/chat.ts';
import { onProcessor } from '../src/inference/install/engineDevice.ts';
import { enginePlan, installEngine } from '../src/inference/install/installEngine.ts';
import lock from '../src/inference/install/llamaPackages.json' with { type: 'json' };
import { WorkerModel } from '../src/inference/workerModel.ts';
import { configOf } from '../src/server/config.ts';
import { startControlPlane } from '../src/server/controlPlane.ts';
import { planeModels } from '../src/server/planeModels.ts';
import { type Benchmark, type Figure, figure, timed } from './figure.ts';
import { LineProcess } from './lineProcess.ts';

const rounds = 5;
const contextSize = 2048;
const [promptWords, answerTokens] = [40, 64];
const root = path.resolve(import.meta.dirname, '..');
const never = new AbortController().signal;

/** A prompt of its own each time: what is still in the cache from the one before would be read for nothing. */
let count = 0;
const storyOf = (sentences: number) => `Story ${++count}. ${'The sea is wide and the night is calm. '.repeat(sentences)}Once upon a time`;
const greedy = (prompt: string, maxTokens: number): CompletionRequest => ({
  prompt,
  maxTokens,
  stop: [],
  sampling: { temperature: 0, topP: 1, topK: 0, minP: 0, frequencyPenalty: 0, presencePenalty: 0 },
});

/** Tokens per second. */
interface Speed {
  reading: number;
  writing: number;
}

/** A long prompt with one token behind it, and a short one with many. */
async function speedOf(
  ask: (prompt: string, tokens: number) => Promise<{ seconds: number; prompt: number; tokens: number }>,
): Promise<Speed> {
  const read = await ask(storyOf(promptWords), 1);
  const written = await ask(storyOf(0), answerTokens);
  return { reading: read.prompt / read.seconds, writing: written.tokens / written.seconds };
}

const askModel = (model: WorkerModel) => async (prompt: string, tokens: number) => {
  const started = performance.now();
  const { usage } = await model.complete(greedy(prompt, tokens), 'bench', () => {}, never);
  return { seconds: (performance.now() - started) / 1000, prompt: usage.promptTokens, tokens: usage.completionTokens };
};

type Answered = { seconds: number; prompt: number; tokens: number };

const startPeer = (python: string, model: string, threads: number): Promise<LineProcess> =>
  LineProcess.start(python, [path.join(import.meta.dirname, 'inferencePeer.py'), model, String(threads), String(contextSize)]);

const ratios = (ours: Speed[], theirs: Speed[], of: keyof Speed) => ours.map((each, at) => each[of] / theirs[at]![of]);

async function besidePeer(
  title: string,
  load: (threads: number) => Promise<WorkerModel>,
  python: string,
  file: string,
  threads: number,
): Promise<Figure[]> {
  const model = await load(threads);
  const peer = await startPeer(python, file, threads);
  const askPeer = (prompt: string, tokens: number) => peer.ask<Answered>({ prompt, tokens });
  try {
    const [ours, theirs]: [Speed[], Speed[]] = [[], []];
    for (let round = -1; round < rounds; round++) {
      const [a, b] = [await speedOf(askModel(model)), await speedOf(askPeer)];
      if (round < 0) continue;
      ours.push(a);
      theirs.push(b);
    }
    return (['reading', 'writing'] as const).flatMap((of) => [
      figure(
        `${title}, ${of}`,
        ours.map((each) => each[of]),
        'tokens/s',
      ),
      figure(`${title}, ${of}: ours / llama-cpp-python`, ratios(ours, theirs, of), 'x', { atLeast: 0.97 }),
    ]);
  } finally {
    peer.end();
    await model.end();
  }
}

/** Eight requests at the same time, against the same one after the other. */
async function parallel(model: WorkerModel): Promise<Figure> {
  const ask = () => model.complete(greedy(storyOf(1), answerTokens), 'bench', () => {}, never);
  const samples: number[] = [];
  for (let round = -1; round < 3; round++) {
    const together = await timed(() => Promise.all(Array.from({ length: 8 }, ask)));
    const inTurn = await timed(async () => {
      for (let at = 0; at < 8; at++) await ask();
    });
    if (round >= 0) samples.push(inTurn / together);
  }
  return figure('8 requests at once: one after the other / together', samples, 'x', { atLeast: 1.5 });
}

/** What the plane and HTTP add to the worker's own answer, and what a model that is in memory saves. */
async function aroundTheWorker(file: string): Promise<Figure[]> {
  const folder = mkdtempSync(path.join(tmpdir(), 'updraft-bench-'));
  const config = configOf({ dataFolder: folder, idleMinutes: 0 });
  const plane = await startControlPlane(config, '0.0.0-bench', silentLogger);
  const { own } = planeModels(config, silentLogger);
  try {
    const [cold, warm] = [await timed(() => own.withModel(file, nothing)), await timed(() => own.withModel(file, nothing))];
    const direct = async () => {
      const started = performance.now();
      let first = 0;
      const onPiece = () => {
        first ||= performance.now() - started;
      };
      await own.withModel(file, (model) => model.complete(greedy(storyOf(0), answerTokens), 'bench', onPiece, never));
      return { first, whole: performance.now() - started };
    };
    const http = async () => {
      const started = performance.now();
      let first = 0;
      const response = await fetch(`${plane.url}/v1/completions`, {
        method: 'POST',
        headers: { authorization: `Bearer ${plane.token}`, 'content-type': 'application/json' },
        body: JSON.stringify({ model: file, prompt: storyOf(0), max_tokens: answerTokens, temperature: 0, stream: true }),
      });
      for await (const _ of eventsOf(response)) first ||= performance.now() - started;
      return { first, whole: performance.now() - started };
    };
    const [firsts, wholes]: [number[], number[]] = [[], []];
    for (let round = -1; round < rounds * 2; round++) {
      const [a, b] = [await http(), await direct()];
      if (round < 0) continue;
      firsts.push(a.first - b.first);
      wholes.push(a.whole / b.whole);
    }
    return [
      figure('first load of a model / request to one in memory', [cold / warm], 'x', { atLeast: 50 }),
      figure('first token: what HTTP adds', firsts, 'ms', { atMost: 3 }),
      figure('a whole answer: over HTTP / in the worker', wholes, 'x', { atMost: 1.01 }),
    ];
  } finally {
    await own.dispose();
    await plane.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

const nothing = async () => {};

export const benchmark: Benchmark = {
  name: 'inference',
  what: `the default small model: prompts of ${promptWords} sentences, answers of ${answerTokens} tokens, beside llama-cpp-python (built for this processor, without AMX) on the same file and threads`,
  async run() {
    const file = await defaultModelFile();
    const python = await llamaCppPython();
    const plan = enginePlan(lock, onProcessor(Object.keys(lock.natives)), path.join(cacheFolder(), 'engines'));
    await installEngine(plan, { registry: await npmRegistryOf(process.env, homedir()), fetch });
    const program = path.join(root, 'dist/inferenceWorker.mjs');
    const load = (threads: number, sequences = 1) =>
      WorkerModel.load(program, { engine: plan.folder, file, device: 'cpu', threads, contextSize, sequences }, process.env);
    const cores = availableParallelism();
    const figures = [
      ...(await besidePeer('1 thread', load, python, file, 1)),
      ...(await besidePeer(`${cores} threads`, load, python, file, cores)),
    ];
    const colds: number[] = [];
    for (let round = 0; round < 3; round++) {
      const started = performance.now();
      const model = await load(cores);
      colds.push(performance.now() - started);
      await model.end();
    }
    const model = await load(cores, 4);
    try {
      figures.push(figure('a cold load: process, engine, model, context', colds, 'ms'), await parallel(model));
    } finally {
      await model.end();
    }
    return [...figures, ...(await aroundTheWorker(file))];
  },
};
