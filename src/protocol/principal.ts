/**
 * Who asks: the owner of a plane, a job that runs (by its own token), or the plane itself. `id` is what the change log says of who wrote something;
 * `name` is shown to people.
 */
export type Principal =
  | { kind: 'owner'; id: string; name: string }
  | { kind: 'job'; id: string; name: string; job: string }
  | { kind: 'plane'; id: 'plane'; name: 'plane' };

/** What the plane does by itself: what every workspace has from the start, schedules, upkeep. */
export const thePlane: Principal = { kind: 'plane', id: 'plane', name: 'plane' };

export const ownerOf = (user: string): Principal => ({ kind: 'owner', id: `user/${user}`, name: user });

/** A job, which runs for `user`. */
export const jobPrincipal = (job: string, user: string): Principal => ({ kind: 'job', id: `job/${job}`, name: user, job });
