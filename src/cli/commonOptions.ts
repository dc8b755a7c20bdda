import type { Command, Options } from './command.ts';
import { outputFormats } from './output/outputFormats.ts';
import { atServer } from './serverOf.ts';

/** Options that every command has. */
export const everywhere: Options = {
  data: { takes: 'path', what: 'Data folder of the control plane.', value: 'DIR' },
  output: {
    takes: 'text',
    short: 'o',
    what: `How the answer is written: ${outputFormats.join(', ')}.`,
    value: 'FORMAT',
    choices: outputFormats,
  },
  query: { takes: 'text', what: 'Which part of the answer: a JMESPath expression.', value: 'JMESPATH' },
  help: { takes: 'flag', short: 'h', what: 'Says what the command does.' },
  verbose: { takes: 'flag', what: 'Says what is being done.' },
  debug: { takes: 'flag', what: 'Shows where a defect of Updraft is.' },
  'only-show-errors': { takes: 'flag', what: 'Leaves out warnings.' },
};

/** Options that commands in a workspace have, as those of `az ml` do. */
export const inWorkspace: Options = {
  ...atServer,
  'resource-group': { takes: 'text', short: 'g', what: 'Resource group; any will do.', value: 'NAME' },
  'workspace-name': { takes: 'text', short: 'w', what: 'Workspace. Any name will do: it becomes one of this machine.', value: 'NAME' },
  subscription: { takes: 'text', what: 'Subscription; any will do.', value: 'ID' },
  'registry-name': {
    takes: 'text',
    what: 'Registry, in place of a workspace: of models, data, environments and components.',
    value: 'NAME',
  },
  'no-wait': { takes: 'flag', what: 'Does not wait until a deployment answers, or until what is deleted is gone.' },
  yes: { takes: 'flag', short: 'y', what: 'Nothing is asked here.' },
};

/** All options of a command; its own come before the common ones. */
export const optionsOf = (command: Command): Options => ({
  ...everywhere,
  ...(command.inWorkspace ? inWorkspace : {}),
  ...command.options,
});
