import type { BatchItem, Context } from './nodeLlamaCpp.ts';

/**
 * Sets the number of threads for each step of the engine. Reading a prompt takes all cores, and so does making several answers at once. Making a single answer takes one core less: Node's own thread has work
 * between any two tokens, and would wait for a core. On two cores, using both gave 0.65 of the speed (measured with node-llama-cpp 3.22.1 and SmolLM2-135M).
 *
 * The engine has one number for both. It asks before each step which requests take part in it, and sets the threads right after that.
 */
export function threadsByStep(cores: number) {
  let tokens = 0;
  return {
    batching: {
      itemPrioritizationStrategy({ items, size }: { items: readonly BatchItem[]; size: number }) {
        tokens = 0;
        const taken: { item: BatchItem; processAmount: number }[] = [];
        // Those with least to do come first: answers go on while a long prompt is read.
        for (const item of items.toSorted((a, b) => a.tokens.length - b.tokens.length)) {
          const processAmount = Math.min(item.tokens.length, size - tokens);
          if (processAmount === 0) break;
          taken.push({ item, processAmount });
          tokens += processAmount;
        }
        return taken;
      },
    },
    /** Lets a context follow; one that has changed inside is left as it is. */
    follow({ _ctx: native }: Context): void {
      if (!native?.setThreads) return;
      const set = native.setThreads.bind(native);
      Object.defineProperty(native, 'setThreads', { value: () => set(tokens > 1 ? cores : Math.max(1, cores - 1)) });
    },
  };
}
