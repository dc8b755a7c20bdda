import type { AdapterFacts } from '../../src/protocol/adapterFacts.ts';
import { formatNumber } from '../shared/chart/numbers.ts';

const rows = (count: number) => `${count.toLocaleString('en')} ${count === 1 ? 'row' : 'rows'}`;

/** `200 rows; 20 to validate, 50 to test`. */
export function dataText({ train, valid, test }: NonNullable<AdapterFacts['data']>): string {
  const others = [
    valid === undefined ? '' : `${valid.toLocaleString('en')} to validate`,
    test === undefined ? '' : `${test.toLocaleString('en')} to test`,
  ].filter(Boolean);
  return [train === undefined ? '' : rows(train), others.join(', ')].filter(Boolean).join('; ');
}

/** How near what is served is to what was trained. */
export function verificationText({ meanKl, isEqual }: NonNullable<AdapterFacts['verification']>): string {
  const what = isEqual === false ? 'It answers otherwise than it was trained' : 'It answers as it was trained';
  return meanKl === undefined ? what : `${what}: the divergence from torch is ${formatNumber(meanKl)} nats a token`;
}

/** What metrics of a fine-tuning are called; others keep their names. */
const titles: Record<string, string> = {
  loss: 'Loss',
  exact_match: 'Exact match',
  f1: 'F1 of words',
  rouge_l: 'ROUGE-L',
  format_valid: 'Valid format',
  judge: 'Score of the judge',
  judge_unscored: 'Answers without a score',
};

/** Metrics of which less is better. */
const isLessBetter = (key: string) => /loss|perplexity|error|kl|unscored/i.test(key);

export interface MetricRow {
  key: string;
  title: string;
  before: string;
  after: string;
  /** undefined: the same, or there is nothing to compare. */
  became: 'better' | 'worse' | undefined;
}

/** Metrics of the base model and of the tuned one beside each other, those of both first. */
export function metricRows(before: Readonly<Record<string, number>>, after: Readonly<Record<string, number>>): MetricRow[] {
  const keys = [...new Set([...Object.keys(after), ...Object.keys(before)])];
  const text = (value: number | undefined) => (value === undefined ? '–' : formatNumber(value));
  return keys.map((key) => {
    const [from, to] = [before[key], after[key]];
    const gain = from === undefined || to === undefined ? 0 : isLessBetter(key) ? from - to : to - from;
    return {
      key,
      title: titles[key] ?? key,
      before: text(from),
      after: text(to),
      became: gain > 0 ? 'better' : gain < 0 ? 'worse' : undefined,
    };
  });
}
