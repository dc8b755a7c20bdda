type Labels = Record<string, string>;

interface Sample {
  labels: Labels;
  value: number;
}

/** What is told of one figure. */
export interface Figure {
  name: string;
  help: string;
  type: 'counter' | 'gauge' | 'histogram';
  /** Suffix of the name, for the parts of a histogram. */
  samples: (Sample & { suffix?: string })[];
}

/** Figures as Prometheus and OpenMetrics scrapers read them: the text format 0.0.4. */
export function exposition(figures: readonly Figure[]): string {
  return figures
    .map(({ name, help, type, samples }) => {
      const lines = samples.map(({ suffix = '', labels, value }) => `${name}${suffix}${shown(labels)} ${numberText(value)}`);
      return [`# HELP ${name} ${escaped(help)}`, `# TYPE ${name} ${type}`, ...lines, ''].join('\n');
    })
    .join('');
}

const escaped = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');

function shown(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value).replaceAll('"', '\\"')}"`);
  return pairs.length ? `{${pairs.join(',')}}` : '';
}

const numberText = (value: number): string =>
  value === Number.POSITIVE_INFINITY ? '+Inf' : value === Number.NEGATIVE_INFINITY ? '-Inf' : String(value);

/** How many there were, by labels. */
export class Counts {
  private readonly counts = new Map<string, Sample>();

  add(labels: Labels): void {
    const key = JSON.stringify(labels);
    const sample = this.counts.get(key);
    if (sample) sample.value++;
    else this.counts.set(key, { labels, value: 1 });
  }

  samples(): Sample[] {
    return [...this.counts.values()];
  }
}

/** How long things took, by labels: Prometheus' histogram over `bounds` in seconds, in ascending order. */
export class Durations {
  private readonly bounds: readonly number[];
  private readonly series = new Map<string, { labels: Labels; within: number[]; sum: number; count: number }>();

  constructor(bounds: readonly number[]) {
    this.bounds = bounds;
  }

  add(labels: Labels, seconds: number): void {
    const key = JSON.stringify(labels);
    let one = this.series.get(key);
    if (!one) {
      one = { labels, within: this.bounds.map(() => 0), sum: 0, count: 0 };
      this.series.set(key, one);
    }
    one.sum += seconds;
    one.count++;
    // Each bucket holds those of the smaller ones, too.
    for (let at = this.bounds.length - 1; at >= 0 && seconds <= this.bounds[at]!; at--) one.within[at]!++;
  }

  samples(): Figure['samples'] {
    return [...this.series.values()].flatMap(({ labels, within, sum, count }) => [
      ...this.bounds.map((bound, at) => ({ suffix: '_bucket', labels: { ...labels, le: String(bound) }, value: within[at]! })),
      { suffix: '_bucket', labels: { ...labels, le: '+Inf' }, value: count },
      { suffix: '_sum', labels, value: sum },
      { suffix: '_count', labels, value: count },
    ]);
  }
}
