import { formatBytes, formatCount } from '../../base/text.ts';
import type { GgufHeader } from '../../catalog/headers/readGguf.ts';
import type { PlanRequest, TrainingPlan } from '../../protocol/finetuningForm.ts';
import { canConvert } from '../convert/canConvert.ts';
import { splitOf } from '../data/split.ts';
import { adapterSize, modelSizeOf, targetsOf } from './adapterSize.ts';
import { estimate, measured, type TrainingMachine } from './estimate.ts';

export interface PlanMachine extends TrainingMachine {
  /** Bytes, in all and free now. */
  memory: number;
  available: number;
  gpu?: { name: string } | undefined;
  platform: NodeJS.Platform;
  architecture: string;
  /** Bytes free where jobs keep what they make. */
  freeDisk: number | undefined;
}

/** What a training with these settings would do on a machine, and take. */
export function trainingPlan(request: PlanRequest, header: GgufHeader, machine: PlanMachine): TrainingPlan {
  const { training, validation, epochs, batchSize, rank, targetModules, tokens } = request;
  const split = splitOf(training, validation);
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
  } = estimate({ ...size, trained, split, epochs, batchSize, tokens }, machine);
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
    basis: basisOf(size.parameters, machine),
    warnings: warningsFor(memory, disk, request, machine),
  };
  return plan;
}

function basisOf(parameters: number, { cores, reads, gpu }: PlanMachine): string[] {
  const { step } = measured;
  const model = `A training step of SmolLM2 135M took ${step.from} s in bf16 and up to ${step.to} s in fp32 where it was measured (two cores, 8 rows of 70 tokens).`;
  const here = reads
    ? `${reads.isMeasured ? 'This model was measured here' : 'The speed of this model is estimated from others that were measured here'}: it reads ${Math.round(reads.tokensPerSecond).toLocaleString('en')} tokens a second, and that one ${measured.reads} there.`
    : `From there it goes by weights (${formatCount(parameters)} here) and cores (${cores} here), since no model was measured on this machine: measure one on the page of models to know more.`;
  return [
    model,
    here,
    ...(gpu ? [`${gpu.name} makes it faster if torch can use it. How much was not measured, so these are figures of the processor.`] : []),
    'Other programs that are busy make it slower, and the first step of all waits for what is downloaded.',
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
