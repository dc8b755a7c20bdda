const parts: (() => Promise<unknown>)[] = [];

/**
 * A part of the program that its start does without: `load` imports it when it is first asked for. To be declared where a module is loaded, so that `loadLaterParts`
 * knows of it. A load that fails is tried again when it is asked for again.
 */
export function laterPart<T>(load: () => Promise<T>): () => Promise<T> {
  let loading: Promise<T> | undefined;
  const part = () =>
    (loading ??= load().catch((error) => {
      loading = undefined;
      throw error;
    }));
  parts.push(part);
  return part;
}

/**
 * Loads every part, one after the other: a program that runs for long must not need its files later on, when an update may have replaced them. One that can't be loaded
 * keeps no other from it; the first error is thrown at the end.
 */
export async function loadLaterParts(): Promise<void> {
  const errors: unknown[] = [];
  // Those that a part declares itself follow.
  for (const part of parts) await part().catch((error) => errors.push(error));
  if (errors.length) throw errors[0];
}
