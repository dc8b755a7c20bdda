import { nearest } from '../base/nearest.ts';
import { UserError } from '../base/userError.ts';
import type { Options } from './command.ts';
import { readServers } from './keptServers.ts';
import { text as option } from './options.ts';
import { type Parsed, text } from './parsed.ts';

/** Which control plane, and as whom. */
export const atServer: Options = {
  server: option(
    'Address or name (updraft remote) of a control plane elsewhere, or "local" for the one of this machine; the one that you signed in to when absent.',
    {
      value: 'URL|NAME',
    },
  ),
  token: option('Personal token for it; also in MLFLOW_TRACKING_TOKEN.', { value: 'TOKEN' }),
};

/** An origin as a person writes it: `updraft.example.org` means https. Plain http is for this machine alone, since the token would be readable on the way. */
export function originOfServer(given: string): string {
  const address = /^[a-z]+:\/\//i.test(given) ? given : `https://${given}`;
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || url.username || !/^\/?$/.test(url.pathname) || url.search)
    throw new UserError('InvalidArgument', `"${given}" is no address of a control plane.`, 'Give it as https://host[:port].');
  return url.origin;
}

/** The origin of a plane by its name (`updraft remote`) or its address. A word that is nearly a name is refused: as the name of a host it would be looked for in vain. */
export function addressOfServer(given: string): string {
  const { remotes = {} } = readServers();
  const named = remotes[given];
  if (named !== undefined) return named;
  const close = /[.:/]/.test(given) ? undefined : nearest(given, Object.keys(remotes));
  if (close !== undefined)
    throw new UserError('NotFound', `No control plane is called "${given}".`, `Did you mean "${close}"? "updraft remote list" shows all.`);
  return originOfServer(given);
}

/** What a person calls a plane: its name, else its address. */
export const nameOfServer = (url: string): string =>
  Object.entries(readServers().remotes ?? {}).find(([, each]) => each === url)?.[0] ?? url;

export function mustBeSafe(origin: string): void {
  const { protocol, hostname } = new URL(origin);
  if (protocol === 'https:' || /^(127\.\d+\.\d+\.\d+|localhost|\[::1\])$/.test(hostname)) return;
  throw new UserError(
    'InvalidArgument',
    `What you sign in with would go over the network in the clear to ${origin}.`,
    'Give its https address.',
  );
}

/** The control plane elsewhere that a command is for, with the token that it comes with, if there is one; undefined: that of this machine. */
export function serverOf(parsed: Parsed): { url: string; token: string | undefined } | undefined {
  const named = text(parsed, 'server') ?? process.env.UPDRAFT_SERVER;
  if (named === 'local') return undefined;
  // A data folder that is named is one of this machine.
  const current = named === undefined && text(parsed, 'data') === undefined ? readServers().current : undefined;
  const url = named ? addressOfServer(named) : current;
  if (url === undefined) return undefined;
  return { url, token: text(parsed, 'token') ?? variableFor(url) ?? readServers().servers[url]?.token };
}

/** The same call about another place. The token of the call is not for it. */
export const callAt = ({ values, ...rest }: Parsed, server: string, workspace: string | undefined): Parsed => ({
  ...rest,
  values: { ...values, server, token: undefined, 'workspace-name': workspace },
});

/** As `serverOf`, with a token. */
export function openServerOf(parsed: Parsed): { url: string; token: string } | undefined {
  const server = serverOf(parsed);
  if (!server) return undefined;
  const { url, token } = server;
  if (token === undefined)
    throw new UserError(
      'Unauthorized',
      `You are not signed in to ${url}.`,
      `Run "updraft login --server ${url}", or give --token, also in MLFLOW_TRACKING_TOKEN.`,
    );
  return { url, token };
}

/** The token in MLFLOW_TRACKING_TOKEN, unless MLFLOW_TRACKING_URI says that it is for another server. */
function variableFor(url: string): string | undefined {
  const { MLFLOW_TRACKING_TOKEN: token, MLFLOW_TRACKING_URI: uri } = process.env;
  const isOther = uri && URL.canParse(uri) && new URL(uri).origin !== url;
  return token && !isOther ? token : undefined;
}
