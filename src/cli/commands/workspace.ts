import type { Command } from '../command.ts';
import { flag, named, path, text } from '../options.ts';

const work = () => import('../work/workspaces.ts');

/** `workspace …`: this machine has one, and as many names of it as are asked for; a team has as many as it makes. */
export const workspaceCommands: Command[] = [
  {
    names: ['workspace list'],
    what: 'Lists workspaces.',
    inWorkspace: true,
    options: { deleted: flag('Lists those that were deleted and can be recovered.') },
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
    what: "Deletes a workspace of a team, which can be recovered for 14 days. Of this machine's workspace, ends a further name; what is in it stays.",
    inWorkspace: true,
    options: {
      ...named,
      'permanently-delete': flag('Removes it for good, with all that is in it. Also one that was deleted before.', { short: 'p' }),
      'cancel-jobs': flag('Cancels its jobs and ends its deployments; else one in which something goes on is not deleted.'),
      'all-resources': flag('Of az: a workspace here has no resources beside it.'),
    },
    run: async (parsed) => (await work()).deleteWorkspace(parsed),
  },
  {
    names: ['workspace recover'],
    what: 'Brings back a workspace that was deleted.',
    inWorkspace: true,
    options: named,
    run: async (parsed) => (await work()).recoverWorkspace(parsed),
  },
];
