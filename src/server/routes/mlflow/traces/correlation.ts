/**
 * Normalised pointwise mutual information of two filters over a set of traces: -1 never together, 0 independent, 1 always together
 * (Bouma, "Normalized (Pointwise) Mutual Information in Collocation Extraction", 2009). Smoothed: with half an occurrence added to each of the four cells.
 */
export function correlation({
  total,
  one,
  two,
  both,
}: {
  total: number;
  one: number;
  two: number;
  both: number;
}): Record<string, number | string> {
  return {
    npmi: shown(npmi(total, one, two, both, 0)),
    npmi_smoothed: shown(npmi(total, one, two, both, 0.5)),
    filter1_count: one,
    filter2_count: two,
    joint_count: both,
    total_count: total,
  };
}

const shown = (value: number): number | string => (Number.isNaN(value) ? 'NaN' : value);

function npmi(total: number, one: number, two: number, both: number, smoothing: number): number {
  if (total === 0 || one === 0 || two === 0) return Number.NaN;
  if (smoothing === 0 && both === 0) return -1;
  if (smoothing === 0 && both === one && both === two && both === total) return 1;
  const n = total + 4 * smoothing;
  const joint = (both + smoothing) / n;
  const [first, second] = [(one + 2 * smoothing) / n, (two + 2 * smoothing) / n];
  if (joint >= 1) return 1;
  return Math.max(-1, Math.min(1, Math.log(joint / (first * second)) / -Math.log(joint)));
}
