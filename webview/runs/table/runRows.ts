import { Emitter } from '../../../src/base/event.ts';
import type { UserError } from '../../../src/base/userError.ts';
import type { Cell, RunScope, RunTable, RunTableRequest } from '../../../src/protocol/runTable.ts';
import { asUserError } from '../../shared/live/useLive.ts';
import { fieldOf } from '../fields.ts';
import { digitsOf, isNumberText } from './cellText.ts';

/** Rows that are read together. */
export const blockRows = 100;
/** Blocks that are kept, and that one request reads at most. */
const mostKept = 60;
const mostRead = 5;

/** A part of the table. Another object whenever anything in it is another. */
export interface Block {
  runs: string[];
  cells: Map<string, Cell[]>;
  isStale: boolean;
}

/**
 * The rows of a table of runs, of which those around the view are read, in blocks, and only the columns in view. Rows that were read stay until newer ones
 * have come: also when another question is asked, and while the plane is away.
 */
export class RunRows {
  private readonly read: (request: RunTableRequest, signal: AbortSignal) => Promise<RunTable>;
  private readonly changed = new Emitter<void>();
  readonly onDidChange = this.changed.event;
  private blocks = new Map<number, Block>();
  private question: { scope: RunScope; order: string[] } | undefined;
  private asked = 0;
  private shown = 0;
  private view: { first: number; last: number; fields: string[] } | undefined;
  private running: Promise<void> | undefined;
  private abort = new AbortController();
  private digits = new Map<string, number>();
  private texts = new Set<string>();
  /** Counts what was painted anew. */
  version = 0;
  /** Counts when columns got more digits, or turned out to be text. */
  formatVersion = 0;
  /** Rows in all; undefined until the first answer. */
  total: number | undefined;
  /** Why the newest reading failed; what is shown is older then. */
  error: UserError | undefined;

  constructor(read: (request: RunTableRequest, signal: AbortSignal) => Promise<RunTable>) {
    this.read = read;
  }

  /** Whether the rows that are shown answer an older question. */
  get isBehind(): boolean {
    return this.asked !== this.shown;
  }

  ask(scope: RunScope, order: string[]): void {
    this.question = { scope, order };
    this.asked++;
    this.abort.abort();
    this.abort = new AbortController();
    this.begin();
  }

  /** The rows [first, last] and the fields that are in view. */
  show(first: number, last: number, fields: string[]): void {
    this.view = { first, last, fields };
    this.begin();
  }

  /** Reads what is in view again. What else was read counts as old, and is read again when it comes into view. */
  refresh(): Promise<void> {
    for (const block of this.blocks.values()) block.isStale = true;
    return this.pump();
  }

  /** Reads the metrics of some runs that are in view, where no other place of theirs can come of it. */
  async refreshMetrics(runs: ReadonlySet<string>): Promise<void> {
    const { view, question, asked } = this;
    if (!view || !question || this.total === undefined || this.isBehind) return this.refresh();
    // The order and the number of rows may follow from what they log.
    if ([...question.order, question.scope.filter ?? ''].some((text) => /metric/i.test(text))) return this.refresh();
    const fields = view.fields.filter((name) => name.startsWith('metrics.'));
    const inView: string[] = [];
    for (let row = view.first; row <= view.last; row++) {
      const run = this.runAt(row);
      if (run !== undefined && runs.has(run)) inView.push(run);
    }
    for (const block of this.blocks.values()) if (block.runs.some((run) => runs.has(run) && !inView.includes(run))) block.isStale = true;
    if (inView.length === 0 || fields.length === 0) return;
    const { view: which } = question.scope;
    const table = await this.read(
      {
        ids: inView,
        ...(which ? { view: which } : {}),
        columns: fields.flatMap((name) => fieldOf(name) ?? []),
        offset: 0,
        limit: inView.length,
      },
      this.abort.signal,
    );
    if (asked === this.asked && this.view) this.patch(fields, table);
  }

  block(row: number): Block | undefined {
    return this.blocks.get(Math.floor(row / blockRows));
  }

  /** undefined where it was not read. */
  cell(row: number, field: string): Cell | undefined {
    return this.block(row)?.cells.get(field)?.[row % blockRows];
  }

  runAt(row: number): string | undefined {
    return this.block(row)?.runs[row % blockRows];
  }

  /** The row of a run, where it was read. */
  rowOf(run: string): number | undefined {
    for (const [index, { runs }] of this.blocks) {
      const at = runs.indexOf(run);
      if (at >= 0) return index * blockRows + at;
    }
    return undefined;
  }

  /** Digits after the point that all numbers of a field have. */
  digitsOf(field: string): number {
    return this.digits.get(field) ?? 0;
  }

  /** Whether all that was read of a field are numbers, also those that are written as text. */
  isNumeric(field: string): boolean {
    return this.digits.has(field) && !this.texts.has(field);
  }

  dispose(): void {
    this.view = undefined;
    this.abort.abort();
  }

  /** What fails is kept as `error` for the page; who reads the feed tries again. */
  private begin(): void {
    this.pump().catch(() => {});
  }

