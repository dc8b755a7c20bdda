import type { SpanReader, SpanWriter, StoredSpan } from '../../spans.ts';
import type { Prepare, Row } from './prepare.ts';

export class SqliteSpanReader implements SpanReader {
  protected readonly prepare: Prepare;
  protected readonly workspace: string;

  constructor(prepare: Prepare, workspace: string) {
    this.prepare = prepare;
    this.workspace = workspace;
  }

  async of(trace: string): Promise<StoredSpan[]> {
    // Times are equally long texts: the order of characters is that of time.
    return (
      this.prepare('SELECT * FROM spans WHERE workspace = ? AND trace = ? ORDER BY start, id').all(this.workspace, trace) as Row[]
    ).map((row) => ({
      id: row.id,
      start: row.start,
      body: JSON.parse(row.body),
    }));
  }

  async count(trace: string): Promise<number> {
    return (this.prepare('SELECT count(*) AS n FROM spans WHERE workspace = ? AND trace = ?').get(this.workspace, trace) as { n: number })
      .n;
  }
}

export class SqliteSpanWriter extends SqliteSpanReader implements SpanWriter {
  private readonly announce: (trace: string) => void;

  constructor(prepare: Prepare, workspace: string, announce: (trace: string) => void) {
    super(prepare, workspace);
    this.announce = announce;
  }

  async put(trace: string, spans: StoredSpan[]): Promise<void> {
    const insert = this.prepare('INSERT OR REPLACE INTO spans (workspace, trace, id, start, body) VALUES (?, ?, ?, ?, ?)');
    for (const span of spans) insert.run(this.workspace, trace, span.id, span.start, JSON.stringify(span.body));
    if (spans.length) this.announce(trace);
  }

  async remove(trace: string): Promise<void> {
    const { changes } = this.prepare('DELETE FROM spans WHERE workspace = ? AND trace = ?').run(this.workspace, trace);
    if (changes) this.announce(trace);
  }
}
