import type { Principal } from '../../protocol/principal.ts';
import type { WorkspaceStore } from '../store.ts';
import type { MetricDirectory } from './metrics/directory.ts';
import type { ReadCaches } from './readCaches.ts';
import { SqliteReader } from './reader.ts';
import type { Sql } from './sql.ts';

/** The rows of one workspace over the reading connection, which sees what is committed. */
export class SqliteWorkspaceStore extends SqliteReader implements WorkspaceStore {
  readonly write: WorkspaceStore['write'];
  readonly searchRuns: WorkspaceStore['searchRuns'];
  private readonly caches: ReadCaches;

  constructor(
    sql: Sql,
    directory: MetricDirectory,
    workspace: string,
    principal: Principal,
    caches: ReadCaches,
    { write, searchRuns }: Pick<WorkspaceStore, 'write' | 'searchRuns'>,
  ) {
    super(sql, directory, workspace, principal);
    this.caches = caches;
    this.write = write;
    this.searchRuns = searchRuns;
  }

  protected override serial(job: string): number {
    this.caches.refresh();
    return super.serial(job);
  }
}
