import type { Logger } from '../../base/logger.ts';
import type { Timers } from '../../base/timers.ts';
import type { Models } from '../../inference/models.ts';
import { thePlane } from '../../protocol/principal.ts';
import type { Store } from '../../store/store.ts';
import { PacedWrites } from './pacedWrites.ts';

/** Milliseconds between two changes that tell how far an installation is. */
const toldEvery = 500;

/** Tells by the feed that an engine is being got, how far it is, and that it is there: a change of the kind `localModel`. Answers what ends that. */
export function tellOfEngines(
  own: Pick<Models, 'onDidInstall'>,
  { store, timers, logger }: { store: Store; timers: Timers; logger: Logger },
): () => Promise<void> {
  const tell = () =>
    store
      .in('', thePlane)
      .write((writer) => writer.announce('localModel', 'engine', 'put'))
      .then(
        () => {},
        (error) => logger.error('progress of an engine', error),
      );
  const writes = new PacedWrites(tell, toldEvery, timers);
  const subscription = own.onDidInstall(() => writes.ask());
  return () => {
    subscription.dispose();
    return writes.end();
  };
}
