import { env, ThemeIcon, window } from 'vscode';
import { UserError } from '../../base/userError.ts';
import type { PlaneClient } from '../../client/planeClient.ts';
import { assetPage } from '../../protocol/assetPage.ts';
import { registryAssetId } from '../../protocol/registry.ts';
import type { NamedKind } from '../state/assets.ts';
import { shareTargets } from '../state/shareTargets.ts';
import { ask, cancelled, versionArgument } from './arguments.ts';
import type { App, Command } from './command.ts';

/** Copies a version of the workspace to a registry of its plane. */
export const assetShare: Command = {
  id: 'updraft.asset.share',
  async run(app, argument) {
    const { of, asset, version } = await versionArgument(app, argument);
    if (asset.registry !== undefined)
      throw new UserError(
        'InvalidArgument',
        `${asset.name}:${version} is in the registry ${asset.registry} already.`,
        'Share a version of a workspace.',
      );
    const client = await app.plane.client();
    const title = `Share ${asset.name}:${version}`;
    const registry = await chooseRegistry(client, title);
    const target = await askForTarget(title, registry, `${asset.name}:${version}`);
    await client.shareAsset(of, { name: asset.name, version }, registry, target);
    await tellShared(app, of, registry, target);
  },
};

/** A registry that the person may share to, or a new one. Throws where there is none. */
async function chooseRegistry(client: PlaneClient, title: string): Promise<string> {
  const { open, closed, mayMake } = await shareTargets(client);
  if (open.length === 0 && !mayMake)
    throw new UserError(
      'AuthorizationFailed',
      closed.length > 0
        ? `Your roles let you read ${closed.join(', ')}, and not share to a registry.`
        : 'There is no registry here that you may share to.',
      'Ask an Owner for the role "AzureML Registry User" on a registry.',
    );
  const items = [
    ...open.map((label) => ({ label, iconPath: new ThemeIcon('library'), isNew: false })),
    ...(mayMake ? [{ label: 'New Registry…', iconPath: new ThemeIcon('add'), isNew: true }] : []),
  ];
  const placeHolder =
    closed.length > 0 ? `You may only read ${closed.join(', ')}` : 'Choose a registry: all who may read it can use the copy';
  const chosen = await window.showQuickPick(items, { title, placeHolder });
  if (!chosen) return cancelled();
  return chosen.isNew ? makeRegistry(client, [...open, ...closed]) : chosen.label;
}

/** `taken`: names of those that are there: to write one again would change it. */
async function makeRegistry(client: PlaneClient, taken: readonly string[]): Promise<string> {
  const name = await ask('New Registry', {
    prompt: 'Its name, which the whole plane has once',
    check(text) {
      const there = taken.find((each) => each.toLowerCase() === text.toLowerCase());
      if (there !== undefined) return `There is a registry "${there}" already: choose it in the list before.`;
      return /^[A-Za-z0-9][A-Za-z0-9_-]{1,32}$/.test(text)
        ? undefined
        : 'Use 2 to 33 letters, digits, "-" and "_", a letter or digit first.';
    },
  });
  return (await client.putRegistry(name, { location: 'local' })).name;
}

async function askForTarget(title: string, registry: string, value: string): Promise<{ name: string; version: string }> {
  const parts = /^([^:/]+):([^:/]+)$/;
  const text = await ask(title, {
    value,
    prompt: `Name and version in the registry ${registry}, where a version never changes`,
    check: (typed) => (parts.test(typed.trim()) ? undefined : 'Write NAME:VERSION.'),
  });
  const [, name = '', version = ''] = parts.exec(text.trim())!;
  return { name, version };
}

async function tellShared(app: App, of: NamedKind, registry: string, { name, version }: { name: string; version: string }): Promise<void> {
  const [open, copy] = ['Open', 'Copy Reference'];
  const chosen = await window.showInformationMessage(`Shared ${name}:${version} to the registry ${registry}.`, open, copy);
  if (chosen === copy) await env.clipboard.writeText(registryAssetId(registry, of, name, version));
  if (chosen === open) app.panels.open(assetPage({ kind: of, name, version, registry })!, name);
}
