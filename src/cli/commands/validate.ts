import type { Command } from '../command.ts';

export const validateCommand: Command = {
  name: 'validate',
  summary: 'Checks YAML files and folders of them. Exits with 1 when one has errors.',
  usage: 'PATH… [--format text|json|sarif|github] [--online] [--notes] [--config FILE] [--no-cache]',
  options: {
    format: { type: 'string', short: 'f' },
    online: { type: 'boolean' },
    notes: { type: 'boolean' },
    config: { type: 'string' },
    'no-cache': { type: 'boolean' },
  },
  // The schemas of all kinds are read for this command alone.
  run: async (parsed) => (await import('../validate/validateFiles.ts')).validateFiles(parsed),
};
