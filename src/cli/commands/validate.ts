import path from 'node:path';
import { plural } from '../../base/text.ts';
import { UserError } from '../../base/userError.ts';
import type { Command } from '../command.ts';
import { diagnosticText } from '../diagnosticText.ts';
import { print } from '../print.ts';

export const validateCommand: Command = {
  name: 'validate',
  summary: 'Checks YAML files. Exits with 1 when one has errors.',
  usage: 'FILE…',
  options: {},
  async run(parsed) {
    if (parsed.positionals.length === 0) throw new UserError('InvalidArgument', 'Which file?', 'updraft validate FILE…');
    const [{ loadSpec }, { localFiles }] = await Promise.all([import('../../spec/load.ts'), import('../../submit/localFiles.ts')]);
    const found = parsed.positionals.flatMap((file) => loadSpec(path.resolve(file), localFiles, { mustBeOurs: true }).diagnostics);
    const errors = found.filter((each) => each.severity === 'error').length;
    print(parsed, found, () =>
      [
        ...found.map(diagnosticText),
        errors
          ? `${plural(errors, 'error')} in ${plural(parsed.positionals.length, 'file')}.`
          : `${plural(parsed.positionals.length, 'file')} checked: no errors.`,
      ].join('\n'),
    );
    return errors ? 1 : 0;
  },
};
