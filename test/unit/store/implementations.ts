import { ownerOf } from '../../../src/protocol/principal.ts';
import type { MetricStore } from '../../../src/store/metrics/metricStore.ts';
import { openPostgresStore } from '../../../src/store/postgres/postgresStore.ts';
import { openSqliteStore } from '../../../src/store/sqlite/sqliteStore.ts';
import type { Store } from '../../../src/store/store.ts';
import { placeOf } from './postgresServer.ts';

/** An open store of one implementation. */
export interface OpenStores {
  store: Store;
  metrics: MetricStore;
  /** Bytes on the disk. */
  size(): number | Promise<number>;
}

export interface Implementation {
  name: string;
  /** Opens what is in `folder`, or makes it. `sizes` so small that a few thousand points make every structure of a long series. */
  open(folder: string, sizes?: 'usual' | 'tiny'): OpenStores;
}

const tiny = { chunk: 64, small: 4, large: 16, fan: 3 };

/** Everything that keeps a plane's rows and metrics. All suites of this folder run on each. */
export const implementations: Implementation[] = [
  { name: 'SQLite', open: (folder, sizes) => openSqliteStore(folder, sizes === 'tiny' ? tiny : undefined) },
  { name: 'PostgreSQL', open: (folder, sizes) => openPostgresStore(placeOf(folder), sizes === 'tiny' ? tiny : undefined) },
];

/** Who writes in the tests, and where. */
export const asked = { workspace: 'ws', principal: ownerOf('u') };
