import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Milliseconds between looks. */
const lookEvery = 1000;
/** Bytes of heap from which on it is worth a collection. */
const worthwhile = 96_000_000;

type Collect = (options: { type: 'major'; execution: 'sync'; flavor: 'last-resort' }) => void;

/**
 * Gives memory back to the system after a burst of requests: V8 keeps its heap at the size that it once grew to. It takes some tens of milliseconds, so it waits
 * for a quiet moment. What is in use stays; then the next attempt waits until the heap has doubled.
 */
export function memoryWatch(isQuiet: () => boolean): { dispose(): void } {
  let limit = worthwhile;
  let collect: Collect | undefined;
  const look = () => {
    const { heapTotal } = process.memoryUsage();
    if (heapTotal < worthwhile / 2) limit = worthwhile;
    if (heapTotal < limit || !isQuiet()) return;
    collect ??= collector();
    collect({ type: 'major', execution: 'sync', flavor: 'last-resort' });
    limit = Math.max(worthwhile, 2 * process.memoryUsage().heapTotal);
  };
  const timer = setInterval(look, lookEvery).unref();
  return { dispose: () => clearInterval(timer) };
}

/** V8's own collection, which Node only offers under a flag. */
function collector(): Collect {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as Collect;
}
