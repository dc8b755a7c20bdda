import type { Command } from '../command.ts';
import { required } from '../options.ts';

export const armCommand: Command = {
  name: 'arm',
  summary: 'Prints the JSON that Azure gets for a YAML file, before anything is uploaded.',
  usage: '--file FILE',
  options: { file: { type: 'string', short: 'f' } },
  async run(parsed) {
    const { printArm } = await import('../printArm.ts');
    printArm(required(parsed, 'file'));
    return 0;
  },
};
