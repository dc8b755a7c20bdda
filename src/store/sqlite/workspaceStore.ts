import type { Principal } from '../../protocol/principal.ts';
import type { WorkspaceStore } from '../store.ts';
import type { MetricDirectory } from './metrics/directory.ts';
import { SqliteReader } from './reader.ts';
import type { Sql } from './sql.ts';

/** The rows of one workspace over the reading connection, which sees what is committed. */
export class SqliteWorkspaceStore extends SqliteReader implements WorkspaceStore {
  readonly write: WorkspaceStore['write'];
  readonly writeAsOf: WorkspaceStore['writeAsOf'];
  readonly searchRuns: WorkspaceStore['searchRuns'];
  readonly runTable: WorkspaceStore['runTable'];
  readonly runGroups: WorkspaceStore['runGroups'];
  readonly runKeys: WorkspaceStore['runKeys'];

  constructor(
    sql: Sql,
    directory: MetricDirectory,
    workspace: string,
    principal: Principal,
    {
      write,
      writeAsOf,
      searchRuns,
      runTable,
      runGroups,
      runKeys,
    }: Pick<WorkspaceStore, 'write' | 'writeAsOf' | 'searchRuns' | 'runTable' | 'runGroups' | 'runKeys'>,
  ) {
    super(sql, directory, workspace, principal);
    this.write = write;
    this.writeAsOf = writeAsOf;
    this.searchRuns = searchRuns;
    this.runTable = runTable;
    this.runGroups = runGroups;
    this.runKeys = runKeys;
  }
}
