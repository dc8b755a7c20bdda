import type { DatabaseSync } from 'node:sqlite';
import { UserError } from '../../base/userError.ts';
import { jobLeases } from './jobLeases.ts';
import { metricsIntoChunks } from './metrics/metricsIntoChunks.ts';
import { tilesOverChunks } from './metrics/tilesOverChunks.ts';
import { versionNumbers } from './versionNumbers.ts';

/** Forward only: entry n brings the data folder from version n to n + 1. Never edit one that was released. */
const migrations: (string | ((db: DatabaseSync) => void))[] = [
  `
  CREATE TABLE changes (seq INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, id TEXT NOT NULL, op TEXT NOT NULL, at TEXT NOT NULL,
    workspace TEXT, parent TEXT, keys TEXT);
  CREATE TABLE resources (workspace TEXT NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL, version TEXT NOT NULL, properties TEXT NOT NULL,
    created_at INTEGER NOT NULL, modified_at INTEGER NOT NULL, hash TEXT, serial INTEGER NOT NULL,
    PRIMARY KEY (workspace, kind, name, version)) WITHOUT ROWID;
  CREATE INDEX resources_newest ON resources (workspace, kind, name, serial DESC);
  CREATE INDEX resources_hash ON resources (workspace, kind, hash) WHERE hash IS NOT NULL;
  CREATE TABLE experiments (id INTEGER PRIMARY KEY AUTOINCREMENT, workspace TEXT NOT NULL, name TEXT NOT NULL, created_at INTEGER NOT NULL,
    modified_at INTEGER NOT NULL, is_deleted INTEGER NOT NULL DEFAULT 0, tags TEXT NOT NULL DEFAULT '{}', UNIQUE (workspace, name));
  CREATE TABLE jobs (serial INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, workspace TEXT NOT NULL, experiment_id INTEGER NOT NULL,
    status TEXT NOT NULL, parent TEXT, display_name TEXT, reuse_key TEXT, is_archived INTEGER NOT NULL DEFAULT 0, is_deleted INTEGER NOT NULL DEFAULT 0,
    claimed_by TEXT, created_at INTEGER NOT NULL, modified_at INTEGER NOT NULL, started_at INTEGER, ended_at INTEGER, user TEXT NOT NULL, properties TEXT NOT NULL);
  CREATE INDEX jobs_newest ON jobs (workspace, parent, serial DESC);
  CREATE INDEX jobs_experiment ON jobs (experiment_id, parent, serial DESC);
  CREATE INDEX jobs_status ON jobs (status);
  CREATE INDEX jobs_reuse ON jobs (reuse_key) WHERE reuse_key IS NOT NULL;
  CREATE TABLE tags (job TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (job, key)) WITHOUT ROWID;
  CREATE TABLE params (job TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (job, key)) WITHOUT ROWID;
  CREATE TABLE points (job TEXT NOT NULL, key TEXT NOT NULL, step INTEGER NOT NULL, at INTEGER NOT NULL, value REAL NOT NULL, is_nan INTEGER NOT NULL,
    PRIMARY KEY (job, key, step, at, is_nan, value)) WITHOUT ROWID;
  CREATE TABLE latest (job TEXT NOT NULL, key TEXT NOT NULL, step INTEGER NOT NULL, at INTEGER NOT NULL, value REAL NOT NULL, is_nan INTEGER NOT NULL,
    PRIMARY KEY (job, key)) WITHOUT ROWID;
  CREATE TABLE blobs (container TEXT NOT NULL, path TEXT NOT NULL, sha256 TEXT NOT NULL, size INTEGER NOT NULL, modified_at INTEGER NOT NULL,
    PRIMARY KEY (container, path)) WITHOUT ROWID;
  CREATE INDEX blobs_content ON blobs (sha256);
  `,
  metricsIntoChunks,
  // Tags and parameters by their run's serial, with an index by value for search.
  `
  ALTER TABLE tags RENAME TO tags_before;
  CREATE TABLE tags (run INTEGER NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (run, key)) WITHOUT ROWID;
  INSERT INTO tags SELECT j.serial, t.key, t.value FROM tags_before t JOIN jobs j ON j.name = t.job;
  DROP TABLE tags_before;
  CREATE INDEX tags_key ON tags (key, run, value);
  ALTER TABLE params RENAME TO params_before;
  CREATE TABLE params (run INTEGER NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (run, key)) WITHOUT ROWID;
  INSERT INTO params SELECT j.serial, p.key, p.value FROM params_before p JOIN jobs j ON j.name = p.job;
  DROP TABLE params_before;
  CREATE INDEX params_key ON params (key, run, value);
  `,
  `ALTER TABLE blobs ADD COLUMN metadata TEXT NOT NULL DEFAULT '{}';`,
  // What MLflow knows beside runs and registered models, and the lineage of runs.
  `
  ALTER TABLE experiments ADD COLUMN artifact_location TEXT;
  CREATE TABLE entities (kind TEXT NOT NULL, id TEXT NOT NULL, scope TEXT NOT NULL, at INTEGER NOT NULL, body TEXT NOT NULL,
    PRIMARY KEY (kind, id)) WITHOUT ROWID;
  CREATE INDEX entities_scope ON entities (kind, scope, at DESC);
  CREATE TABLE spans (trace TEXT NOT NULL, id TEXT NOT NULL, start TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (trace, id)) WITHOUT ROWID;
  CREATE TABLE run_datasets (job TEXT NOT NULL, name TEXT NOT NULL, digest TEXT NOT NULL, context TEXT, body TEXT NOT NULL, position INTEGER NOT NULL,
    PRIMARY KEY (job, name, digest)) WITHOUT ROWID;
  CREATE INDEX run_datasets_name ON run_datasets (name, digest);
  CREATE TABLE run_models (job TEXT NOT NULL, direction TEXT NOT NULL, model TEXT NOT NULL, step INTEGER NOT NULL, position INTEGER NOT NULL,
    PRIMARY KEY (job, direction, model)) WITHOUT ROWID;
  CREATE TABLE model_metrics (model TEXT NOT NULL, key TEXT NOT NULL, at INTEGER NOT NULL, step INTEGER NOT NULL, run TEXT NOT NULL, value REAL NOT NULL,
    is_nan INTEGER NOT NULL, dataset_name TEXT, dataset_digest TEXT, position INTEGER NOT NULL, PRIMARY KEY (model, key, at, step, run)) WITHOUT ROWID;
  CREATE INDEX model_metrics_run ON model_metrics (run);
  `,
  tilesOverChunks,
  // Everything belongs to a workspace, and says who wrote it. A change names the row of the job that it is about.
  `
  ALTER TABLE changes ADD COLUMN principal TEXT;
  ALTER TABLE changes ADD COLUMN run INTEGER;
  ALTER TABLE resources ADD COLUMN created_by TEXT NOT NULL DEFAULT '';
  ALTER TABLE resources ADD COLUMN modified_by TEXT NOT NULL DEFAULT '';
  ALTER TABLE entities RENAME TO entities_before;
  CREATE TABLE entities (workspace TEXT NOT NULL, kind TEXT NOT NULL, id TEXT NOT NULL, scope TEXT NOT NULL, at INTEGER NOT NULL, body TEXT NOT NULL,
    PRIMARY KEY (workspace, kind, id)) WITHOUT ROWID;
  INSERT INTO entities SELECT 'local', kind, id, scope, at, body FROM entities_before;
  DROP TABLE entities_before;
  CREATE INDEX entities_scope ON entities (workspace, kind, scope, at DESC);
  ALTER TABLE spans RENAME TO spans_before;
  CREATE TABLE spans (workspace TEXT NOT NULL, trace TEXT NOT NULL, id TEXT NOT NULL, start TEXT NOT NULL, body TEXT NOT NULL,
    PRIMARY KEY (workspace, trace, id)) WITHOUT ROWID;
  INSERT INTO spans SELECT 'local', trace, id, start, body FROM spans_before;
  DROP TABLE spans_before;
  ALTER TABLE blobs RENAME TO blobs_before;
  CREATE TABLE blobs (workspace TEXT NOT NULL, container TEXT NOT NULL, path TEXT NOT NULL, sha256 TEXT NOT NULL, size INTEGER NOT NULL,
    modified_at INTEGER NOT NULL, metadata TEXT NOT NULL, PRIMARY KEY (workspace, container, path)) WITHOUT ROWID;
  INSERT INTO blobs SELECT 'local', container, path, sha256, size, modified_at, metadata FROM blobs_before;
  DROP TABLE blobs_before;
  CREATE INDEX blobs_content ON blobs (sha256);
  `,
  versionNumbers,
  jobLeases,
  // Metrics of logged models belong to a workspace, as the models do.
  `
  ALTER TABLE model_metrics RENAME TO model_metrics_before;
  CREATE TABLE model_metrics (workspace TEXT NOT NULL, model TEXT NOT NULL, key TEXT NOT NULL, at INTEGER NOT NULL, step INTEGER NOT NULL,
    run TEXT NOT NULL, value REAL NOT NULL, is_nan INTEGER NOT NULL, dataset_name TEXT, dataset_digest TEXT, position INTEGER NOT NULL,
    PRIMARY KEY (workspace, model, key, at, step, run)) WITHOUT ROWID;
  INSERT INTO model_metrics SELECT coalesce((SELECT workspace FROM jobs WHERE name = m.run),
    (SELECT workspace FROM entities WHERE kind = 'loggedModel' AND id = m.model), 'local'),
    model, key, at, step, run, value, is_nan, dataset_name, dataset_digest, position FROM model_metrics_before m;
  DROP TABLE model_metrics_before;
  CREATE INDEX model_metrics_run ON model_metrics (run);
  `,
  // How often a job was claimed anew.
  `ALTER TABLE jobs ADD COLUMN claim INTEGER NOT NULL DEFAULT 0;`,
  // Which copy of a data folder a place in the change log belongs to: see `Epochs`.
  `
  CREATE TABLE epochs (serial INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, since INTEGER NOT NULL);
  INSERT INTO epochs (id, since) VALUES (lower(hex(randomblob(8))), 0);
  `,
  // When an experiment was last used, apart from when it was changed.
  `
  ALTER TABLE experiments ADD COLUMN used_at INTEGER NOT NULL DEFAULT 0;
  UPDATE experiments SET used_at = modified_at;
  `,
  // What every search of runs looks at first, without the properties of jobs beside it: see `RunBase`.
  `CREATE INDEX jobs_base ON jobs (serial, experiment_id, is_deleted, started_at, created_at);`,
  // Who comes next, and what is used of quotas: jobs by compute, person and rank, how long jobs ran by day, bytes by whose jobs wrote them, and which runners were heard of.
  `
  ALTER TABLE jobs ADD COLUMN rank INTEGER NOT NULL DEFAULT 4;
  CREATE INDEX jobs_queue ON jobs (workspace, compute, user, rank, serial)
    WHERE claimant = 'runner' AND claimed_by IS NULL AND status IN ('NotStarted', 'Queued') AND is_deleted = 0;
  CREATE INDEX jobs_held ON jobs (workspace, user) WHERE lease_until IS NOT NULL AND claimant = 'runner';
  CREATE TABLE run_time (workspace TEXT NOT NULL, user TEXT NOT NULL, day INTEGER NOT NULL, ms INTEGER NOT NULL,
    PRIMARY KEY (workspace, user, day)) WITHOUT ROWID;
  CREATE TABLE runners (workspace TEXT NOT NULL, id TEXT NOT NULL, computes TEXT NOT NULL, others INTEGER NOT NULL, seen_at INTEGER NOT NULL,
    PRIMARY KEY (workspace, id)) WITHOUT ROWID;
  CREATE TABLE storage (workspace TEXT NOT NULL, user TEXT NOT NULL, bytes INTEGER NOT NULL, PRIMARY KEY (workspace, user)) WITHOUT ROWID;
  ALTER TABLE blobs ADD COLUMN owner TEXT NOT NULL DEFAULT '';
  UPDATE blobs SET owner = coalesce((SELECT j.user FROM jobs j WHERE j.workspace = blobs.workspace
    AND j.name = substr(substr(path, 20), 1, instr(substr(path, 20), '/') - 1)), '') WHERE container = 'azureml' AND path GLOB 'ExperimentRun/dcid.*/*';
  UPDATE blobs SET owner = coalesce((SELECT j.user FROM jobs j WHERE j.workspace = blobs.workspace
    AND j.name = substr(substr(path, 9), 1, instr(substr(path, 9), '/') - 1)), '') WHERE container = 'azureml-blobstore' AND path GLOB 'azureml/*/*';
  INSERT INTO storage SELECT workspace, owner, sum(size) FROM blobs GROUP BY workspace, owner;
  INSERT INTO run_time SELECT workspace, user, ended_at / 86400000, sum(ended_at - started_at) FROM jobs
    WHERE claimant = 'runner' AND ended_at > started_at GROUP BY workspace, user, ended_at / 86400000;
  `,
  // Large files are few; other versions of one are found by the end of its path.
  'CREATE INDEX blobs_large ON blobs (workspace, container) WHERE size >= 4194304;',
];

/** The format that this Updraft writes. */
export const formatVersion: number = migrations.length;

/** Brings the database up to date (or to an older format, as a test wants it) in one transaction; throws `DataFolderNewer` when a later Updraft has written it. */
export function migrate(db: DatabaseSync, dataFolder: string, to: number = formatVersion): void {
  const version = versionOf(db);
  if (version > to) {
    throw new UserError(
      'DataFolderNewer',
      `The data folder ${dataFolder} was written by a newer Updraft (format ${version}, this one knows ${to}).`,
      'Update Updraft, or choose another folder with --data.',
    );
  }
  if (version === to) return;
  db.exec('BEGIN IMMEDIATE');
  if (versionOf(db) !== version) {
    // Another process was faster.
    db.exec('ROLLBACK');
    return migrate(db, dataFolder, to);
  }
  try {
    for (const step of migrations.slice(version, to)) {
      if (typeof step === 'string') db.exec(step);
      else step(db);
    }
    db.exec(`PRAGMA user_version = ${to}`);
    db.exec('COMMIT');
  } catch (error) {
    db.exec('ROLLBACK');
    throw error;
  }
}

const versionOf = (db: DatabaseSync): number => (db.prepare('PRAGMA user_version').get() as { user_version: number }).user_version;
