import { UserError } from '../base/userError.ts';

/** `DiskFull` where the system (ENOSPC) or SQLite (SQLITE_FULL, 13: https://www.sqlite.org/rescode.html) says so; any other error as it is. */
export function asDiskFull(error: unknown, lost: string): unknown {
  const { code, errcode } = error as { code?: string; errcode?: number };
  return code === 'ENOSPC' || errcode === 13
    ? new UserError('DiskFull', `The disk that holds the data folder is full; ${lost}.`, 'Free some space and try again.')
    : error;
}
