/** What a run has in a field; a NaN is kept as such. */
export type Value = number | string | undefined;

/** One field of every run, by the run's serial, in few bytes. */
export interface Column {
  /** How much memory it takes, in numbers of eight bytes. */
  readonly size: number;
  get(run: number): Value;
  set(run: number, value: Value): void;
  /** The same test for many runs. */
  passing(passes: (value: Value) => boolean): (run: number) => boolean;
  /** Fills in, for each of the runs, a number of 64 bits in two halves. Their order is that of the values: NaN after every number, what is missing last, in either direction. */
  sortKeys(runs: Uint32Array, order: ColumnOrder, high: Uint32Array, low: Uint32Array): void;
  /** A whole number for each of the values that the runs have; equal values have the same. */
  codeOf(run: number): number;
}

/** `asNumbers`: texts that are numbers come first, in the order of these. */
export interface ColumnOrder {
  descending: boolean;
  asNumbers?: boolean | undefined;
}

const last = 0xffffffff;

export class NumberColumn implements Column {
  private values = new Float64Array(0);
  /** 1 where there is a value. */
  private present = new Uint8Array(0);
  private readonly codes = new Map<number, number>();

  get size(): number {
    return Math.ceil(this.values.length * 1.125) + 4 * this.codes.size;
  }

  get(run: number): Value {
    return this.present[run] ? this.values[run] : undefined;
  }

  set(run: number, value: Value): void {
    if (run >= this.values.length) {
      const length = lengthFor(run, this.values.length);
      this.values = grown(this.values, new Float64Array(length));
      this.present = grown(this.present, new Uint8Array(length));
    }
    this.present[run] = value === undefined ? 0 : 1;
    this.values[run] = value === undefined ? 0 : (value as number);
  }

  passing(passes: (value: Value) => boolean): (run: number) => boolean {
    return (run) => passes(this.get(run));
  }

  sortKeys(runs: Uint32Array, { descending }: ColumnOrder, high: Uint32Array, low: Uint32Array): void {
    numberKeys(this.values, runs, descending, high, low);
    for (let i = 0; i < runs.length; i++)
      if (!this.present[runs[i]!]) {
        high[i] = last;
        low[i] = 1;
      }
  }

  codeOf(run: number): number {
    if (!this.present[run]) return 0;
    const value = this.values[run]! + 0;
    let code = this.codes.get(value);
    if (code === undefined) this.codes.set(value, (code = this.codes.size + 1));
    return code;
  }
}

/** Texts by their number in a list: a field has few texts over many runs. */
export class TextColumn implements Column {
  /** 0 where there is none. */
  private codes = new Uint32Array(0);
  private readonly words: Value[] = [undefined];
  private readonly known = new Map<string, number>();
  private characters = 0;
  private ranks: { plain?: Uint32Array; asNumbers?: Uint32Array } = {};

  get size(): number {
    return Math.ceil(this.codes.length / 2 + 8 * this.words.length + this.characters / 8);
  }

  get(run: number): Value {
    return this.words[this.codes[run] ?? 0];
  }

  set(run: number, value: Value): void {
    if (run >= this.codes.length) this.codes = grown(this.codes, new Uint32Array(lengthFor(run, this.codes.length)));
    this.codes[run] = value === undefined ? 0 : this.wordOf(String(value));
  }

  private wordOf(text: string): number {
    let code = this.known.get(text);
    if (code === undefined) {
      code = this.words.push(text) - 1;
      this.known.set(text, code);
      this.characters += text.length;
      this.ranks = {};
    }
    return code;
  }

  passing(passes: (value: Value) => boolean): (run: number) => boolean {
    const { codes } = this;
    const answers = Uint8Array.from(this.words, (word) => (passes(word) ? 1 : 0));
    return (run) => answers[codes[run] ?? 0] === 1;
  }

  sortKeys(runs: Uint32Array, { descending, asNumbers = false }: ColumnOrder, high: Uint32Array, low: Uint32Array): void {
    const ranks = asNumbers ? (this.ranks.asNumbers ??= this.ranked(compareAsNumbers)) : (this.ranks.plain ??= this.ranked());
    const { codes } = this;
    const most = this.words.length;
    for (let i = 0; i < runs.length; i++) {
      const code = codes[runs[i]!] ?? 0;
      high[i] = 0;
      low[i] = code === 0 ? last : descending ? most - ranks[code]! : ranks[code]!;
    }
  }

  private ranked(compare?: (a: string, b: string) => number): Uint32Array {
    const ranks = new Uint32Array(this.words.length);
    for (const [rank, word] of [...this.known.keys()].sort(compare).entries()) ranks[this.known.get(word)!] = rank + 1;
    return ranks;
  }

  codeOf(run: number): number {
    return this.codes[run] ?? 0;
  }
}

/** Sort keys of numbers that are all there. */
export function numberKeys(values: Float64Array, runs: Uint32Array, descending: boolean, high: Uint32Array, low: Uint32Array): void {
  const double = new Float64Array(1);
  const halves = new Uint32Array(double.buffer);
  const turn = descending ? last : 0;
  for (let i = 0; i < runs.length; i++) {
    const value = values[runs[i]!]!;
    if (Number.isNaN(value)) {
      high[i] = last;
      low[i] = 0;
      continue;
    }
    // Zero has one sign. As whole numbers, doubles that are not negative are in order, and negative ones in the opposite one.
    double[0] = value + 0;
    const flip = halves[1]! >= 0x80000000 ? last : 0;
    high[i] = halves[1]! ^ (flip | 0x80000000) ^ turn;
    low[i] = halves[0]! ^ flip ^ turn;
  }
}

/** Texts that are finite numbers before all others, in the order of the numbers; equal numbers by their texts. */
export function compareAsNumbers(a: string, b: string): number {
  const [x, y] = [numberOf(a), numberOf(b)];
  if (x !== undefined && y !== undefined && x !== y) return x - y;
  if ((x === undefined) !== (y === undefined)) return x === undefined ? 1 : -1;
  return a < b ? -1 : a > b ? 1 : 0;
}

/** As a person writes numbers: what else JavaScript takes (nothing, other bases) is none. */
const decimal = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;

function numberOf(text: string): number | undefined {
  if (text.length > 40 || !decimal.test(text)) return undefined;
  const number = Number(text);
  return Number.isFinite(number) ? number : undefined;
}

const lengthFor = (run: number, length: number): number => Math.max(1024, run + 1, Math.floor(length * 1.5));

function grown<T extends Float64Array | Uint8Array | Uint32Array>(from: T, to: T): T {
  to.set(from);
  return to;
}
