import { UserError } from '../../base/userError.ts';
import { type Cell, mostCellText, type RunColumn, type RunScope } from '../../protocol/runTable.ts';
import type { RunChoice, RunScopeQuery } from '../../store/runQuery.ts';
import type { StoreReader } from '../../store/store.ts';
import { runStatus } from '../jobState.ts';
import { parseRunCondition } from './runCondition.ts';

const attributes = [
  'run_id',
  'run_name',
  'status',
  'user_id',
  'start_time',
  'end_time',
  'artifact_uri',
  'experiment',
  'parent',
  'job_type',
  'duration',
];

/** The runs of a scope, whatever its filter. */
export async function scopeOf(store: StoreReader, { experiments, parent, ids, view = 'ACTIVE_ONLY' }: RunScope): Promise<RunScopeQuery> {
  return {
    experimentIds: await experimentIdsOf(store, experiments),
    deleted: view === 'ALL' ? undefined : view === 'DELETED_ONLY',
    parent,
    ids,
  };
}

/** The runs of a scope that its filter lets through. */
export async function choiceOf(store: StoreReader, scope: RunScope): Promise<RunChoice> {
  return { ...(await scopeOf(store, scope)), ...parseRunCondition(scope.filter ?? ''), statusName: runStatus, ownStatuses: true };
}

/** Names that no experiment has stand for none. */
async function experimentIdsOf(store: StoreReader, names: string[] | undefined): Promise<string[] | undefined> {
  if (!names) return undefined;
  const found = await Promise.all(names.map((name) => store.experiment({ name })));
  return found.flatMap((each) => (each ? [each.id] : []));
}

export function mustBeKnown({ of, key, value }: RunColumn): void {
  if (of === 'attribute' && !attributes.includes(key))
    throw new UserError('InvalidRequest', `A run has no attribute "${key.slice(0, 100)}".`, `There are: ${attributes.join(', ')}.`);
  if (of !== 'metric' && value !== undefined)
    throw new UserError('InvalidRequest', `Only a metric has a "${value}" value, not the ${of} "${key.slice(0, 100)}".`);
}

/** A table has no room for a long text. */
export function cellOf(value: number | string | undefined): Cell {
  const cell = wholeCellOf(value);
  return typeof cell === 'string' && cell.length > mostCellText ? `${cell.slice(0, mostCellText - 1)}…` : cell;
}

/** JSON has no number that is not finite. */
export function wholeCellOf(value: number | string | undefined): Cell {
  if (value === undefined) return null;
  return typeof value !== 'number' || Number.isFinite(value) ? value : String(value);
}
