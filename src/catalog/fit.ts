import { formatBytes } from '../base/text.ts';
import type { LocalModel } from './localModel.ts';
import type { ModelFacts } from './modelFacts.ts';

/** What this machine has for a model. */
export interface Machine {
  /** Bytes of memory in all, and that programs can have now. */
  memory: number;
  available: number;
  /** The GPU that models are computed on, if there is one, and the memory that it has for itself. */
  gpu?: { name: string; memory: number; available: number };
}

/** Whether a model runs on this machine, in memory of how many bytes, with how many tokens of context, and how much of it on the GPU; and if not, why, and what to do. */
export type Fit =
  | { runs: true; needs: number; context: number | undefined; onGpu?: 'whole' | 'part' }
  | { runs: 'later'; needs: number; why: string }
  | { runs: false; why: string };

/**
 * Bytes beside weights and cache: the process, its buffers. A model of 98 MB takes 270 MB in all with a small context (measured with node-llama-cpp 3.22.1,
 * SmolLM2-135M Q4_1, on Linux x64).
 */
const besides = 180e6;
/** Tokens of context below which nobody wants to talk to a model. */
const leastContext = 1024;

/** Judges by the header alone: a first load proves it. */
export function fitOf({ facts, problem }: LocalModel, { gpu: ofMachine, ...rest }: Machine): Fit {
  if (problem !== undefined || !facts) return { runs: false, why: problem ?? 'Its file was not read.' };
  if (facts.isAdapter) return { runs: false, why: 'It is an adapter, which changes another model. Load it together with that.' };
  if (facts.format === 'safetensors')
    return { runs: false, why: 'Its weights are safetensors, which are made for training. Get the model as GGUF to run it here.' };
  if (facts.format === 'gguf' && !facts.architecture) return { runs: false, why: 'Its header does not say what architecture it has.' };
  // ONNX is computed on the processor.
  const machine: Machine = ofMachine && facts.format === 'gguf' ? { ...rest, gpu: ofMachine } : rest;
  const perToken = facts.cacheBytesPerToken ?? 0;
  const wanted = Math.min(facts.contextLength ?? leastContext, leastContext);
  const { memory, available } = inAll(machine);
  // Weights of ONNX are copied while they are loaded.
  const weights = facts.format === 'onnx' ? 2 * facts.weightBytes : facts.weightBytes;
  const least = weights + besides + wanted * perToken;
  if (least > memory)
    return {
      runs: false,
      why: `It needs ${formatBytes(least)} of memory, and ${hasOf(machine)}. A smaller quantization may fit.`,
    };
  if (least > available)
    return {
      runs: 'later',
      needs: least,
      why: `It needs ${formatBytes(least)} of memory, and ${formatBytes(available)} are free now. Close other programs first.`,
    };
  const room = cacheRoom(facts, roomFor(facts, machine));
  const context = facts.contextLength === undefined ? room : Math.min(facts.contextLength, room ?? facts.contextLength);
  const { gpu } = machine;
  const onGpu = gpu && { onGpu: least <= gpu.available ? ('whole' as const) : ('part' as const) };
  return { runs: true, needs: weights + besides + (context ?? 0) * perToken, context, ...onGpu };
}

/** Bytes that a model and its cache can have: of the GPU alone where the model is whole on it, else of GPU and machine together, between which the engine divides its layers. */
export function roomFor({ weightBytes, cacheBytesPerToken = 0 }: ModelFacts, machine: Machine): number {
  const { gpu } = machine;
  const isWhole = gpu && weightBytes + besides + leastContext * cacheBytesPerToken <= gpu.available;
  return isWhole ? gpu.available : inAll(machine).available;
}

const inAll = ({ memory, available, gpu }: Machine) => ({
  memory: memory + (gpu?.memory ?? 0),
  available: available + (gpu?.available ?? 0),
});

const hasOf = ({ memory, gpu }: Machine): string =>
  gpu ? `this machine has ${formatBytes(memory)} and its GPU ${formatBytes(gpu.memory)}` : `this machine has ${formatBytes(memory)}`;

/** Tokens whose key-value cache fits beside the weights into `available` bytes; undefined for a model that keeps none. */
export function cacheRoom({ weightBytes, cacheBytesPerToken = 0 }: ModelFacts, available: number): number | undefined {
  return cacheBytesPerToken > 0 ? Math.max(0, Math.floor((available - weightBytes - besides) / cacheBytesPerToken / 256) * 256) : undefined;
}

/** Whether a model of so many bytes runs on a machine, before its header can be read. */
export function roughFitOf(bytes: number, machine: Machine): Fit {
  const needs = bytes + besides;
  const { memory, available } = inAll(machine);
  const { gpu } = machine;
  if (needs <= available)
    return { runs: true, needs, context: undefined, ...(gpu ? { onGpu: needs <= gpu.available ? 'whole' : 'part' } : {}) };
  const why = roughFit(bytes, machine);
  return needs > memory ? { runs: false, why } : { runs: 'later', needs, why };
}

/** What a model of so many bytes asks of a machine, in a sentence, before its header can be read. */
export function roughFit(bytes: number, machine: Machine): string {
  const least = bytes + besides;
  const { memory, available } = inAll(machine);
  if (least > memory) return `It will not run here: it needs about ${formatBytes(least)} of memory, and ${hasOf(machine)}.`;
  if (least > available) return `It needs about ${formatBytes(least)} of memory to run, and ${formatBytes(available)} are free now.`;
  return `It needs about ${formatBytes(least)} of memory to run, which ${machine.gpu && least <= machine.gpu.available ? 'the GPU of this machine' : 'this machine'} has.`;
}
