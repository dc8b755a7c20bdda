import type { SpanReader, SpanWriter, StoredSpan } from '../../spans.ts';
import type { Rows } from '../rows.ts';

export class PostgresSpanReader implements SpanReader {
  protected readonly rows: Rows;
  protected readonly workspace: string;

  constructor(rows: Rows, workspace: string) {
    this.rows = rows;
    this.workspace = workspace;
  }

  async of(trace: string): Promise<StoredSpan[]> {
    // Times are equally long texts: the order of characters is that of time.
    const found = await this.rows.all(
      'SELECT id, start, body FROM spans WHERE workspace = $1 AND trace = $2 ORDER BY start, id',
      this.workspace,
      trace,
    );
    return found.map(({ id, start, body }) => ({ id, start, body: JSON.parse(body) }));
  }

  async count(trace: string): Promise<number> {
    return (await this.rows.one('SELECT count(*) AS n FROM spans WHERE workspace = $1 AND trace = $2', this.workspace, trace))!.n;
  }
}

export class PostgresSpanWriter extends PostgresSpanReader implements SpanWriter {
  private readonly announce: (trace: string) => void;

  constructor(rows: Rows, workspace: string, announce: (trace: string) => void) {
    super(rows, workspace);
    this.announce = announce;
  }

  async put(trace: string, spans: StoredSpan[]): Promise<void> {
    if (spans.length === 0) return;
    // One statement writes a row once: of spans with the same id the last counts.
    const each = [...new Map(spans.map((span) => [span.id, span])).values()];
    await this.rows.run(
      `INSERT INTO spans (workspace, trace, id, start, body) SELECT $1, $2, * FROM unnest($3::text[], $4::text[], $5::text[])
       ON CONFLICT (workspace, trace, id) DO UPDATE SET start = excluded.start, body = excluded.body`,
      this.workspace,
      trace,
      each.map(({ id }) => id),
      each.map(({ start }) => start),
      each.map(({ body }) => JSON.stringify(body)),
    );
    this.announce(trace);
  }

  async remove(trace: string): Promise<void> {
    if ((await this.rows.run('DELETE FROM spans WHERE workspace = $1 AND trace = $2', this.workspace, trace)) > 0) this.announce(trace);
  }
}
