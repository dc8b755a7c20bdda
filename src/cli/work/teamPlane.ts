import { UserError } from '../../base/userError.ts';
import { Http } from '../../client/http.ts';
import { findPlane } from '../../plane/ensurePlane.ts';
import { dataFolder } from '../connect.ts';
import { type Parsed, text } from '../parsed.ts';

/** Connects a command to the control plane of a team: the one at `--server`, else the one of this machine, with the token of its operator unless `--token` gives another. It starts none, since the plane of a team is always up. */
export async function teamPlane(parsed: Parsed): Promise<Http> {
  const [server, token] = [text(parsed, 'server'), text(parsed, 'token')];
  if (server !== undefined) {
    const bearer = token ?? process.env.MLFLOW_TRACKING_TOKEN;
    if (!bearer) throw new UserError('InvalidArgument', '--token is missing.', 'Give a personal token, also in MLFLOW_TRACKING_TOKEN.');
    return new Http({ url: server, token: bearer });
  }
  const lock = await findPlane(dataFolder(parsed));
  if (!lock)
    throw new UserError(
      'PlaneUnreachable',
      'The control plane does not run on this machine.',
      'Start it with "updraft serve --team", or say where it is with --server.',
    );
  return new Http({ url: lock.url, token: token ?? lock.token });
}
