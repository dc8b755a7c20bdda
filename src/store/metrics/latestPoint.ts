export interface Latest {
  step: number;
  at: number;
  value: number;
}

/** MLflow's rule for "the latest": greatest step, then time, then value, NaN counting as 0; of equals the first that came. */
export const isLater = (a: Latest, b: Latest): boolean => {
  if (a.step !== b.step) return a.step > b.step;
  if (a.at !== b.at) return a.at > b.at;
  return (Number.isNaN(a.value) ? 0 : a.value) > (Number.isNaN(b.value) ? 0 : b.value);
};
