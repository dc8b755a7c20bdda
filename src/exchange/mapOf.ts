import type { KeyValue } from '../protocol/mlflow.ts';

/** MLflow's list of keys and values as an object. */
export const mapOf = (pairs: readonly KeyValue[] | undefined): Record<string, string> =>
  Object.fromEntries((pairs ?? []).map(({ key, value }) => [key, value]));
