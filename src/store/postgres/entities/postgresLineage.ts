import { gathered } from '../../gathered.ts';
import type { LineageReader, LineageWriter, ModelMetric, RunDataset, RunModel } from '../../lineage.ts';
import { isId } from '../reader.ts';
import type { Row, Rows } from '../rows.ts';

/** MLflow's tag that says what a dataset was used for. */
const contextTag = 'mlflow.data.context';

export class PostgresLineageReader implements LineageReader {
  protected readonly rows: Rows;
  protected readonly workspace: string;
  private readonly datasetsOf = gathered((jobs: string[]) => this.ofRuns('run_datasets', 'body', jobs));
  private readonly modelsOf = gathered((jobs: string[]) => this.ofRuns('run_models', 'model, step, direction', jobs));

  constructor(rows: Rows, workspace: string) {
    this.rows = rows;
    this.workspace = workspace;
  }

  async datasets(job: string): Promise<RunDataset[]> {
    return ((await this.datasetsOf(job)) ?? []).map(({ body }) => JSON.parse(body));
  }

  async datasetSummaries(experimentIds: string[], limit: number) {
    const found = await this.rows.all(
      `SELECT DISTINCT j.experiment_id, d.name, d.digest, d.context FROM run_datasets d JOIN jobs j ON j.name = d.job
       WHERE j.experiment_id = ANY($1::bigint[]) AND j.workspace = $2 LIMIT $3`,
      experimentIds.filter(isId),
      this.workspace,
      limit,
    );
    return found.map((row) => ({ experimentId: String(row.experiment_id), name: row.name, digest: row.digest, context: row.context }));
  }

  async models(job: string, direction: 'input' | 'output'): Promise<RunModel[]> {
    const found = ((await this.modelsOf(job)) ?? []).filter((row) => row.direction === direction);
    return found.map(({ model, step }) => ({ id: model, step }));
  }

  private async ofRuns(table: 'run_datasets' | 'run_models', columns: string, jobs: string[]): Promise<Map<string, Row[]>> {
    const found = await this.rows.all(
      `SELECT job, ${columns} FROM ${table} WHERE job IN (SELECT name FROM jobs WHERE name = ANY($1) AND workspace = $2) ORDER BY position`,
      jobs,
      this.workspace,
    );
    return Map.groupBy(found, ({ job }) => job);
  }

  async modelMetrics(model: string): Promise<ModelMetric[]> {
    const found = await this.rows.all(
      `SELECT key, value, at, step, run, dataset_name, dataset_digest FROM model_metrics WHERE workspace = $1 AND model = $2 ORDER BY position`,
      this.workspace,
      model,
    );
    return found.map((row) => ({
      key: row.key,
      value: row.value,
      at: row.at,
      step: row.step,
      run: row.run,
      datasetName: row.dataset_name ?? undefined,
      datasetDigest: row.dataset_digest ?? undefined,
    }));
  }
}

/** Tells that a job has other inputs or outputs, or a logged model other metrics. */
type Announce = (kind: 'job' | 'loggedModel', id: string) => Promise<void>;

export class PostgresLineageWriter extends PostgresLineageReader implements LineageWriter {
  private readonly announce: Announce;

  constructor(rows: Rows, workspace: string, announce: Announce) {
    super(rows, workspace);
    this.announce = announce;
  }

  async addDataset(job: string, dataset: RunDataset): Promise<void> {
    // First, since it throws when there is no such job.
    await this.announce('job', job);
    await this.rows.run(
      `INSERT INTO run_datasets (job, name, digest, context, body, position)
       SELECT $1, $2, $3, $4, $5, (SELECT coalesce(max(position), -1) + 1 FROM run_datasets WHERE job = $1) ON CONFLICT DO NOTHING`,
      job,
      dataset.name,
      dataset.digest,
      dataset.tags[contextTag] ?? null,
      JSON.stringify(dataset),
    );
  }

  async addModel(job: string, direction: 'input' | 'output', model: RunModel): Promise<void> {
    await this.announce('job', job);
    await this.rows.run(
      `INSERT INTO run_models (job, direction, model, step, position)
       SELECT $1, $2, $3, $4::double precision, (SELECT coalesce(max(position), -1) + 1 FROM run_models WHERE job = $1)
       ON CONFLICT (job, direction, model) DO UPDATE SET step = excluded.step`,
      job,
      direction,
      model.id,
      model.step,
    );
  }

  async logModelMetric(model: string, metric: ModelMetric): Promise<void> {
    await this.rows.run(
      `INSERT INTO model_metrics (workspace, model, key, at, step, run, value, dataset_name, dataset_digest, position)
       SELECT $1, $2, $3, $4::double precision, $5::double precision, $6, $7::double precision, $8, $9, (SELECT coalesce(max(position), -1) + 1 FROM model_metrics WHERE workspace = $1 AND model = $2)
       ON CONFLICT (workspace, model, key, at, step, run) DO UPDATE
       SET value = excluded.value, dataset_name = excluded.dataset_name, dataset_digest = excluded.dataset_digest`,
      this.workspace,
      model,
      metric.key,
      metric.at,
      metric.step,
      metric.run,
      metric.value,
      metric.datasetName ?? null,
      metric.datasetDigest ?? null,
    );
    await this.announce('loggedModel', model);
  }

  /** Forgets what is known of a run, which goes. */
  async removeRun(job: string): Promise<void> {
    await this.rows.run('DELETE FROM run_datasets WHERE job = $1', job);
    await this.rows.run('DELETE FROM run_models WHERE job = $1', job);
    await this.rows.run('DELETE FROM model_metrics WHERE workspace = $1 AND run = $2', this.workspace, job);
  }
}
