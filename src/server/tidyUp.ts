import { aside } from '../base/aside.ts';
import type { Logger } from '../base/logger.ts';
import { thePlane } from '../protocol/principal.ts';
import type { Blobs } from '../store/blobs.ts';
import type { Store } from '../store/store.ts';
import type { AuditLog } from './audit/auditLog.ts';
import type { Clock } from './schedules/clock.ts';
import { removeGivenUpUploads } from './unfinishedUploads.ts';
import { ownWorkspaces } from './workspaceNames.ts';

/** Milliseconds between two rounds. */
const every = 6 * 3_600_000;
const dayMs = 86_400_000;

/** Removes what nobody needs any more, uploads that were given up, contents without a name and lines of the audit log that were kept for `auditDays` (0: for good): soon after the start, and every few hours until `ending` aborts. */
export function startTidyUp({
  store,
  blobs,
  audit,
  auditDays,
  clock,
  logger,
  ending,
}: {
  store: Store;
  blobs: Blobs;
  audit: AuditLog | undefined;
  auditDays: number;
  clock: Clock;
  logger: Logger;
  ending: AbortSignal;
}): void {
  let forget = () => {};
  const round = async () => {
    try {
      if (ending.aborted) return;
      for (const workspace of await ownWorkspaces(store)) await removeGivenUpUploads(store.in(workspace, thePlane), clock.now());
      if (auditDays > 0) await audit?.trim(clock.now() - auditDays * dayMs);
      await blobs.sweep(async (sha256) => ending.aborted || (await store.hasContent(sha256)));
    } catch (error) {
      // What is left is found by the next round.
      if (!ending.aborted) logger.error('blobs that nobody needs', error);
    }
    if (!ending.aborted) forget = clock.at(clock.now() + every, () => aside('tidy up', round(), logger));
  };
  ending.addEventListener('abort', () => forget());
  setImmediate(() => aside('tidy up', round(), logger));
}
