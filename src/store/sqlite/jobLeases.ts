import type { DatabaseSync } from 'node:sqlite';
import { claimantOf } from '../../protocol/claims.ts';
import { computeNameOf } from '../../protocol/infrastructure.ts';

/** Who claims a job (`claimant`), the compute that was asked for, until when a claim holds, and what was submitted. */
export function jobLeases(db: DatabaseSync): void {
  db.exec(`
  ALTER TABLE jobs ADD COLUMN claimant TEXT;
  ALTER TABLE jobs ADD COLUMN compute TEXT NOT NULL DEFAULT '';
  ALTER TABLE jobs ADD COLUMN lease_until INTEGER;
  ALTER TABLE jobs ADD COLUMN definition TEXT;
  CREATE INDEX jobs_waiting ON jobs (claimant, serial) WHERE claimed_by IS NULL AND status NOT IN ('Completed', 'Failed', 'Canceled');
  CREATE INDEX jobs_claimed ON jobs (claimed_by) WHERE lease_until IS NOT NULL;
  `);
  const unended = db
    .prepare("SELECT serial, claimed_by, properties FROM jobs WHERE status NOT IN ('Completed', 'Failed', 'Canceled')")
    .all() as { serial: number; claimed_by: string | null; properties: string }[];
  const update = db.prepare('UPDATE jobs SET claimant = ?, compute = ?, lease_until = ?, claimed_by = ? WHERE serial = ?');
  for (const { serial, claimed_by, properties } of unended) {
    const job = JSON.parse(properties);
    const claimant = claimantOf(job) ?? null;
    // Pipelines and sweeps were claimed by runners: the orchestrator takes them up. What a runner has stays its own for one lease from the plane's start.
    const runner = claimant === 'orchestrator' ? null : claimed_by;
    update.run(claimant, computeNameOf(job.computeId), runner === null ? null : 0, runner, serial);
  }
}
