import { env, Uri } from 'vscode';
import { pathOfPage } from '../../protocol/pageLink.ts';
import type { RegistryNode } from '../views/workspacesTree.ts';
import type { Command } from './command.ts';

/** The page of a registry in the browser, which also shows who may use it. Not in the palette. */
export const registryOpenStudio: Command = {
  id: 'updraft.registry.openStudio',
  async run(app, node) {
    const { name } = node as RegistryNode;
    await app.plane.client();
    const { url, token } = app.plane.connection!;
    const query = new URLSearchParams({ token, ...(app.current.isHere ? {} : { workspace: app.current.place.workspace }) });
    await env.openExternal(Uri.parse(`${url}/studio${pathOfPage({ page: 'registry', name })}?${query}`));
  },
};
