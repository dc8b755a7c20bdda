/** Those of the items that pass, in their order. They are asked about one after the other. */
export async function filterAsync<T>(items: Iterable<T>, passes: (item: T) => boolean | Promise<boolean>): Promise<T[]> {
  const found: T[] = [];
  for (const item of items) if (await passes(item)) found.push(item);
  return found;
}
