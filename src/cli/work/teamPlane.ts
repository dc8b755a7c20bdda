import { UserError } from '../../base/userError.ts';
import { Http } from '../../client/http.ts';
import { findPlane } from '../../plane/ensurePlane.ts';
import type { PlaneStatus } from '../../protocol/plane.ts';
import { dataFolder } from '../connect.ts';
import { type Parsed, text } from '../parsed.ts';
import { openServerOf } from '../serverOf.ts';

/**
 * Connects a command to the control plane of a team. That is the one that the command names, or the one that the person has signed in to, or else the one of this machine. There the token of its operator is used,
 * unless `--token` gives another. No plane is started: a team's plane runs always.
 */
export async function teamPlane(parsed: Parsed): Promise<Http> {
  const server = openServerOf(parsed);
  if (server) return new Http(server);
  const lock = await findPlane(dataFolder(parsed));
  if (!lock)
    throw new UserError(
      'PlaneUnreachable',
      'The control plane does not run on this machine.',
      'Start it with "updraft serve --team", or say where it is with --server.',
    );
  return new Http({ url: lock.url, token: text(parsed, 'token') ?? lock.token });
}

/** Where others reach the control plane: who sees to it on its own machine has another address. */
export const addressFor = async (plane: Http): Promise<string> => (await plane.json<PlaneStatus>('GET', '/status')).publicUrl ?? plane.url;
