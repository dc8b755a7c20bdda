import { formatBytes, formatCount } from '../../base/text.ts';
import type { GgufHeader } from '../../catalog/headers/readGguf.ts';
import type { PlanRequest, TrainingPlan } from '../../protocol/finetuningForm.ts';
import { canConvert } from '../convert/canConvert.ts';
import { splitOf } from '../data/split.ts';
import { adapterSize, type ModelSize, modelSizeOf, targetsOf } from './adapterSize.ts';
import { estimate, measured, type TrainingMachine } from './estimate.ts';
import { isNvidia, measuredOnGpu, peakOf } from './gpuPace.ts';

export interface PlanMachine extends Omit<TrainingMachine, 'trainsOn'> {
  /** Bytes, in all and free now. */
  memory: number;
  available: number;
  gpu?: { name: string; memory: number } | undefined;
  platform: NodeJS.Platform;
  architecture: string;
  /** Bytes free where jobs keep what they make. */
  freeDisk: number | undefined;
}

/** What a training with these settings would do on a machine, and take. */
export function trainingPlan(request: PlanRequest, header: GgufHeader, machine: PlanMachine): TrainingPlan {
  const { training, validation, test, epochs, batchSize, rank, targetModules, tokens } = request;
  const split = splitOf(training, validation, test);
  const config = { peft_type: 'LORA', r: rank, lora_alpha: rank, target_modules: targetsOf(targetModules) };
  const plan: TrainingPlan = {
    split: typeof split === 'string' ? { problem: split } : split,
    reasons: canConvert(config, header).reasons,
    downloads: downloadsFor(machine),
  };
  const size = modelSizeOf(header);
  if (typeof split === 'string' || !size) return plan;
  const trained = adapterSize(header, rank, targetModules);
  const {
    steps,
    training: trainingSeconds,
    whole: seconds,
    memory,
  } = estimate({ ...size, trained, split, epochs, batchSize, tokens }, { ...machine, trainsOn: trainingGpu(machine) });
  const disk = 4 * size.parameters;
  plan.estimate = {
    steps,
    trained,
    trainingSeconds,
    seconds,
    memory,
    machineMemory: machine.memory,
    freeMemory: machine.available,
    disk,
    basis: basisOf(size, machine),
    warnings: [...gpuWarnings(size, trained, machine), ...warningsFor(memory, disk, request, machine)],
  };
  return plan;
}

/** Apple's may be used too, and nothing of them was measured. */
const trainingGpu = ({ gpu }: PlanMachine): string | undefined => (gpu && isNvidia(gpu.name) ? gpu.name : undefined);

const busy = 'Other programs that are busy make it slower, and the first step of all waits for what is downloaded.';

function basisOf(size: ModelSize, machine: PlanMachine): string[] {
  const gpu = trainingGpu(machine);
  return gpu === undefined ? processorBasis(size.parameters, machine) : gpuBasis(size, gpu);
}

function gpuBasis({ parameters, layers }: ModelSize, gpu: string): string[] {
  const { step, layers: those } = measuredOnGpu;
  const peak = peakOf(gpu);
  return [
    `A training step of SmolLM2 135M took ${step.from * 1000} to ${step.to * 1000} ms on an NVIDIA H100. Most of that goes into starting the GPU's programs, so it grows with the layers: ${those} there, ${layers} here.`,
    `To that comes what ${formatCount(parameters)} weights take to compute. It was not measured: ${
      peak === undefined
        ? `${gpu} is taken to be between a small and a large GPU`
        : `${gpu} computes ${peak / 1e12} TFLOPS by its data sheet`
    }, and 8 to 50 % of that are taken to be reached.`,
    'This holds if torch can use the GPU. Whether its driver is new enough is seen when it runs: the first line of the training says what it trains on.',
    busy,
  ];
}

/** What is kept on the GPU without any row: weights in 32 bits, and what is trained. */
function gpuWarnings({ parameters }: ModelSize, trained: number, machine: PlanMachine): string[] {
  const needed = 4 * parameters + 16 * trained;
  if (!machine.gpu || trainingGpu(machine) === undefined || needed < machine.gpu.memory) return [];
  return [
    `${machine.gpu.name} has ${formatBytes(machine.gpu.memory)} of memory, and the weights alone take ${formatBytes(needed)} in a training. Take a smaller model, or the precision qlora.`,
  ];
}

function processorBasis(parameters: number, { cores, reads, gpu }: PlanMachine): string[] {
  const { step } = measured;
  const model = `A training step of SmolLM2 135M took ${step.from} s in bf16 and up to ${step.to} s in fp32 where it was measured (two cores, 8 rows of 70 tokens).`;
  const here = reads
    ? `${reads.isMeasured ? 'This model was measured here' : 'The speed of this model is estimated from others that were measured here'}: it reads ${Math.round(reads.tokensPerSecond).toLocaleString('en')} tokens a second, and that one ${measured.reads} there.`
    : `From there it goes by weights (${formatCount(parameters)} here) and cores (${cores} here), since no model was measured on this machine: measure one on the page of models to know more.`;
  return [
    model,
    here,
    ...(gpu ? [`${gpu.name} makes it faster if torch can use it. How much was not measured, so these are figures of the processor.`] : []),
    busy,
  ];
}

function warningsFor(
  memory: { from: number; to: number },
  disk: number,
  { batchSize }: PlanRequest,
  { memory: all, available, freeDisk }: PlanMachine,
): string[] {
  const warnings: string[] = [];
  const lower =
    batchSize > 1
      ? `Lower the batch size to ${Math.max(1, Math.floor(batchSize / 2))}, or the sequence length, or`
      : 'Lower the sequence length, or';
  if (memory.from > all)
    warnings.push(`This machine has ${formatBytes(all)} of memory, which is not enough. ${lower} take a smaller model.`);
  else if (memory.to > available)
    warnings.push(
      `${formatBytes(available)} of memory are free now, which may not be enough. Close other programs. ${lower} take a smaller model.`,
    );
  if (freeDisk !== undefined && disk * 1.2 > freeDisk)
    warnings.push(`The disk has ${formatBytes(freeDisk)} free, and the imported model alone takes ${formatBytes(disk)}.`);
  return warnings;
}

/** Sizes of torch 2.15 and what comes with it, as they were measured on Linux. */
function downloadsFor({ platform, architecture, gpu }: PlanMachine): string[] {
  const once = 'once, for all workspaces, unless an earlier fine-tuning brought it';
  if (platform !== 'linux' || architecture !== 'x64')
    return [`Torch, transformers and peft: some hundred MB, ${once}. How many was not measured on this system.`];
  return [
    gpu
      ? `Torch with the libraries for NVIDIA's GPUs, transformers and peft: 2.5 GB, 5.4 GB on the disk, ${once}.`
      : `Torch, transformers and peft: 0.6 GB, 1.4 GB on the disk, ${once}. With the libraries for NVIDIA's GPUs it would be 2.5 GB.`,
  ];
}
