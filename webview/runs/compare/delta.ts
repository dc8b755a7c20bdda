import { formatNumber } from '../../shared/chart/numbers.ts';

export type Goal = 'minimize' | 'maximize';

/** How a metric stands to that of the baseline. */
export interface Delta {
  /** `+0.1 (+5 %)`; the share is left out where the baseline is 0. */
  text: string;
  /** Undefined where nobody said which way is better, and where both are equal. */
  isBetter: boolean | undefined;
}

/** Undefined where there is nothing to say: a value is no finite number, or both are equal. */
export function deltaOf(value: number | undefined, baseline: number | undefined, goal: Goal | undefined): Delta | undefined {
  if (value === undefined || baseline === undefined || !Number.isFinite(value) || !Number.isFinite(baseline) || value === baseline)
    return undefined;
  const difference = value - baseline;
  const share = baseline === 0 ? undefined : (100 * difference) / Math.abs(baseline);
  const percent = share === undefined ? '' : ` (${signed(share >= 1000 || share <= -1000 ? share : Number(share.toPrecision(3)))} %)`;
  return { text: `${signed(difference)}${percent}`, isBetter: goal === undefined ? undefined : difference > 0 === (goal === 'maximize') };
}

const signed = (value: number): string => `${value > 0 ? '+' : ''}${formatNumber(value)}`;
