import type { Command, Options } from '../command.ts';
import { definition, described, named, text } from '../options.ts';

const work = () => import('../work/registries.ts');

const made: Options = {
  ...definition,
  ...described,
  location: text('Region; any will do.', { short: 'l', yaml: 'location' }),
};

/** `registry …`: what many workspaces share. */
export const registryCommands: Command[] = [
  {
    names: ['registry create'],
    what: 'Makes a registry: models, data, environments and components that many workspaces use.',
    inWorkspace: true,
    options: made,
    run: async (parsed) => (await work()).createRegistry(parsed, made),
  },
  {
    names: ['registry list'],
    what: 'Lists the registries on which you have a role.',
    inWorkspace: true,
    options: {},
    run: async (parsed) => (await work()).listRegistries(parsed),
  },
  {
    names: ['registry show'],
    what: 'Shows a registry.',
    inWorkspace: true,
    options: named,
    run: async (parsed) => (await work()).showRegistry(parsed),
  },
  {
    names: ['registry delete'],
    what: 'Deletes a registry with all that is in it; workspaces keep what their jobs have used.',
    inWorkspace: true,
    options: named,
    run: async (parsed) => (await work()).deleteRegistry(parsed),
  },
];
