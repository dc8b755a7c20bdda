import { UserError } from '../../base/userError.ts';
import type { IssuedRunnerToken, NewRunnerToken, RunnerTokenView } from '../../protocol/team.ts';
import type { Outcome } from '../output/outcome.ts';
import { flag, list, type Parsed, required, text, whole } from '../parsed.ts';
import { tableOf, timeOf } from '../textParts.ts';
import { addressFor, teamPlane } from './teamPlane.ts';

/** `token create --runner` */
export async function createRunnerToken(parsed: Parsed): Promise<Outcome> {
  const [workspaces, computes, days] = [list(parsed, 'workspace'), list(parsed, 'compute'), whole(parsed, 'days')];
  if (text(parsed, 'member') !== undefined)
    throw new UserError('InvalidArgument', 'The token of a runner is of no member.', 'Leave out --member.');
  if (workspaces.length === 0)
    throw new UserError('InvalidArgument', 'Say in which workspaces the runner takes jobs.', 'Give --workspace NAME, once for each.');
  if (computes.length > 0 === flag(parsed, 'every-compute'))
    throw new UserError(
      'InvalidArgument',
      'Say of which computes the runner takes jobs.',
      'Give --compute NAME, once for each, or --every-compute.',
    );
  const plane = await teamPlane(parsed);
  const asked: NewRunnerToken = { name: required(parsed, 'name'), workspaces, computes, ...(days === undefined ? {} : { days }) };
  const value = await plane.json<IssuedRunnerToken>('POST', '/updraft/team/runner-tokens', asked);
  const address = await addressFor(plane);
  return { value, text: () => tokenText(value, address) };
}

/** `token list --runner` */
export async function listRunnerTokens(parsed: Parsed): Promise<Outcome> {
  const { value } = await (await teamPlane(parsed)).json<{ value: RunnerTokenView[] }>('GET', '/updraft/team/runner-tokens');
  return {
    value,
    text: () =>
      tableOf(
        ['ID', 'NAME', 'WORKSPACES', 'COMPUTES', 'MADE BY', 'EXPIRES'],
        value.map((each) => [each.id, each.name, each.workspaces.join(', '), computesOf(each), each.createdBy, timeOf(each.expiresAt)]),
        'There is no token of a runner.',
      ),
  };
}

const computesOf = ({ computes }: RunnerTokenView): string => (computes.length ? computes.join(', ') : 'all');

const tokenText = (token: IssuedRunnerToken, url: string): string =>
  [
    `The token of the runner ${token.name}, which is not shown again. It is good until ${timeOf(token.expiresAt)}, for jobs of ${
      token.computes.length ? token.computes.join(', ') : 'every compute'
    } in ${token.workspaces.join(', ')}:`,
    '',
    `  export MLFLOW_TRACKING_TOKEN='${token.token}'`,
    `  updraft runner --server '${url}'`,
  ].join('\n');
