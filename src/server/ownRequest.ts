import type { Context } from 'hono';
import type { Lease } from '../store/leases.ts';

/** What the plane's own parts say with a request that never goes through a socket. */
export interface OwnRequest {
  isOwn: true;
  /** Under which it is made: what it writes is refused once another server has the lease. */
  lease?: Lease | undefined;
}

/** undefined for a request of anybody else. */
export function ownRequestOf(c: Context): OwnRequest | undefined {
  const env = c.env as Partial<OwnRequest> | undefined;
  return env?.isOwn === true ? (env as OwnRequest) : undefined;
}
