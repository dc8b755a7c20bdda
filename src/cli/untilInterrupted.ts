const signals = ['SIGINT', 'SIGTERM'] as const;

/** A signal that aborts at the first Ctrl-C, or when the process is told to end; the second one ends the process as ever. `release`: it does not listen any more. */
export function untilInterrupted(): { signal: AbortSignal; release: () => void } {
  const abort = new AbortController();
  const stop = () => abort.abort();
  for (const name of signals) process.once(name, stop);
  return {
    signal: abort.signal,
    release: () => {
      for (const name of signals) process.off(name, stop);
    },
  };
}