  private pump(): Promise<void> {
    this.running ??= this.readMissing().finally(() => {
      this.running = undefined;
    });
    return this.running;
  }

  private async readMissing(): Promise<void> {
    // What is asked for in one turn is one question.
    await Promise.resolve();
    for (;;) {
      const span = this.missing();
      if (!span || !this.question) return;
      const { asked } = this;
      const { scope, order } = this.question;
      try {
        const table = await this.read(
          {
            ...scope,
            orderBy: order,
            columns: span.fields.flatMap((name) => fieldOf(name) ?? []),
            offset: span.first * blockRows,
            limit: span.count * blockRows,
          },
          this.abort.signal,
        );
        if (asked === this.asked && this.view) this.take(span, table);
      } catch (error) {
        if (asked !== this.asked) continue;
        if (!this.view) return;
        this.error = asUserError(error);
        this.fire();
        throw error;
      }
    }
  }

  /** The first blocks in view that are not there, old, or without a column. */
  private missing(): { first: number; count: number; fields: string[] } | undefined {
    if (!this.view) return undefined;
    const { fields } = this.view;
    const end = this.total === undefined || this.isBehind ? Number.POSITIVE_INFINITY : Math.max(0, Math.ceil(this.total / blockRows) - 1);
    const first = Math.min(Math.floor(this.view.first / blockRows), end);
    const last = Math.min(Math.floor(this.view.last / blockRows), end);
    const lacks = (index: number) => {
      const block = this.blocks.get(index);
      return this.isBehind || !block || block.isStale || !fields.every((field) => block.cells.has(field));
    };
    let from = first;
    while (from <= last && !lacks(from)) from++;
    if (from > last) return undefined;
    let to = from;
    while (to < last && to - from + 1 < mostRead && lacks(to + 1)) to++;
    return { first: from, count: to - from + 1, fields };
  }

  private take({ first, count, fields }: { first: number; count: number; fields: string[] }, table: RunTable): void {
    if (this.isBehind) {
      this.blocks = new Map();
      this.digits = new Map();
      this.texts = new Set();
      this.shown = this.asked;
    } else if (this.total !== undefined && table.total !== this.total) for (const block of this.blocks.values()) block.isStale = true;
    this.total = table.total;
    this.error = undefined;
    for (let index = 0; index < count; index++) {
      const [from, to] = [index * blockRows, (index + 1) * blockRows];
      const runs = table.runs.slice(from, to);
      if ((first + index) * blockRows >= table.total && first + index > 0) this.blocks.delete(first + index);
      else this.put(first + index, runs, new Map(fields.map((field, at) => [field, table.columns[at]?.slice(from, to) ?? []])));
    }
    if (this.blocks.size > mostKept) {
      const away = (index: number) => Math.abs(index - first);
      const far = [...this.blocks.keys()].sort((a, b) => away(b) - away(a)).slice(0, this.blocks.size - mostKept);
      for (const index of far) this.blocks.delete(index);
    }
    this.fire();
  }

  /** Puts newer values of some runs where these stand. */
  private patch(fields: string[], { runs, columns }: RunTable): void {
    const rowOf = new Map(runs.map((run, row) => [run, row]));
    for (const [index, block] of this.blocks) {
      if (!block.runs.some((run) => rowOf.has(run))) continue;
      const cells = fields.map((field, at): [string, Cell[]] => {
        const old = block.cells.get(field) ?? [];
        return [field, block.runs.map((run, row) => (rowOf.has(run) ? columns[at]?.[rowOf.get(run)!] : old[row]) ?? null)];
      });
      const { isStale } = block;
      block.isStale = false;
      this.put(index, block.runs, new Map(cells.filter(([field]) => block.cells.has(field))));
      this.blocks.get(index)!.isStale = isStale;
    }
    this.fire();
  }

  private put(index: number, runs: string[], cells: Map<string, Cell[]>): void {
    for (const [field, values] of cells) {
      const digits = Math.max(this.digits.get(field) ?? 0, digitsOf(values));
      const isText = this.texts.has(field) || values.some((value) => typeof value === 'string' && !isNumberText(value));
      if (this.digits.get(field) === digits && this.texts.has(field) === isText) continue;
      this.formatVersion++;
      this.digits.set(field, digits);
      if (isText) this.texts.add(field);
    }
    const before = this.blocks.get(index);
    if (before && isSame(before.runs, runs)) {
      const isKnown = [...cells].every(([field, values]) => isSame(before.cells.get(field), values));
      // Nothing is painted for an answer that tells nothing new.
      if (isKnown) before.isStale = false;
      else this.blocks.set(index, { runs, cells: before.isStale ? cells : new Map([...before.cells, ...cells]), isStale: false });
    } else this.blocks.set(index, { runs, cells, isStale: false });
  }

  private fire(): void {
    this.version++;
    this.changed.fire();
  }
}

const isSame = (a: readonly unknown[] | undefined, b: readonly unknown[]): boolean =>
  a?.length === b.length && a.every((each, index) => each === b[index]);
