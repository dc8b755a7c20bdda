import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { NewJob, StoreWriter, WorkspaceStore } from '../../../src/store/store.ts';
import { asked, type Implementation, type OpenStores } from './implementations.ts';

/** A folder of its own for a test, and the stores that it opened there. */
export class StoreFolder {
  readonly folder = mkdtempSync(path.join(tmpdir(), 'updraft-store-'));
  private readonly opened: OpenStores[] = [];
  private readonly implementation: Implementation;

  constructor(implementation: Implementation) {
    this.implementation = implementation;
  }

  open(sizes?: 'usual' | 'tiny'): OpenStores {
    const stores = this.implementation.open(this.folder, sizes);
    this.opened.push(stores);
    return stores;
  }

  async remove(): Promise<void> {
    await Promise.all(this.opened.map(({ store }) => store.close()));
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** The rows of the tests' workspace, as their principal reads and writes them. */
export const rowsOf = ({ store }: OpenStores): WorkspaceStore => store.in(asked.workspace, asked.principal);

/** A job as a client would make it, with what matters to the test given. */
export const newJob = (name: string, experimentId: string, more: Partial<NewJob> = {}): NewJob => ({
  name,
  experimentId,
  properties: { jobType: 'Command', command: '', environmentId: '' },
  status: 'Running',
  parent: null,
  claimedBy: null,
  startedAt: 1,
  endedAt: null,
  user: 'u',
  isDeleted: false,
  ...more,
});

/** Stores a job in the experiment `e`, which is made when there is none. */
export async function addJob(writer: StoreWriter, name: string, more: Partial<NewJob> = {}): Promise<void> {
  const experiment = (await writer.experiment({ name: 'e' })) ?? (await writer.createExperiment('e'));
  await writer.putJob(newJob(name, experiment.id, more));
}
