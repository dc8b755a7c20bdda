/**
 * A function whose answer settles when `look` has been done from its start after the call. Calls that come while one look runs share the next one: the one
 * that runs may have missed what is new. Looks run one after the other. What `look` throws goes to those who shared it.
 */
export function sharedLook(look: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> = Promise.resolve();
  let next: Promise<void> | undefined;
  const begin = async () => {
    await running;
    // Requests that have arrived together share one look.
    await new Promise((resolve) => setImmediate(resolve));
    next = undefined;
    const begun = look();
    running = begun.catch(() => {});
    await begun;
  };
  return () => {
    next ??= begin();
    return next;
  };
}
