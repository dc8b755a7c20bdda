import type { PyramidSizes } from '../../metrics/extent.ts';
import type {
  FoundGroups,
  FoundTable,
  RunChoice,
  RunField,
  RunGroupQuery,
  RunKeys,
  RunPlace,
  RunQuery,
  RunScopeQuery,
  RunTableQuery,
} from '../../runQuery.ts';
import { idField, isPlain, type KeyScope, type Ours, RunSearch } from '../../search/runSearch.ts';
import { Look } from '../look.ts';
import { LookedSeries } from '../metrics/series.ts';
import { isId } from '../reader.ts';
import type { Reading } from '../reading.ts';
import type { Rows } from '../rows.ts';
import { PostgresRunTables } from './postgresRunTables.ts';

/** Changes, and runs among them, that are gone through one by one; after more, everything is read anew. */
const mostChanges = 5000;
const mostRuns = 2000;
/** Names of a kind that are told of; a run may have a million tags. */
const mostNames = 100_000;
/** Scopes whose keys are remembered. */
const mostScopes = 20;

/**
 * Search over runs, whose columns lie in the memory of this process, kept right by the change log, whoever wrote. Searches take turns: each is over one state of the database, up to which what is in
 * memory is brought first.
 */
export class PostgresRunSearch {
  private readonly reading: Reading;
  private readonly sizes: PyramidSizes;
  private readonly tables = new PostgresRunTables();
  private readonly inMemory = new RunSearch(this.tables);
  private readonly keysOfScopes = new Map<string, RunKeys>();
  /** The change up to which what is in memory is right; undefined when there is nothing. */
  private seen: number | undefined;
  private turn: Promise<unknown> = Promise.resolve();

  constructor(reading: Reading, sizes: PyramidSizes) {
    this.reading = reading;
    this.sizes = sizes;
  }

  /** `then` gets the serials, and reads in the same look. */
  search<T>(workspace: string, query: RunQuery, then: (rows: Rows, runs: number[], next: RunPlace | undefined) => Promise<T>): Promise<T> {
    return this.over(workspace, { ...query, ids: undefined }, query.order, async (rows, ours) => {
      const { runs, next } = this.inMemory.search({ ...query, ...ours });
      return then(rows, runs, next);
    });
  }

  table(workspace: string, query: RunTableQuery): Promise<FoundTable> {
    return this.over(workspace, query, [...query.order, ...query.columns.filter(isPlain)], async (rows, ours) => {
      const asked = { ...query, ...ours };
      const found = this.inMemory.rows(asked);
      await this.readExtremes(rows, this.inMemory.extremesToRead(asked, found));
      return this.inMemory.table(asked, found);
    });
  }

  groups(workspace: string, query: RunGroupQuery): Promise<FoundGroups> {
    const fields = [...query.by, ...query.metrics.map((key): RunField => ({ of: 'metric', key }))];
    return this.over(workspace, query, fields, async (_, ours) => this.inMemory.groups({ ...query, ...ours }));
  }

  /** What the runs of a scope have. */
  keys(workspace: string, query: RunScopeQuery): Promise<RunKeys> {
    return this.over(workspace, { ...query, tests: [], statusName: String }, [], async (rows, ours) => {
      const scope = this.inMemory.scope({ ...query, ...ours });
      const present = this.keysOfScopes.get(scope.name);
      if (present) return present;
      const keys = await readKeys(rows, scope);
      if (this.keysOfScopes.size >= mostScopes) this.keysOfScopes.clear();
      this.keysOfScopes.set(scope.name, keys);
      return keys;
    });
  }

