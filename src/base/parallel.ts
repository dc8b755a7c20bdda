/**
 * `work` of every item, at most `limit` at a time; answers the results in the order of the items. After the first failure no further item is begun;
 * it is thrown when those that were under way have ended, so that nothing goes on behind the caller's back.
 */
export async function mapParallel<T, R>(
  items: Iterable<T> | AsyncIterable<T>,
  limit: number,
  work: (item: T, index: number) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  const underWay = new Set<Promise<void>>();
  let failure: { error: unknown } | undefined;
  let count = 0;
  for await (const item of items) {
    while (underWay.size >= limit && !failure) await Promise.race(underWay);
    if (failure) break;
    const index = count++;
    const one = work(item, index)
      .then(
        (result) => {
          results[index] = result;
        },
        (error) => {
          failure ??= { error };
        },
      )
      .finally(() => underWay.delete(one));
    underWay.add(one);
  }
  await Promise.all(underWay);
  if (failure) throw failure.error;
  return results;
}
