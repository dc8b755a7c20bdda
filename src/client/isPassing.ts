import { UserError } from '../base/userError.ts';

/** Whether the same request may go well later: the network or the plane was in trouble. Everything else is an answer. */
export const isPassing = (error: unknown): boolean =>
  error instanceof UserError && (error.code === 'PlaneUnreachable' || error.code === 'RemoteError' || error.code === 'DiskFull');
