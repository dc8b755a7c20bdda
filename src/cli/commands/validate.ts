import path from 'node:path';
import { UserError } from '../../base/userError.ts';
import type { AssetNames } from '../../spec/checkAssets.ts';
import type { Diagnostic, FileSource } from '../../spec/diagnostic.ts';
import { type LoadResult, loadSpec } from '../../spec/load.ts';
import { localFiles } from '../../submit/localFiles.ts';
import type { Command } from '../command.ts';
import { connect, dataFolder } from '../connect.ts';
import { text } from '../options.ts';
import { readConfig } from '../validate/config.ts';
import { type FoundFile, findFiles } from '../validate/findFiles.ts';
import { type Format, formats } from '../validate/formats.ts';
import { AskedNames, fetchNames } from '../validate/onlineNames.ts';
import { ResultCache } from '../validate/resultCache.ts';
import { version } from '../version.ts';

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
  async run(parsed) {
    if (parsed.positionals.length === 0) throw new UserError('InvalidArgument', 'Which files?', 'updraft validate PATH…');
    const format = (text(parsed, 'format') ?? (parsed.values.output === 'json' ? 'json' : 'text')) as Format;
    if (!Object.hasOwn(formats, format))
      throw new UserError('InvalidArgument', `--format can't be "${format}".`, `It is one of ${Object.keys(formats).join(', ')}.`);
    const config = readConfig(process.cwd(), text(parsed, 'config'));
    const found = findFiles(
      parsed.positionals.map((each) => path.resolve(each)),
      config,
    );
    const settings = { severities: config.severities, localNotes: config.notes || parsed.values.notes === true };
    /** Component files are read once a run. */
    const loaded = new Map<string, LoadResult>();
    const check = ({ file, named }: FoundFile, files: FileSource, names?: AssetNames): Diagnostic[] =>
      loadSpec(file, files, { ...settings, mustBeOurs: named, ...(names ? { names } : { loaded }) }).diagnostics;

    let diagnostics: Diagnostic[];
    if (parsed.values.online) {
      const asked = new AskedNames();
      for (const each of found) check(each, localFiles, asked);
      const names = await fetchNames((await connect(parsed)).client, asked);
      diagnostics = found.flatMap((each) => check(each, localFiles, names));
    } else if (parsed.values['no-cache']) diagnostics = found.flatMap((each) => check(each, localFiles));
    else {
      const cache = new ResultCache(path.join(dataFolder(parsed), 'cache'), [version, settings]);
      diagnostics = found.flatMap((each) =>
        cache.get(
          `${each.file} ${each.named}`,
          each.file,
          localFiles,
          (files) => loadSpec(each.file, files, { ...settings, mustBeOurs: each.named }).diagnostics,
        ),
      );
      cache.save();
    }
    const once = unique(diagnostics);
    process.stdout.write(`${formats[format](once, found.length, version)}\n`);
    return once.some((each) => each.severity === 'error') ? 1 : 0;
  },
};

/** What is wrong with a component is found again by each pipeline that names it. */
function unique(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  const seen = new Map(diagnostics.map((each) => [`${each.file}\n${each.code}\n${JSON.stringify(each.range)}\n${each.message}`, each]));
  return [...seen.values()];
}
