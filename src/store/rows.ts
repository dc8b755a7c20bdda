import { jobPropertiesOf } from './jobProperties.ts';
import type { Claim, StoredBlob, StoredExperiment, StoredJob, StoredResource } from './store.ts';

/** A row as a database answers it. Both databases name their columns alike, keep JSON as text, and yes or no as 1 or 0. */
type Row = Record<string, any>;

export const claimOf = (row: Row): Claim => ({
  name: row.name,
  workspace: row.workspace,
  status: row.status,
  claimedBy: row.claimed_by,
  leaseUntil: row.lease_until,
  rank: row.rank,
  startedAt: row.started_at,
});

export function resourceOf(row: Row | undefined): StoredResource | undefined {
  return (
    row && {
      workspace: row.workspace,
      kind: row.kind,
      name: row.name,
      version: row.version,
      properties: JSON.parse(row.properties),
      createdAt: row.created_at,
      modifiedAt: row.modified_at,
      createdBy: row.created_by,
      modifiedBy: row.modified_by,
    }
  );
}

export function jobOf(row: Row | undefined): StoredJob | undefined {
  return (
    row && {
      name: row.name,
      serial: row.serial,
      workspace: row.workspace,
      experimentId: String(row.experiment_id),
      experimentName: row.experiment_name,
      properties: jobPropertiesOf(row.properties),
      status: row.status,
      parent: row.parent,
      claimedBy: row.claimed_by,
      claim: row.claim,
      compute: row.compute,
      rank: row.rank,
      leaseUntil: row.lease_until,
      definition: row.definition,
      createdAt: row.created_at,
      modifiedAt: row.modified_at,
      startedAt: row.started_at,
      endedAt: row.ended_at,
      user: row.user,
      isDeleted: row.is_deleted === 1,
      artifactLocation: row.artifact_location,
    }
  );
}

export function experimentOf(row: Row | undefined): StoredExperiment | undefined {
  return (
    row && {
      id: String(row.id),
      workspace: row.workspace,
      name: row.name,
      createdAt: row.created_at,
      modifiedAt: row.modified_at,
      usedAt: row.used_at,
      isDeleted: row.is_deleted === 1,
      tags: JSON.parse(row.tags),
      artifactLocation: row.artifact_location,
    }
  );
}

export const blobOf = (row: Row): StoredBlob => ({
  path: row.path,
  sha256: row.sha256,
  size: row.size,
  modifiedAt: row.modified_at,
  metadata: JSON.parse(row.metadata),
});

/** What the paths of all files with the same name end with, where one without a folder gets a slash in front. */
export const endingOf = (path: string): string => `/${path.slice(path.lastIndexOf('/') + 1)}`;
