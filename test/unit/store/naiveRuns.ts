import type { JobStatus } from '../../../src/protocol/job.ts';
import type {
  FoundGroups,
  FoundTable,
  MetricColumn,
  MetricSummary,
  RunChoice,
  RunField,
  RunGroupQuery,
  RunKeys,
  RunScopeQuery,
  RunTableQuery,
  RunTest,
} from '../../../src/store/runQuery.ts';

type Value = number | string | undefined;

export interface NaiveRun {
  id: string;
  workspace: string;
  experiment: string;
  parent: string | null;
  status: JobStatus;
  start: number;
  end: number | null;
  deleted: boolean;
  /** By key, the points in the order of their steps. */
  metric: Record<string, { step: number; value: number }[]>;
  param: Record<string, string>;
  tag: Record<string, string>;
}

/** Runs as a plain list, over which every question walks. What it answers is what every store must answer. */
export class NaiveRuns {
  runs: NaiveRun[] = [];
  /** Names of experiments by their ids. */
  readonly experiments = new Map<string, string>();

  table(workspace: string, query: RunTableQuery): FoundTable {
    const chosen = this.chosen(workspace, query);
    if (!query.ids || query.order.length > 0)
      chosen.sort((a, b) => {
        for (const { descending, asNumbers, ...field } of query.order) {
          const difference = compare(this.sortValue(a, field, query), this.sortValue(b, field, query), descending, asNumbers);
          if (difference !== 0) return difference;
        }
        const isByStart = query.order.some(({ key }) => key === 'start_time');
        return (isByStart ? 0 : b.start - a.start) || (a.id < b.id ? -1 : 1);
      });
    const part = chosen.slice(query.offset, query.offset + query.limit);
    return {
      total: chosen.length,
      runs: part.map(({ id }) => id),
      columns: query.columns.map((column) => part.map((run) => this.cell(run, column))),
    };
  }

  groups(workspace: string, query: RunGroupQuery): FoundGroups {
    const groups = new Map<string, NaiveRun[]>();
    for (const run of this.chosen(workspace, query)) {
      const name = JSON.stringify(query.by.map((field) => [typeof this.value(run, field), String(this.value(run, field))]));
      groups.set(name, [...(groups.get(name) ?? []), run]);
    }
    const found = [...groups.values()].map((runs) => ({
      values: query.by.map((field) => this.value(runs[0]!, field)),
      runs: runs.length,
      metrics: query.metrics.map((key) => summary(runs.map((run) => this.value(run, { of: 'metric', key }) as number | undefined))),
    }));
    const whole = [...query.order, ...query.by.map((_, index) => ({ of: 'value' as const, index, descending: false }))];
    found.sort((a, b) => {
      for (const each of whole) {
        const read = (group: (typeof found)[number]): Value =>
          each.of === 'runs' ? group.runs : each.of === 'value' ? group.values[each.index] : group.metrics[each.index]![each.stat];
        const difference = compare(read(a), read(b), each.descending, true);
        if (difference !== 0) return difference;
      }
      return 0;
    });
    return { total: found.length, groups: found.slice(query.offset, query.offset + query.limit) };
  }

  keys(workspace: string, scope: RunScopeQuery): RunKeys {
    const runs = this.chosen(workspace, { ...scope, tests: [], statusName: String });
    const of = (field: 'metric' | 'param' | 'tag') => [...new Set(runs.flatMap((run) => Object.keys(run[field])))].sort();
    return { metrics: of('metric'), params: of('param'), tags: of('tag') };
  }

