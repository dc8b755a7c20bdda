import { ownerOf } from '../../../src/protocol/principal.ts';
import { checkStore } from '../../../src/store/maintenance/checkStore.ts';
import type { MetricStore } from '../../../src/store/metrics/metricStore.ts';
import { checkDatabase } from '../../../src/store/postgres/maintenance/checkDatabase.ts';
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
  /** Reads all that is in `folder`; answers what is wrong with it, a sentence each. */
  check(folder: string): Promise<string[]>;
  /** Opens what is in `folder`, or makes it. `sizes` so small that a few thousand points make every structure of a long series. */
  open(folder: string, sizes?: 'usual' | 'tiny'): OpenStores;
}

const tiny = { chunk: 64, small: 4, large: 16, fan: 3 };

/** Everything that keeps a plane's rows and metrics. All suites of this folder run on each; the server of those on PostgreSQL is started by a shell, which Windows does not have. */
export const implementations: Implementation[] = [
  {
    name: 'SQLite',
    open: (folder, sizes) => openSqliteStore(folder, sizes === 'tiny' ? tiny : undefined),
    check: async (folder) => (await checkStore(folder)).problems,
  },
  {
    name: 'PostgreSQL',
    open: (folder, sizes) => openPostgresStore(placeOf(folder), sizes === 'tiny' ? tiny : undefined),
    check: (folder) => checkDatabase(placeOf(folder), tiny),
  },
];

/** Who writes in the tests, and where. */
export const asked = { workspace: 'ws', principal: ownerOf('u') };
