import { cacheRoom, type Machine, roomFor } from '../catalog/fit.ts';
import type { ModelFacts } from '../catalog/modelFacts.ts';

/** Requests that a model answers at a time, and tokens of context for each, where memory allows and the model was made for as many. */
const [mostSequences, mostContext] = [4, 8192];
const leastContext = 256;
/** Bytes that the key-value cache may take, or this part of the GPU's or the machine's memory if that is more: it is taken when the model is loaded. */
const [cacheBytes, cacheShare] = [512e6, 1 / 20];
/** The engine takes contexts of multiples of this. */
const step = 256;

/** How long a context a model gets on this machine, and how many requests have one at the same time. A long context comes before many. */
export function contextFor(facts: ModelFacts, machine: Machine): { contextSize: number; sequences: number } {
  const wanted = Math.min(facts.contextLength ?? mostContext, mostContext);
  const room = Math.min(
    cacheRoom(facts, roomFor(facts, machine)) ?? Number.POSITIVE_INFINITY,
    Math.max(cacheBytes, (machine.gpu?.memory ?? machine.memory) * cacheShare) / (facts.cacheBytesPerToken || 1),
  );
  const contextSize = Math.min(wanted, Math.max(Math.floor(room / step) * step, leastContext));
  return { contextSize, sequences: Math.max(1, Math.min(mostSequences, Math.floor(room / contextSize))) };
}