  /** One look at the runs of the experiments that are this workspace's own, when it is its turn. */
  private over<T>(
    workspace: string,
    query: RunChoice,
    fields: readonly RunField[],
    work: (rows: Rows, ours: Pick<Ours<RunScopeQuery>, 'experimentIds'>) => Promise<T>,
  ): Promise<T> {
    const found = this.turn.then(() =>
      this.reading.look(async (rows) => {
        try {
          await this.follow(rows);
          const tests = [query.tests, ...(query.anyOf ?? [])].flat();
          const needed = [...fields, ...tests.filter(({ of }) => of !== 'dataset')].map(({ of, key }): RunField => ({ of, key }));
          if (query.parent !== undefined) needed.push({ of: 'attribute', key: 'parent' });
          await this.tables.load(rows, [...needed, idField]);
          if (query.ids) await this.tables.loadSerials(rows, query.ids);
          await this.tables.loadDatasets(
            rows,
            tests.filter(({ of }) => of === 'dataset').map(({ key }) => key),
          );
          return await work(rows, { experimentIds: await ownExperiments(rows, workspace, query.experimentIds) });
        } catch (error) {
          // Something may have been read by half.
          this.forgetAll();
          throw error;
        } finally {
          this.tables.forgetPassing();
        }
      }),
    );
    this.turn = found.catch(() => {});
    return found;
  }

  /** Brings what is in memory up to date. */
  private async follow(rows: Rows): Promise<void> {
    const { seq } = (await rows.one('SELECT coalesce(max(seq), 0) AS seq FROM changes'))!;
    if (seq === this.seen) return;
    const changes =
      this.seen === undefined || seq < this.seen || seq - this.seen > mostChanges
        ? undefined
        : await rows.all('SELECT seq, kind, run FROM changes WHERE seq > $1 ORDER BY seq', this.seen);
    const runs = [...new Set(changes?.flatMap(({ run }) => (run === null ? [] : [run as number])))];
    if (changes === undefined || changes[0]?.seq !== this.seen! + 1 || runs.length > mostRuns) {
      this.forgetAll();
      await this.tables.readFacts(rows);
    } else {
      if (changes.some(({ kind }) => kind === 'experiment')) {
        this.tables.forget({ of: 'attribute', key: 'experiment' });
        this.inMemory.noteExperiment();
      }
      if (runs.length > 0) {
        await this.tables.readFacts(rows, runs);
        await this.tables.readAgain(rows, runs);
        this.inMemory.note(runs);
      }
      this.keysOfScopes.clear();
    }
    this.seen = seq;
  }

  private forgetAll(): void {
    this.seen = undefined;
    this.tables.clear();
    this.inMemory.forgetAll();
    this.keysOfScopes.clear();
  }

  private async readExtremes(rows: Rows, series: readonly { run: number; key: string }[]): Promise<void> {
    if (series.length === 0) return;
    const keys = await rows.all('SELECT name, id FROM metric_keys WHERE name = ANY($1)', [...new Set(series.map(({ key }) => key))]);
    const ids = new Map(keys.map(({ name, id }) => [name as string, id as number]));
    const look = new Look(rows);
    const found = await look.answer(() =>
      series.map(({ run, key }) => {
        const id = ids.get(key);
        return id === undefined ? undefined : new LookedSeries(look, this.sizes).reader().extremes(run, id);
      }),
    );
    for (const [at, { run, key }] of series.entries()) this.tables.keepExtremes(run, key, found[at]);
  }
}

async function ownExperiments(rows: Rows, workspace: string, asked: string[] | undefined): Promise<string[]> {
  const found = await rows.all(
    'SELECT id FROM experiments WHERE workspace = $1 AND ($2::bigint[] IS NULL OR id = ANY($2::bigint[]))',
    workspace,
    asked ? asked.filter(isId) : null,
  );
  return found.map(({ id }) => String(id));
}

async function readKeys(rows: Rows, { runs }: KeyScope): Promise<RunKeys> {
  const serials = Array.from(runs);
  const names = async (table: string) => {
    const keys = `SELECT DISTINCT t.key FROM unnest($1::bigint[]) AS r (run) JOIN ${table} t ON t.run = r.run LIMIT ${mostNames + 1}`;
    const found = await rows.all(
      table === 'latest' ? `SELECT k.name AS key FROM (${keys}) f JOIN metric_keys k ON k.id = f.key` : keys,
      serials,
    );
    return found.map(({ key }) => key as string).sort();
  };
  const [metrics, params, tags] = [await names('latest'), await names('params'), await names('tags')];
  const isCut = [metrics, params, tags].some(({ length }) => length > mostNames);
  const some = (all: string[]) => all.slice(0, mostNames);
  return { metrics: some(metrics), params: some(params), tags: some(tags), ...(isCut ? { isCut } : {}) };
}
