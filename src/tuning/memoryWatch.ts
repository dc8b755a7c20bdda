import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Milliseconds between looks. */
const lookEvery = 1000;
/** Held bytes from which on a collection is worth its time; twice what a plane holds that did nothing yet. */
const worthwhile = 48_000_000;

type Collect = (options: { type: 'major'; execution: 'sync'; flavor: 'last-resort' }) => void;

/**
 * Gives memory back to the system after a burst of requests: V8 keeps what it once grew to. It takes some tens of milliseconds, so it waits
 * for a quiet moment. What is in use stays; then the next attempt waits until the heap has doubled.
 */
export function memoryWatch(isQuiet: () => boolean): { dispose(): void } {
  let limit = worthwhile;
  let collect: Collect | undefined;
  const look = () => {
    const held = heldBytes();
    if (held < worthwhile / 2) limit = worthwhile;
    if (held < limit || !isQuiet()) return;
    collect ??= collector();
    collect({ type: 'major', execution: 'sync', flavor: 'last-resort' });
    limit = Math.max(worthwhile, 2 * heldBytes());
  };
  const timer = setInterval(look, lookEvery).unref();
  return { dispose: () => clearInterval(timer) };
}

/** Of V8's heap and of the buffers that its objects own: these lie outside of it, and many of them alone don't make V8 collect. */
function heldBytes(): number {
  const { heapTotal, external } = process.memoryUsage();
  return heapTotal + external;
}

/** V8's own collection, which Node only offers under a flag. */
function collector(): Collect {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as Collect;
}
