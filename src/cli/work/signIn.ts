import { hostname } from 'node:os';
import { UserError } from '../../base/userError.ts';
import { Http } from '../../client/http.ts';
import { askForCode, waitForSignIn } from '../../client/signInByCode.ts';
import { check } from '../../protocol/check.ts';
import { WhoAsks } from '../../protocol/signIn.ts';
import { everywhere } from '../commonOptions.ts';
import { changeServers, readServers } from '../keptServers.ts';
import { openInBrowser } from '../openInBrowser.ts';
import type { Outcome } from '../output/outcome.ts';
import { flag, type Parsed, text } from '../parsed.ts';
import { addressOfServer, mustBeSafe } from '../serverOf.ts';
import { factLines, timeOf } from '../textParts.ts';
import { needless } from './aroundAz.ts';
import { shortScope } from './roleAssignments.ts';
import { teamPlane } from './teamPlane.ts';

/** Signs in with the identity provider of a control plane, by a code that is entered in any browser. */
export async function login(parsed: Parsed): Promise<Outcome> {
  const given = serverGiven(parsed) ?? (isOfAz(parsed) ? undefined : process.env.UPDRAFT_SERVER || readServers().current);
  if (!given || given === 'local')
    return needless(
      'No sign-in is needed: everything is on this machine. To the control plane of a team: updraft login --server https://host',
      parsed,
    );
  const url = addressOfServer(given);
  mustBeSafe(url);
  const plane = new Http({ url, token: '' });
  const device = await askForCode(plane);
  process.stderr.write(`To sign in to ${url}, open this address and enter the code ${device.userCode}:\n\n  ${device.verificationUri}\n\n`);
  if (!flag(parsed, 'no-browser')) openInBrowser(device.verificationUriComplete ?? device.verificationUri);
  const { token, name, expiresAt } = await waitForSignIn(plane, device, hostname());
  await changeServers((kept) => ({ ...kept, current: url, servers: { ...kept.servers, [url]: { token, name, expiresAt } } }));
  return {
    value: { server: url, name, expiresAt },
    text: () =>
      `Signed in to ${url} as ${name}, until ${timeOf(expiresAt)}.\nCommands work there now; "updraft logout", or --server local, leads back to this machine.`,
  };
}

const serverGiven = (parsed: Parsed): string | undefined => text(parsed, 'server') ?? (isOfAz(parsed) ? undefined : parsed.positionals[0]);
/** With other options than ours it is a line of a script for `az`. */
const isOfAz = ({ values }: Parsed): boolean => Object.keys(values).some((name) => !own.includes(name));
const own = ['server', 'no-browser', 'everywhere', ...Object.keys(everywhere)];

/** Signs out of a control plane, and forgets its token also where it can't be reached. */
export async function logout(parsed: Parsed): Promise<Outcome> {
  const kept = readServers();
  const given = serverGiven(parsed) ?? (isOfAz(parsed) ? undefined : kept.current);
  if (given === undefined) return needless('There is no sign-in to end.', parsed);
  const url = addressOfServer(given);
  const server = kept.servers[url];
  if (!server) throw new UserError('NotFound', `You are not signed in to ${url}.`);
  let note = '';
  try {
    await new Http({ url, token: server.token, patienceMs: 10_000 }).json('POST', '/updraft/sign-out', {
      everywhere: flag(parsed, 'everywhere'),
    });
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    // A token that is good no more needs no end.
    if (error.code !== 'Unauthorized')
      note = `\nIts token was forgotten here, but not ended there: it is good until ${timeOf(server.expiresAt)}. ${error.message}`;
  }
  await changeServers(({ current, servers, ...kept }) => {
    const { [url]: _gone, ...rest } = servers;
    return { ...kept, ...(current === undefined || current === url ? {} : { current }), servers: rest };
  });
  return { text: () => `Signed out of ${url}.${note}` };
}

export async function whoami(parsed: Parsed): Promise<Outcome> {
  const plane = await teamPlane(parsed);
  const who = check(WhoAsks, await plane.json('GET', '/updraft/who'), 'The answer of the control plane');
  const { name, displayName, kind, by, expiresAt, roles = [], groups = [], groupsNote, runner } = who;
  return {
    value: { server: plane.url, ...who },
    text: () =>
      factLines([
        ['control plane', plane.url],
        ['name', name],
        ['called', displayName === name ? undefined : displayName],
        ['kind', kinds[kind] ?? kind],
        ['came with', by && cameWith[by]],
        ['until', timeOf(expiresAt)],
        ['roles', roles.map(({ role, scope }) => `${role} (${shortScope(scope)})`).join(', ') || (by ? 'none' : undefined)],
        ['groups', groups.join(', ') || undefined],
        ['note', groupsNote],
        ['workspaces', runner?.workspaces.join(', ')],
        ['computes', runner && (runner.computes.join(', ') || 'all')],
      ]),
  };
}

const kinds: Record<string, string> = { user: 'person', service: 'program', owner: 'who operates this control plane' };
const cameWith: Record<NonNullable<WhoAsks['by']>, string> = {
  session: 'the session of a browser',
  login: 'updraft login',
  token: 'a personal token',
  secret: 'a client id and secret',
};
