/** A dataset that a run used, as MLflow writes it. `context` is the tag `mlflow.data.context`, such as `training`. */
export interface RunDataset {
  name: string;
  digest: string;
  sourceType: string;
  source: string;
  schema?: string | undefined;
  profile?: string | undefined;
  tags: Record<string, string>;
}

/** A logged model that went into a run or came out of it, at a step. */
export interface RunModel {
  id: string;
  step: number;
}

/** A metric of a logged model, told with the run and the dataset it was measured with. */
export interface ModelMetric {
  key: string;
  value: number;
  at: number;
  step: number;
  run: string;
  datasetName?: string | undefined;
  datasetDigest?: string | undefined;
}

export interface LineageReader {
  datasets(job: string): Promise<RunDataset[]>;
  /** Each name, digest and context once, over all runs of the experiments; at most `limit`. */
  datasetSummaries(
    experimentIds: string[],
    limit: number,
  ): Promise<{ experimentId: string; name: string; digest: string; context: string | null }[]>;
  models(job: string, direction: 'input' | 'output'): Promise<RunModel[]>;
  modelMetrics(model: string): Promise<ModelMetric[]>;
}

/** What is known of a run goes with its job. */
export interface LineageWriter extends LineageReader {
  /** A dataset that the run has already (by name and digest) stays as it was. */
  addDataset(job: string, dataset: RunDataset): Promise<void>;
  addModel(job: string, direction: 'input' | 'output', model: RunModel): Promise<void>;
  logModelMetric(model: string, metric: ModelMetric): Promise<void>;
}
