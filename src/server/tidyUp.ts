import { aside } from '../base/aside.ts';
import { type Disposable, toDisposable } from '../base/disposable.ts';
import type { Logger } from '../base/logger.ts';
import { thePlane } from '../protocol/principal.ts';
import type { Blobs } from '../store/blobs.ts';
import type { Lease } from '../store/leases.ts';
import type { Store } from '../store/store.ts';
import type { AuditLog } from './audit/auditLog.ts';
import { registriesOf, storeOfRegistry } from './registries/registryNames.ts';
import type { Clock } from './schedules/clock.ts';
import { inSpan, type Tracer } from './tracing/tracer.ts';
import { removeGivenUpUploads } from './unfinishedUploads.ts';
import { ownWorkspaces } from './workspaceNames.ts';

/** Milliseconds between two rounds. */
const every = 6 * 3_600_000;
/** Milliseconds between two rounds of what each server keeps for an hour. */
const everyOwn = 3_600_000;
const dayMs = 86_400_000;

export interface TidyUpOptions {
  store: Store;
  blobs: Blobs;
  audit: AuditLog | undefined;
  auditDays: number;
  clock: Clock;
  logger: Logger;
  tracer?: Tracer | undefined;
  lease: Lease | undefined;
}

/**
 * Removes uploads that were given up, contents that nothing names any more, and lines of the audit log that are older than `auditDays` (0: none). It does so soon after it begins, and every few hours until it is
 * disposed of. Where a plane has several servers, one of them does it.
 */
export function startTidyUp({ store, blobs, audit, auditDays, clock, logger, tracer, lease }: TidyUpOptions): Disposable {
  let isOver = false;
  const rounds = repeat({ clock, logger, tracer, every, what: 'blobs that nobody needs' }, async () => {
    const registries = (await registriesOf(store)).map(({ name }) => storeOfRegistry(name));
    for (const workspace of [...(await ownWorkspaces(store)), ...registries]) {
      if (isOver) return;
      await removeGivenUpUploads(store.in(workspace, thePlane, lease), clock.now());
    }
    if (auditDays > 0 && !isOver) await audit?.trim(clock.now() - auditDays * dayMs);
    await blobs.sweep(async (sha256) => isOver || (await store.hasContent(sha256)));
  });
  return toDisposable(() => {
    isOver = true;
    rounds.dispose();
  });
}

/** Removes the copies of contents that this server alone has had for a while. */
export const startTidyUpOfCopies = ({
  blobs,
  clock,
  logger,
  tracer,
}: Pick<TidyUpOptions, 'blobs' | 'clock' | 'logger' | 'tracer'>): Disposable =>
  repeat({ clock, logger, tracer, every: everyOwn, what: 'copies of contents' }, async () => blobs.tidy?.());

/** What is left by a round that failed is found by the next one. */
function repeat(
  { clock, logger, tracer, every, what }: Pick<TidyUpOptions, 'clock' | 'logger' | 'tracer'> & { every: number; what: string },
  work: () => Promise<void>,
): Disposable {
  let isOver = false;
  let forget = () => {};
  const round = async () => {
    try {
      if (!isOver) await inSpan(tracer, `tidy up: ${what}`, work);
    } catch (error) {
      if (!isOver) logger.error(what, error);
    }
    if (!isOver) forget = clock.at(clock.now() + every, () => aside(what, round(), logger));
  };
  setImmediate(() => aside(what, round(), logger));
  return toDisposable(() => {
    isOver = true;
    forget();
  });
}
