import type { LineageReader, LineageWriter, ModelMetric, RunDataset, RunModel } from '../../lineage.ts';
import type { Prepare, Row } from './prepare.ts';

/** MLflow's tag that says what a dataset was used for. */
const contextTag = 'mlflow.data.context';

export class SqliteLineageReader implements LineageReader {
  protected readonly prepare: Prepare;
  protected readonly workspace: string;

  constructor(prepare: Prepare, workspace: string) {
    this.prepare = prepare;
    this.workspace = workspace;
  }

  async datasets(job: string): Promise<RunDataset[]> {
    const rows = this.prepare(
      'SELECT d.body FROM run_datasets d JOIN jobs j ON j.name = d.job WHERE d.job = ? AND j.workspace = ? ORDER BY d.position',
    ).all(job, this.workspace) as Row[];
    return rows.map((row) => JSON.parse(row.body));
  }

  async datasetSummaries(experimentIds: string[], limit: number) {
    const rows = this.prepare(
      `SELECT DISTINCT j.experiment_id, d.name, d.digest, d.context FROM run_datasets d JOIN jobs j ON j.name = d.job
       WHERE j.experiment_id IN (SELECT value FROM json_each(?)) AND +j.workspace = ? LIMIT ?`,
    ).all(JSON.stringify(experimentIds.map(Number)), this.workspace, limit) as Row[];
    return rows.map((row) => ({ experimentId: String(row.experiment_id), name: row.name, digest: row.digest, context: row.context }));
  }

  async models(job: string, direction: 'input' | 'output'): Promise<RunModel[]> {
    const rows = this.prepare(
      `SELECT m.model, m.step FROM run_models m JOIN jobs j ON j.name = m.job
       WHERE m.job = ? AND m.direction = ? AND j.workspace = ? ORDER BY m.position`,
    ).all(job, direction, this.workspace) as Row[];
    return rows.map((row) => ({ id: row.model, step: row.step }));
  }

  async modelMetrics(model: string): Promise<ModelMetric[]> {
    // As REAL: Node refuses to read integers beyond 2^53.
    const rows = this.prepare(
      `SELECT key, value, is_nan, CAST(at AS REAL) AS at, CAST(step AS REAL) AS step, run, dataset_name, dataset_digest FROM model_metrics
       WHERE workspace = ? AND model = ? ORDER BY position`,
    ).all(this.workspace, model) as Row[];
    return rows.map((row) => ({
      key: row.key,
      value: row.is_nan ? Number.NaN : row.value,
      at: row.at,
      step: row.step,
      run: row.run,
      datasetName: row.dataset_name ?? undefined,
      datasetDigest: row.dataset_digest ?? undefined,
    }));
  }
}

/** Tells that a job has other inputs or outputs, or a logged model other metrics. */
type Announce = (kind: 'job' | 'loggedModel', id: string) => void;

export class SqliteLineageWriter extends SqliteLineageReader implements LineageWriter {
  private readonly announce: Announce;

  constructor(prepare: Prepare, workspace: string, announce: Announce) {
    super(prepare, workspace);
    this.announce = announce;
  }

  async addDataset(job: string, dataset: RunDataset): Promise<void> {
    // First, since it throws when there is no such job.
    this.announce('job', job);
    this.prepare(
      'INSERT OR IGNORE INTO run_datasets (job, name, digest, context, body, position) VALUES (?, ?, ?, ?, ?, (SELECT coalesce(max(position), -1) + 1 FROM run_datasets WHERE job = ?1))',
    ).run(job, dataset.name, dataset.digest, dataset.tags[contextTag] ?? null, JSON.stringify(dataset));
  }

  async addModel(job: string, direction: 'input' | 'output', model: RunModel): Promise<void> {
    this.announce('job', job);
    this.prepare(
      `INSERT INTO run_models (job, direction, model, step, position) VALUES (?, ?, ?, ?, (SELECT coalesce(max(position), -1) + 1 FROM run_models WHERE job = ?1))
       ON CONFLICT DO UPDATE SET step = excluded.step`,
    ).run(job, direction, model.id, model.step);
  }

  async logModelMetric(model: string, metric: ModelMetric): Promise<void> {
    const nan = Number.isNaN(metric.value);
    this.prepare(
      `INSERT INTO model_metrics (workspace, model, key, at, step, run, value, is_nan, dataset_name, dataset_digest, position)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, (SELECT coalesce(max(position), -1) + 1 FROM model_metrics WHERE workspace = ?1 AND model = ?2))
       ON CONFLICT DO UPDATE SET value = excluded.value, is_nan = excluded.is_nan, dataset_name = excluded.dataset_name, dataset_digest = excluded.dataset_digest`,
    ).run(
      this.workspace,
      model,
      metric.key,
      metric.at,
      metric.step,
      metric.run,
      nan ? 0 : metric.value,
      nan ? 1 : 0,
      metric.datasetName ?? null,
      metric.datasetDigest ?? null,
    );
    this.announce('loggedModel', model);
  }

  /** Forgets what is known of a run, which goes. */
  async removeRun(job: string): Promise<void> {
    this.prepare('DELETE FROM run_datasets WHERE job = ?').run(job);
    this.prepare('DELETE FROM run_models WHERE job = ?').run(job);
    this.prepare('DELETE FROM model_metrics WHERE workspace = ? AND run = ?').run(this.workspace, job);
  }
}
