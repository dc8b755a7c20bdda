import { isSystemMetric } from './systemMetric.ts';

/** What most people judge a model by, as a word of a metric's name. */
const telling = /(?:^|[^a-z])(?:acc|accuracy|auc|auroc|f1|loss|mae|map|mse|perplexity|precision|r2|recall|rmse|score)(?:[^a-z]|$)/i;
/** Measured on data that the model was not trained on. */
const unseen = /(?:^|[^a-z])(?:val|valid|validation|eval|test)(?:[^a-z]|$)/i;

/** The metrics that a script logged, the most telling first: `primary` (the metric that a sweep optimises), then accuracies, losses and similar metrics, then the others in their order. */
export function keyMetrics(keys: Iterable<string>, primary?: string): string[] {
  const weight = (key: string) => (key === primary ? 0 : !telling.test(key) ? 3 : unseen.test(key) ? 1 : 2);
  return [...keys].filter((key) => !isSystemMetric(key)).sort((a, b) => weight(a) - weight(b));
}
