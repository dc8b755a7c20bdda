import { UserError } from '../../../base/userError.ts';
import type { Principal } from '../../../protocol/principal.ts';
import { gathered } from '../../gathered.ts';
import { isLater } from '../../metrics/latestPoint.ts';
import type { Point } from '../../metrics/metricStore.ts';
import { encodeRecord } from '../../metrics/records.ts';
import type { Row } from '../rows.ts';
import type { Transaction } from '../transaction.ts';
import type { MetricKeys } from './metricKeys.ts';

interface Run {
  serial: number;
  name: string;
  workspace: string;
  parent: string | null;
  isDeleted: boolean;
}

/** How much a run got. */
export interface Appended {
  run: number;
  points: number;
}

/** Points that arrive within one transaction: those of a job that one principal sends become one record and one change, however many requests brought them. */
export class PointBatch {
  private readonly transaction: Transaction;
  /** By the job's row, since its name may become another job's, and who writes. */
  private readonly waiting = new Map<string, { run: Run; principal: string; parts: Point[][] }>();
  private readonly runs = new Map<string, Promise<Run | undefined>>();
  private readonly rowOf = gathered((names: string[]) => this.rowsOf(names));
  private countOfWrites = 0;

  constructor(transaction: Transaction) {
    this.transaction = transaction;
  }

  /** Throws, before anything is kept, when the job is not there or deleted. */
  async add(
    { workspace, principal: { id: principal } }: { workspace: string; principal: Principal },
    job: string,
    points: Point[],
  ): Promise<void> {
    const run = await this.run(job);
    if (run?.workspace !== workspace) throw new UserError('NotFound', `Run with id=${job} not found`);
    if (run.isDeleted) throw new UserError('InvalidRequest', `The run ${job} must be in the 'active' state. Current state is deleted.`);
    const key = `${run.serial} ${principal}`;
    const present = this.waiting.get(key);
    if (present) present.parts.push(points);
    else this.waiting.set(key, { run, principal, parts: [points] });
  }

  /** The last writes of the transaction; answers which runs got points. A job that was deleted within it takes its points along. */
  async write(keys: MetricKeys): Promise<Appended[]> {
    const records = await this.records();
    if (records.length === 0) return [];
    const names = new Set<string>();
    for (const { points } of records) for (const { key } of points) names.add(key);
    const ids = await keys.make(this.transaction, [...names]);
    const idOf = (name: string) => ids.get(name)!;
    await this.transaction.run(
      'INSERT INTO metric_log (run, count, data) SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bytea[])',
      records.map(({ run }) => run.serial),
      records.map(({ points }) => points.length),
      records.map(({ points }) => encodeRecord(points, idOf)),
    );
    await this.writeLatest(records, idOf);
    for (const { run, principal, points } of records) {
      const { serial, name, workspace, parent } = run;
      const told = [...new Set(points.map(({ key }) => key))];
      this.transaction.changes.push({ kind: 'metric', id: name, op: 'put', workspace, principal, parent, keys: told, run: serial });
    }
    return records.map(({ run, points }) => ({ run: run.serial, points: points.length }));
  }

  /** What came for each run, as far as it is still there. */
  private async records(): Promise<{ run: Run; principal: string; points: Point[] }[]> {
    if (this.waiting.size === 0) return [];
    const serials = [...new Set([...this.waiting.values()].map(({ run }) => run.serial))];
    const rows =
      this.countOfWrites === this.transaction.writes
        ? serials
        : (await this.transaction.all('SELECT serial FROM jobs WHERE serial = ANY($1::bigint[])', serials)).map(
            ({ serial }) => serial as number,
          );
    const there = new Set(rows);
    return [...this.waiting.values()].flatMap(({ run, principal, parts }) => {
      const points = parts.length === 1 ? parts[0]! : parts.flat();
      return points.length > 0 && there.has(run.serial) ? [{ run, principal, points }] : [];
    });
  }

  /** The latest value of each key, where it is later than what is there. Rows in one order, so that no two processes wait for each other. */
  private async writeLatest(records: readonly { run: Run; points: Point[] }[], idOf: (name: string) => number): Promise<void> {
    const latest = new Map<string, { run: number; key: number; point: Point }>();
    for (const { run, points } of records)
      for (const point of points) {
        const key = idOf(point.key);
        const name = `${run.serial} ${key}`;
        const present = latest.get(name);
        if (!present) latest.set(name, { run: run.serial, key, point });
        else if (isLater(point, present.point)) present.point = point;
      }
    const rows = [...latest.values()].sort((a, b) => a.run - b.run || a.key - b.key);
    await this.transaction.run(
      `INSERT INTO latest (run, key, step, at, value, nan)
       SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::float8[], $4::float8[], $5::float8[], $6::smallint[])
       ON CONFLICT (run, key) DO UPDATE SET step = excluded.step, at = excluded.at, value = excluded.value, nan = excluded.nan
       WHERE (excluded.step, excluded.at, excluded.value) > (latest.step, latest.at, latest.value)`,
      rows.map(({ run }) => run),
      rows.map(({ key }) => key),
      rows.map(({ point }) => point.step),
      rows.map(({ point }) => point.at),
      rows.map(({ point }) => (Number.isNaN(point.value) ? 0 : point.value + 0)),
      rows.map(({ point }) => (Number.isNaN(point.value) ? 1 : 0)),
    );
  }

  /** Until the end of the transaction nobody removes the job; others may append to it and change it. */
  private async run(name: string): Promise<Run | undefined> {
    if (this.countOfWrites !== this.transaction.writes) this.runs.clear();
    this.countOfWrites = this.transaction.writes;
    const known = this.runs.get(name);
    if (known) return known;
    const run = this.rowOf(name).then(
      (row) => row && { serial: row.serial, name, workspace: row.workspace, parent: row.parent, isDeleted: row.is_deleted === 1 },
    );
    this.runs.set(name, run);
    return run;
  }

  private async rowsOf(names: string[]): Promise<Map<string, Row>> {
    const rows = await this.transaction.all(
      'SELECT serial, name, workspace, parent, is_deleted FROM jobs WHERE name = ANY($1) ORDER BY serial FOR KEY SHARE',
      names,
    );
    return new Map(rows.map((row) => [row.name, row]));
  }
}
