import type { Principal } from '../../protocol/principal.ts';
import type { WorkspaceStore } from '../store.ts';
import { PostgresReader } from './reader.ts';
import type { Rows } from './rows.ts';

type Rest = Pick<WorkspaceStore, 'write' | 'writeAsOf' | 'searchRuns' | 'runTable' | 'runGroups' | 'runKeys'>;

/** The rows of one workspace as they are committed. */
export class PostgresWorkspaceStore extends PostgresReader implements WorkspaceStore {
  readonly write: WorkspaceStore['write'];
  readonly writeAsOf: WorkspaceStore['writeAsOf'];
  readonly searchRuns: WorkspaceStore['searchRuns'];
  readonly runTable: WorkspaceStore['runTable'];
  readonly runGroups: WorkspaceStore['runGroups'];
  readonly runKeys: WorkspaceStore['runKeys'];

  constructor(rows: Rows, workspace: string, principal: Principal, { write, writeAsOf, searchRuns, runTable, runGroups, runKeys }: Rest) {
    super(rows, workspace, principal);
    this.write = write;
    this.writeAsOf = writeAsOf;
    this.searchRuns = searchRuns;
    this.runTable = runTable;
    this.runGroups = runGroups;
    this.runKeys = runKeys;
  }
}
