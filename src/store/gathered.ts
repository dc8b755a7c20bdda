/** A function that answers what belongs to a key. Keys that are asked for at the same moment are looked up by one call of `find`, so that a page of a list takes a few statements and not a few for each of its rows. */
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
