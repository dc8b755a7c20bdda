import { UserError } from '../../base/userError.ts';
import type { ListView } from '../../client/planeClient.ts';
import { flag, type Parsed } from '../parsed.ts';

/** Which of what may be archived a list is to have. */
export function listView(parsed: Parsed): ListView {
  const [only, too] = [flag(parsed, 'archived-only'), flag(parsed, 'include-archived')];
  if (only && too) throw new UserError('InvalidArgument', '--archived-only and --include-archived exclude each other.');
  return only ? 'ArchivedOnly' : too ? 'All' : 'ActiveOnly';
}
