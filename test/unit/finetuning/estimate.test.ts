import assert from 'node:assert/strict';
import path from 'node:path';
import { describe, it } from 'mocha';
import { defaultModelFile } from '../../../scripts/defaultModelFile.ts';
import { readGgufHeader } from '../../../src/catalog/headers/readGguf.ts';
import { adapterSize, modelSizeOf } from '../../../src/finetuning/plan/adapterSize.ts';
import { estimate, type TrainingWork } from '../../../src/finetuning/plan/estimate.ts';
import { gpuPace } from '../../../src/finetuning/plan/gpuPace.ts';
import { trainingPlan } from '../../../src/finetuning/plan/trainingPlan.ts';

/** The training that was measured: 200 rows, 25 steps of 8 rows of 70 tokens. */
const work: TrainingWork = {
  parameters: 134.5e6,
  layers: 30,
  width: 576,
  trained: 2.44e6,
  split: { train: 200, valid: 20, test: 50 },
  epochs: 1,
  batchSize: 8,
  tokens: { mean: 70, longest: 70 },
};
const machine = { cores: 2 };
const holds = ({ from, to }: { from: number; to: number }, value: number) =>
  assert.ok(from <= value && value <= to, `${from} to ${to} has no ${value}`);

describe('the estimate of a training', () => {
  it('has what was measured, with and without a measured speed of the model', () => {
    for (const reads of [undefined, { tokensPerSecond: 280, isMeasured: true }]) {
      const { steps, training, whole, memory } = estimate(work, { ...machine, reads });
      assert.equal(steps, 25);
      for (const seconds of [35, 53]) holds(training, seconds);
      // With answers before and after.
      holds(whole, 82);
      for (const bytes of [2.5e9, 2.7e9]) holds(memory, bytes);
      assert.ok(training.to < 240 && memory.to < 3.5e9);
    }
  });

  it('grows with all that makes it longer or larger', () => {
    const base = estimate(work, machine);
    const more = (changed: Partial<TrainingWork>) => estimate({ ...work, ...changed }, machine);
    assert.ok(more({ epochs: 2 }).training.from > 1.4 * base.training.from);
    assert.ok(more({ parameters: 1e9 }).training.to > 5 * base.training.to);
    assert.ok(more({ batchSize: 16 }).memory.to > 1.3 * base.memory.to);
    assert.ok(more({ parameters: 7e9 }).memory.from > 28e9);
    assert.ok(estimate(work, { cores: 16 }).training.from < base.training.from);
    assert.ok(estimate(work, { ...machine, reads: { tokensPerSecond: 28, isMeasured: true } }).training.from > 5 * base.training.from);
    // What is only estimated is known less well.
    const width = (isMeasured: boolean) => {
      const { from, to } = estimate(work, { ...machine, reads: { tokensPerSecond: 280, isMeasured } }).training;
      return to / from;
    };
    assert.ok(width(false) > width(true));
  });

  it('of a GPU goes by layers while the model is small, and by weights when it is large', () => {
    const step = (parameters: number, layers: number, gpu: string) => gpuPace({ parameters, layers, width: 576 }, gpu).step(560);
    const small = step(134.5e6, 30, 'NVIDIA H100 80GB HBM3');
    // As it was measured.
    for (const seconds of [0.16, 0.35]) holds(small, seconds);
    assert.ok(small.to < 0.6);
    assert.ok(Math.abs(step(134.5e6, 60, 'NVIDIA H100').from / small.from - 2) < 0.01);
    const [fast, slow, unknown] = ['NVIDIA H100', 'NVIDIA L4', 'NVIDIA Something'].map((gpu) => step(70e9, 80, gpu));
    assert.ok(slow!.from > 2 * fast!.from && slow!.to > 5 * fast!.to);
    assert.ok(unknown!.to / unknown!.from > slow!.to / slow!.from);
    const gpu = estimate(work, { cores: 2, trainsOn: 'NVIDIA H100' });
    assert.equal(gpu.steps, 25);
    assert.ok(gpu.training.from < gpu.training.to && gpu.whole.to > gpu.training.to);
  });

  it('knows the sizes of a model and its adapter by the header', async () => {
    const header = await readGgufHeader(path.resolve(import.meta.dirname, '../../../../shared/corpora/tiny-lm/tiny-colours-f32.gguf'));
    const size = modelSizeOf(header)!;
    assert.equal(size.parameters, 684_416);
    const whole = adapterSize(header, 8, 'all-linear');
    assert.equal(adapterSize(header, 16, 'all-linear'), 2 * whole);
    assert.ok(adapterSize(header, 8, 'q_proj, k_proj') < whole / 2);
    assert.equal(adapterSize(header, 8, 'nothing'), 0);
  });

  it('knows that the default small model has an adapter of 2.44 million weights', async () => {
    const header = await readGgufHeader(await defaultModelFile());
    assert.equal(adapterSize(header, 8, 'all-linear'), 2_442_240);
    assert.deepEqual([modelSizeOf(header)!.layers, modelSizeOf(header)!.width], [30, 576]);
    const request = {
      model: '',
      training: 200,
      tokens: { mean: 70, longest: 90 },
      epochs: 1,
      batchSize: 8,
      rank: 8,
      targetModules: 'all-linear',
    };
    const here = { cores: 2, memory: 24e9, available: 20e9, platform: 'linux' as const, architecture: 'x64', freeDisk: 50e9 };
    const plan = trainingPlan(request, header, here);
    assert.deepEqual([plan.estimate!.warnings, plan.reasons], [[], []]);
    assert.match(plan.downloads.join(), /0\.6 GB/);
    const small = trainingPlan(request, header, { ...here, memory: 1e9, available: 0.5e9, freeDisk: 1e8 });
    assert.match(small.estimate!.warnings.join(' '), /not enough\. Lower the batch size to 4, .* The disk has 100 MB free/);
    const on = (name: string, memory = 80e9) => trainingPlan(request, header, { ...here, gpu: { name, memory } }).estimate!;
    assert.match(on('Apple M3').basis.join(' '), /Apple M3 makes it faster/);
    assert.deepEqual(on('Apple M3').trainingSeconds, plan.estimate!.trainingSeconds);
    const h100 = on('NVIDIA H100 80GB HBM3');
    // 20 steps.
    holds(h100.trainingSeconds, 20 + 20 * 0.25);
    assert.ok(h100.trainingSeconds.to < plan.estimate!.trainingSeconds.to);
    assert.match(h100.basis.join(' '), /took 160 to 350 ms on an NVIDIA H100.*: 30 there, 30 here\..* 989 TFLOPS/);
    assert.match(on('NVIDIA RTX 9999').basis.join(' '), /RTX 9999 is taken to be between a small and a large GPU/);
    assert.deepEqual(h100.warnings, []);
    assert.match(on('NVIDIA T4', 0.5e9).warnings.join(' '), /T4 has 500 MB of memory, and the weights alone take 577 MB/);
    assert.match(trainingPlan({ ...request, targetModules: 'embed_tokens' }, header, here).reasons.join(), /embed_tokens/);
  });
});
