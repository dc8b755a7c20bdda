import type { Command } from '../command.ts';
import { named, path, text } from '../options.ts';

const work = () => import('../work/workspaces.ts');

/** `workspace …`: this machine has one, and as many names of it as are asked for. */
export const workspaceCommands: Command[] = [
  {
    names: ['workspace list'],
    what: 'Lists workspaces.',
    inWorkspace: true,
    options: {},
    run: async (parsed) => (await work()).listWorkspaces(parsed),
  },
  {
    names: ['workspace show'],
    what: 'Shows a workspace.',
    inWorkspace: true,
    options: named,
    run: async (parsed) => (await work()).showWorkspace(parsed),
  },
  {
    names: ['workspace create'],
    what: "Makes a further name of this machine's workspace.",
    inWorkspace: true,
    options: {
      ...named,
      location: text('Region; any will do.', { short: 'l' }),
      file: path('Its YAML file, of which nothing is needed here.', { short: 'f', value: 'FILE' }),
    },
    run: async (parsed) => (await work()).createWorkspace(parsed),
  },
  {
    names: ['workspace delete'],
    what: 'Ends a further name; what is in the workspace stays.',
    inWorkspace: true,
    options: named,
    run: async (parsed) => (await work()).deleteWorkspace(parsed),
  },
];
