import type { Store } from '../../src/store/store.ts';

/** A store, and how often its change log was asked for. */
export function countedStore(store: Store): { counted: Store; reads: () => number } {
  let reads = 0;
  const counted = new Proxy(store, {
    get(target, name) {
      if (name === 'changes') reads++;
      const value = Reflect.get(target, name);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
  return { counted, reads: () => reads };
}
