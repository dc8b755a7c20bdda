import { UserError } from '../../base/userError.ts';
import { changeServers, readServers } from '../keptServers.ts';
import type { Outcome } from '../output/outcome.ts';
import type { Parsed } from '../parsed.ts';
import { mustBeSafe, originOfServer } from '../serverOf.ts';
import { tableOf, timeOf } from '../textParts.ts';

/** No dot, colon or slash: a name is never taken for an address. */
const shape = /^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$/;
/** Words that mean this machine. */
const taken: readonly string[] = ['local', 'localhost'];

/** Gives a control plane a name, by which `--server` and `--to` find it. */
export async function addRemote({ positionals: [name = '', address = ''] }: Parsed): Promise<Outcome> {
  if (!name || !address)
    throw new UserError('InvalidArgument', 'A name and an address are missing.', 'updraft remote add gpu-team https://updraft.example.org');
  if (!shape.test(name) || taken.includes(name.toLowerCase()))
    throw new UserError(
      'InvalidName',
      `A control plane can't be called "${name}".`,
      'Use letters, digits, "-" and "_", 63 at most; "local" is the one of this machine.',
    );
  const url = originOfServer(address);
  mustBeSafe(url);
  const before = readServers().remotes?.[name];
  if (before !== undefined && before !== url)
    throw new UserError('Conflict', `"${name}" is ${before} already.`, `Take it away first: updraft remote remove ${name}.`);
  await changeServers((kept) => ({ ...kept, remotes: { ...kept.remotes, [name]: url } }));
  const isSignedIn = readServers().servers[url] !== undefined;
  return {
    value: { name, url },
    text: () => `${name} is ${url}.${isSignedIn ? '' : ` Sign in to it: updraft login --server ${name}.`}`,
  };
}

export async function listRemotes(): Promise<Outcome> {
  const { remotes = {}, servers, current } = readServers();
  const named = Object.entries(remotes).sort(([a], [b]) => a.localeCompare(b));
  const unnamed = Object.keys(servers).filter((url) => !Object.values(remotes).includes(url));
  const all = [...named.map(([name, url]) => ({ name, url })), ...unnamed.map((url) => ({ name: '', url }))];
  const value = all.map(({ name, url }) => ({
    ...(name ? { name } : {}),
    url,
    ...(servers[url] ? { signedInAs: servers[url].name, until: servers[url].expiresAt } : {}),
    isCurrent: url === current,
  }));
  return {
    value,
    text: () =>
      tableOf(
        ['NAME', 'ADDRESS', 'SIGNED IN AS', 'UNTIL', 'CURRENT'],
        value.map((each) => [each.name, each.url, each.signedInAs, timeOf(each.until), each.isCurrent ? 'yes' : '']),
        'No control plane has a name yet. Give one: updraft remote add NAME URL.',
      ),
  };
}

/** Takes a name away. Who is signed in stays so. */
export async function removeRemote({ positionals: [name = ''] }: Parsed): Promise<Outcome> {
  const { remotes = {} } = readServers();
  if (remotes[name] === undefined)
    throw new UserError(
      'NotFound',
      `No control plane is called "${name}".`,
      Object.keys(remotes).length > 0 ? `There are ${Object.keys(remotes).join(', ')}.` : 'None has a name yet.',
    );
  await changeServers(({ remotes: { [name]: _gone, ...rest } = {}, ...kept }) => ({ ...kept, remotes: rest }));
  return { value: { removed: name }, text: () => `${name} means no control plane any more. You stay signed in to ${remotes[name]}.` };
}
