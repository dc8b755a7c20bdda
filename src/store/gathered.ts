/**
 * Makes a look-up of one key out of `find`, which looks up many. Keys that are asked for at the same moment go into one call of `find`. So a page of a list takes a few statements, and not a few for
 * each of its rows. Answers undefined for a key that `find` does not answer, and throws what `find` throws.
 */
export function gathered<K, V>(find: (keys: K[]) => Promise<Map<K, V>>): (key: K) => Promise<V | undefined> {
  let next: { keys: Set<K>; found: Promise<Map<K, V>> } | undefined;
  const begin = () => {
    const keys = new Set<K>();
    // Whatever is ready to run now may ask, too.
    const found = new Promise<void>((resolve) => process.nextTick(resolve)).then(() => {
      next = undefined;
      return find([...keys]);
    });
    return { keys, found };
  };
  return async (key) => {
    next ??= begin();
    next.keys.add(key);
    return (await next.found).get(key);
  };
}