  private chosen(workspace: string, query: RunChoice): NaiveRun[] {
    const runs = query.ids ? [...new Set(query.ids)].flatMap((id) => this.runs.filter((run) => run.id === id)) : [...this.runs];
    const passes = (run: NaiveRun, test: RunTest): boolean => {
      const value = this.value(run, test);
      if (test.of !== 'attribute' || test.key !== 'status') return isPassed(value, test);
      const words = [query.statusName(run.status), ...(query.ownStatuses ? [run.status] : [])];
      return test.operator === '!=' ? words.every((word) => isPassed(word, test)) : words.some((word) => isPassed(word, test));
    };
    return runs.filter(
      (run) =>
        run.workspace === workspace &&
        (!query.experimentIds || query.experimentIds.includes(run.experiment)) &&
        (query.deleted === undefined || query.deleted === run.deleted) &&
        (query.parent === undefined || query.parent === run.parent) &&
        query.tests.every((test) => passes(run, test)) &&
        (!query.anyOf || query.anyOf.some((tests) => tests.every((test) => passes(run, test)))),
    );
  }

  private sortValue(run: NaiveRun, field: RunField, { statusName }: RunChoice): Value {
    return field.of === 'attribute' && field.key === 'status' ? statusName(run.status) : this.value(run, field);
  }

  private cell(run: NaiveRun, { value, ...field }: MetricColumn): Value {
    if (value === undefined || value === 'last') return this.value(run, field);
    const finite = (run.metric[field.key] ?? []).filter((point) => Number.isFinite(point.value));
    if (finite.length === 0) return undefined;
    const isMin = value.startsWith('min');
    const most = Math[isMin ? 'min' : 'max'](...finite.map((point) => point.value));
    return value.endsWith('Step') ? finite.find((point) => point.value === most)!.step : most;
  }

  private value(run: NaiveRun, { of, key }: RunField): Value {
    if (of === 'metric') return run.metric[key]?.at(-1)?.value;
    if (of !== 'attribute') return run[of as 'param'][key];
    const attributes: Record<string, Value> = {
      run_id: run.id,
      status: run.status,
      start_time: run.start,
      end_time: run.end ?? undefined,
      duration: run.end === null ? undefined : run.end - run.start,
      experiment: this.experiments.get(run.experiment),
      parent: run.parent ?? undefined,
      job_type: 'Command',
    };
    return attributes[key];
  }
}

function isPassed(value: Value, test: RunTest): boolean {
  if (test.operator === 'IS NULL') return value === undefined;
  if (value === undefined) return false;
  const wanted = (test as { value: any }).value;
  if (test.operator === '=') return value === wanted;
  if (test.operator === '!=') return value !== wanted;
  if (test.operator === '<') return value < wanted;
  if (test.operator === '>') return value > wanted;
  throw new Error(`the model does not know ${test.operator}`);
}

function compare(a: Value, b: Value, descending: boolean, asNumbers = false): number {
  const rank = (value: Value) => (value === undefined ? 2 : Number.isNaN(value) ? 1 : 0);
  if (rank(a) !== rank(b)) return rank(a) - rank(b);
  if (rank(a) > 0 || a === b) return 0;
  const sign = descending ? -1 : 1;
  const isNumber = (value: Value) => typeof value === 'string' && /^-?\d/.test(value) && Number.isFinite(Number(value));
  if (asNumbers && typeof a === 'string' && isNumber(a) !== isNumber(b)) return isNumber(a) ? -sign : sign;
  if (asNumbers && isNumber(a) && Number(a) !== Number(b)) return sign * (Number(a) - Number(b));
  return a! < b! ? -sign : sign;
}

function summary(values: (number | undefined)[]): MetricSummary {
  const there = values.filter((value) => value !== undefined);
  const finite = there.filter((value) => Number.isFinite(value));
  const count = finite.length;
  const notFinite = there.length - count;
  if (count === 0) return { count, notFinite };
  const mean = finite.reduce((sum, value) => sum + value, 0) / count;
  const squares = finite.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return {
    count,
    notFinite,
    mean,
    min: Math.min(...finite),
    max: Math.max(...finite),
    ...(count > 1 ? { deviation: Math.sqrt(squares / (count - 1)) } : {}),
  };
}
