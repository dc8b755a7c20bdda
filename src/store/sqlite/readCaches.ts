import type { MetricReader } from './metrics/metricReader.ts';
import type { SqliteRunSearch } from './search/sqliteRunSearch.ts';
import type { Sql } from './sql.ts';

/** Changes that are gone through one by one; after more, everything is read anew when it is asked for. */
const mostChanges = 5000;

/** What the reading connection remembers (jobs by name, latest values, columns of search), kept right by the change log, whoever wrote. */
export class ReadCaches {
  private readonly sql: Sql;
  private readonly metrics: MetricReader;
  private readonly search: SqliteRunSearch;
  private seen: number;
  private version: number;

  constructor(sql: Sql, metrics: MetricReader, search: SqliteRunSearch) {
    this.sql = sql;
    this.metrics = metrics;
    this.search = search;
    this.version = this.dataVersion();
    this.seen = this.newest();
  }

  /** To be called before anything remembered is used, in the same look at the database. */
  refresh(): void {
    const version = this.dataVersion();
    if (version === this.version) return;
    this.version = version;
    const changes = this.sql.all('SELECT seq, kind, id, keys, run FROM changes WHERE seq > ? ORDER BY seq LIMIT ?', this.seen, mostChanges);
    if (changes.length === mostChanges || (changes.length > 0 && changes[0]!.seq !== this.seen + 1)) return this.forgetAll();
    for (const { seq, kind, id, keys, run } of changes) {
      this.seen = seq;
      if (kind === 'experiment') this.search.noteExperiment();
      if (run === null) continue;
      if (kind === 'job') {
        this.metrics.directory.forgetRun(id);
        this.search.note(run);
      } else if (kind === 'metric') {
        // No keys: nothing new was logged, the points were moved.
        if (keys === '[]') this.metrics.changed(run);
        else this.metrics.appended(run);
        this.search.note(run);
      }
    }
  }

  forgetAll(): void {
    this.seen = this.newest();
    this.metrics.forgetAll();
    this.search.forgetAll();
  }

  /** Grows when another connection has committed: https://www.sqlite.org/pragma.html#pragma_data_version */
  private dataVersion(): number {
    return this.sql.one('PRAGMA data_version')!.data_version;
  }

  private newest(): number {
    return this.sql.one("SELECT seq FROM sqlite_sequence WHERE name = 'changes'")?.seq ?? 0;
  }
}
