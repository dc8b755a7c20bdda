import { check } from '../protocol/check.ts';
import { WhomToAsk } from '../protocol/comment.ts';
import type { Http } from './http.ts';

/** Who gives who asks a role in a workspace. Of one that is not for them it is answered as of one that does not exist. */
export const whomToAsk = async (http: Http, workspace: string): Promise<WhomToAsk> =>
  check(WhomToAsk, await http.json('GET', `/updraft/whom-to-ask?workspace=${encodeURIComponent(workspace)}`), 'The answer');

/** Owners that are named to somebody; of more it is enough to know these. */
const most = 5;

/** "ask olga@example.org or vera@example.org", or whom else. */
export function askText({ owners }: Pick<WhomToAsk, 'owners'>): string {
  const names = owners.slice(0, most).map(({ name }) => name);
  return names.length === 0 ? 'ask an Owner of it, or who runs the control plane' : `ask ${names.join(' or ')}`;
}
