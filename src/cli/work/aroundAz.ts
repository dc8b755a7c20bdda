import { UserError } from '../../base/userError.ts';
import { defaultWorkspace } from '../../protocol/arm.ts';
import { defaultsFolder } from '../connect.ts';
import { readDefaults, writeDefaults } from '../defaults.ts';
import type { Outcome } from '../output/outcome.ts';
import { flag, list, type Parsed } from '../parsed.ts';
import { factsOf, tableOf } from '../textParts.ts';
import { version } from '../version.ts';

/** The account that `az account show` tells of: this machine has one, and no sign-in. */
const account = {
  environmentName: 'Updraft',
  homeTenantId: defaultWorkspace.subscription,
  id: defaultWorkspace.subscription,
  isDefault: true,
  managedByTenants: [],
  name: 'This machine',
  state: 'Enabled',
  tenantId: defaultWorkspace.subscription,
  user: { name: 'local', type: 'user' },
};
const ml = { extensionType: 'whl', name: 'ml', preview: false, version };

export const showAccount = (): Outcome => ({ value: account, text: () => factsOf(account) });
export const listAccounts = (): Outcome => ({ value: [account], text: () => factsOf(account) });
export const showExtension = (): Outcome => ({ value: ml, text: () => factsOf(ml) });
export const listExtensions = (): Outcome => ({ value: [ml], text: () => tableOf(['NAME', 'VERSION'], [[ml.name, version]], '') });

/** Nothing is needed where `az` needs something. */
export function needless(what: string, parsed: Parsed): Outcome {
  if (!flag(parsed, 'only-show-errors')) process.stderr.write(`${what}\n`);
  return {};
}

/** `configure --defaults group=G workspace=W`, kept in the data folder; `--list-defaults` tells them. */
export function configure(parsed: Parsed): Outcome {
  const folder = defaultsFolder(parsed);
  const given = list(parsed, 'defaults');
  if (given.length) writeDefaults(folder, Object.fromEntries(given.map((pair) => split(pair))));
  if (!flag(parsed, 'list-defaults')) return given.length ? { text: () => `The defaults are kept in ${folder}.` } : {};
  const kept = Object.entries(readDefaults(folder)).map(([name, value]) => ({ name, source: folder, value }));
  return {
    value: kept,
    text: () =>
      tableOf(
        ['NAME', 'VALUE'],
        kept.map(({ name, value }) => [name, value]),
        'No defaults are kept.',
      ),
  };
}

/** `config set defaults.group=G`: the same by another command; further settings of `az` mean nothing here. */
export function configSet(parsed: Parsed): Outcome {
  const pairs = parsed.positionals.map(split).filter(([key]) => key.startsWith('defaults.'));
  if (pairs.length)
    writeDefaults(defaultsFolder(parsed), Object.fromEntries(pairs.map(([key, value]) => [key.slice('defaults.'.length), value])));
  return {};
}

function split(pair: string): [string, string] {
  const at = pair.indexOf('=');
  if (at < 1)
    throw new UserError('InvalidArgument', `"${pair}" has no "=".`, 'Write for example --defaults group=my-group workspace=my-workspace');
  return [pair.slice(0, at), pair.slice(at + 1)];
}
