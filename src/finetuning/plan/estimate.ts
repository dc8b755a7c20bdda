import type { Range, Split } from '../../protocol/finetuningForm.ts';
import type { ModelSize } from './adapterSize.ts';
import { gpuPace } from './gpuPace.ts';

/** What a training does. */
export interface TrainingWork extends ModelSize {
  /** Weights of the adapter. */
  trained: number;
  split: Split;
  epochs: number;
  batchSize: number;
  /** Of a row, filled up to the longest of its batch; and of the longest row. */
  tokens: { mean: number; longest: number };
}

/** What it runs on. `reads`: tokens of a prompt that this model reads in a second here, as its answers are made; the closest that there is to a measured training. */
export interface TrainingMachine {
  cores: number;
  reads?: { tokensPerSecond: number; isMeasured: boolean } | undefined;
  /** The GPU that torch trains on. */
  trainsOn?: string | undefined;
}

export interface Estimate {
  steps: number;
  /** Seconds. */
  training: Range;
  whole: Range;
  /** Bytes at the worst moment. */
  memory: Range;
}

/**
 * A training that was measured: SmolLM2 135M on two cores of a server, with steps of 8 rows of 70 tokens. A step took 1.16 s in bf16 and up to 1.9 s in fp32, and the process took 2.5 GB of memory. In llama.cpp the
 * same model read 280 prompt tokens a second on that server.
 */
export const measured = { parameters: 134.5e6, cores: 2, tokens: 8 * 70, step: { from: 1.16, to: 1.9 }, reads: 280 };

/**
 * Bytes of memory that a training takes. `process`: for Python with torch. `weight`: for each weight of the base model. `trained`: for each weight of the adapter, with its gradient and the optimizer's state.
 * `activation`: for each token of a step, layer and number of the model's width; this value was chosen so that the sum is the measured 2.5 GB.
 */
const bytes = { process: 0.8e9, weight: 4, trained: 16, activation: 114 };

/** How long a training takes, and how much memory, from what was measured: in words `basisOf` says how well that is known. */
export function estimate(work: TrainingWork, machine: TrainingMachine): Estimate {
  const { split, epochs, batchSize, parameters } = work;
  const anEpoch = Math.ceil(split.train / batchSize);
  const steps = anEpoch * epochs;
  const validations = Math.ceil(steps / Math.max(1, Math.min(anEpoch, Math.floor(steps / 4))));
  const { training, evaluation } = machine.trainsOn
    ? onGpu(work, machine.trainsOn, steps, validations)
    : onProcessor(work, machine, steps, validations);
  // The model is imported, converted and verified by the processor.
  const size = parameters / measured.parameters;
  const rest = { from: 20 + 15 * size, to: 80 + 50 * size };
  return {
    steps,
    training,
    whole: { from: training.from + evaluation.from + rest.from, to: training.to + evaluation.to + rest.to },
    memory: memoryOf(work),
  };
}

interface Times {
  training: Range;
  evaluation: Range;
}

function onProcessor(
  { split, batchSize, tokens, parameters }: TrainingWork,
  machine: TrainingMachine,
  steps: number,
  validations: number,
): Times {
  const perToken = secondsPerToken(parameters, machine);
  const over = (seconds: (each: number, bound: 'from' | 'to') => number): Range => ({
    from: seconds(perToken.from, 'from'),
    to: seconds(perToken.to, 'to'),
  });
  const row = tokens.mean;
  const training = over(
    (each, bound) =>
      // Python starts, and tries out what is faster; then the steps, and validations, which do not go backwards and end with three answers to look at.
      (bound === 'from' ? 6 : 20) +
      (steps + 5) * batchSize * row * each +
      validations * each * (split.valid * row * 0.4 + 3 * (bound === 'from' ? 2 * 0.2 * row : 4 * 96)),
  );
  // Both models answer the test: for each token that they write, all weights are read. How long answers are is not known, but that they are a part of their rows.
  const evaluation = over(
    (each, bound) => 2 * split.test * each * (bound === 'from' ? 2 * 0.2 * row : 4 * (Math.min(tokens.longest, 512) * 0.6 + 16)),
  );
  return { training, evaluation };
}

function onGpu(work: TrainingWork, gpu: string, steps: number, validations: number): Times {
  const { split, batchSize, tokens } = work;
  const pace = gpuPace(work, gpu);
  const step = pace.step(batchSize * tokens.mean);
  // Rows that are read, or answered, at a time.
  const [read, asked] = [8, 64];
  const reading = (rows: number, bound: 'from' | 'to') => Math.ceil(rows / read) * pace.reading(read * tokens.mean)[bound];
  const answering = (rows: number, most: number, bound: 'from' | 'to') =>
    Math.ceil(rows / asked) * (bound === 'from' ? 0.2 * tokens.mean : most) * pace.nextToken[bound];
  const both = (seconds: (bound: 'from' | 'to') => number): Range => ({ from: seconds('from'), to: seconds('to') });
  return {
    // Python starts, and the libraries of the GPU.
    training: both(
      (bound) => (bound === 'from' ? 10 : 40) + steps * step[bound] + validations * (reading(split.valid, bound) + answering(3, 96, bound)),
    ),
    evaluation: both((bound) => 2 * (reading(split.test, bound) + answering(split.test, Math.min(tokens.longest, 512) * 0.6 + 16, bound))),
  };
}

/** Seconds that a token of a training takes. */
function secondsPerToken(parameters: number, { cores, reads }: TrainingMachine): Range {
  const { from, to } = { from: measured.step.from / measured.tokens, to: measured.step.to / measured.tokens };
  if (reads) {
    const slower = measured.reads / reads.tokensPerSecond;
    const spread = reads.isMeasured ? 1.5 : 2;
    return { from: (from * slower) / spread, to: to * slower * spread };
  }
  const larger = parameters / measured.parameters;
  const fewer = measured.cores / Math.max(1, cores);
  // At best as many times faster as there are more cores; at worst on an older processor, on which more of them wait for memory.
  return { from: (from * larger * Math.min(fewer, Math.sqrt(fewer))) / 1.5, to: to * larger * Math.max(fewer, Math.sqrt(fewer)) * 2 };
}

function memoryOf({ parameters, layers, width, trained, batchSize, tokens }: TrainingWork): Range {
  const training = (row: number) =>
    bytes.process + bytes.weight * parameters + bytes.trained * trained + bytes.activation * batchSize * row * layers * width;
  // When the model is imported, its weights are there twice.
  const importing = bytes.process + 2 * bytes.weight * parameters;
  return { from: Math.max(importing, 0.85 * training(tokens.mean)), to: 1.25 * Math.max(importing, training(tokens.longest)) };
}
