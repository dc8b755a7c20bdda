import { formatBytes } from '../base/text.ts';
import type { LocalModel } from './localModel.ts';
import type { ModelFacts } from './modelFacts.ts';

/** What this machine has for a model. */
export interface Machine {
  /** Bytes of memory in all, and that programs can have now. */
  memory: number;
  available: number;
}

/** Whether a model runs on this machine, in memory of how many bytes, with how many tokens of context; and if not, why, and what to do. */
export type Fit =
  | { runs: true; needs: number; context: number | undefined }
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
export function fitOf({ facts, problem }: LocalModel, { memory, available }: Machine): Fit {
  if (problem !== undefined || !facts) return { runs: false, why: problem ?? 'Its file was not read.' };
  if (facts.isAdapter) return { runs: false, why: 'It is an adapter, which changes another model. Load it together with that.' };
  if (facts.format === 'safetensors')
    return { runs: false, why: 'Its weights are safetensors, which are made for training. Get the model as GGUF to run it here.' };
  if (facts.format === 'gguf' && !facts.architecture) return { runs: false, why: 'Its header does not say what architecture it has.' };
  const perToken = facts.cacheBytesPerToken ?? 0;
  const wanted = Math.min(facts.contextLength ?? leastContext, leastContext);
  // Weights of ONNX are copied while they are loaded.
  const weights = facts.format === 'onnx' ? 2 * facts.weightBytes : facts.weightBytes;
  const least = weights + besides + wanted * perToken;
  if (least > memory)
    return {
      runs: false,
      why: `It needs ${formatBytes(least)} of memory, and this machine has ${formatBytes(memory)}. A smaller quantization may fit.`,
    };
  if (least > available)
    return {
      runs: 'later',
      needs: least,
      why: `It needs ${formatBytes(least)} of memory, and ${formatBytes(available)} are free now. Close other programs first.`,
    };
  const room = cacheRoom(facts, available);
  const context = facts.contextLength === undefined ? room : Math.min(facts.contextLength, room ?? facts.contextLength);
  return { runs: true, needs: weights + besides + (context ?? 0) * perToken, context };
}

/** Tokens whose key-value cache fits beside the weights into `available` bytes; undefined for a model that keeps none. */
export function cacheRoom({ weightBytes, cacheBytesPerToken = 0 }: ModelFacts, available: number): number | undefined {
  return cacheBytesPerToken > 0 ? Math.max(0, Math.floor((available - weightBytes - besides) / cacheBytesPerToken / 256) * 256) : undefined;
}

/** What a model of so many bytes asks of a machine, in a sentence, before its header can be read. */
export function roughFit(bytes: number, { memory, available }: Machine): string {
  const least = bytes + besides;
  if (least > memory)
    return `It will not run here: it needs about ${formatBytes(least)} of memory, and this machine has ${formatBytes(memory)}.`;
  if (least > available) return `It needs about ${formatBytes(least)} of memory to run, and ${formatBytes(available)} are free now.`;
  return `It needs about ${formatBytes(least)} of memory to run, which this machine has.`;
}
