import { UserError } from '../../base/userError.ts';

/** Runs a statement; throws `Conflict` with `message` when it would make a second row where there may be one: https://www.sqlite.org/rescode.html#constraint */
export function refuseTwins<T>(message: string, statement: () => T): T {
  try {
    return statement();
  } catch (error) {
    const { errcode } = error as { errcode?: number };
    throw errcode !== undefined && errcode % 256 === 19 ? new UserError('Conflict', message) : error;
  }
}
