import path from 'node:path';
import { UserError } from '../../base/userError.ts';
import { ClientNames } from '../../language/planeNames.ts';
import type { Diagnostic, FileSource } from '../../spec/diagnostic.ts';
import { type LoadOptions, type LoadResult, loadSpec } from '../../spec/load.ts';
import type { SnapshotSize } from '../../spec/snapshotSize.ts';
import { localFiles } from '../../submit/localFiles.ts';
import { snapshotFiles, snapshotSize } from '../../submit/snapshotFiles.ts';
import { connect, dataFolder } from '../connect.ts';
import { type Parsed, text } from '../parsed.ts';
import { version } from '../version.ts';
import { readConfig } from './config.ts';
import { type FoundFile, findFiles } from './findFiles.ts';
import { type Format, formats } from './formats.ts';
import { type Result, ResultCache } from './resultCache.ts';

/** Checks files and folders as the command line says; answers the exit code: 1 when one has errors. Throws `InvalidArgument`. */
export async function validateFiles(parsed: Parsed): Promise<number> {
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
  /** Code folders are measured once a run. */
  const sizes = new Map<string, SnapshotSize | undefined>();
  const files: FileSource = {
    ...localFiles,
    snapshotSize(folder, includes) {
      const key = JSON.stringify([folder, includes]);
      if (!sizes.has(key)) sizes.set(key, sizeOf(folder, includes));
      return sizes.get(key);
    },
  };
  /** Component files are read once a run. */
  const loaded = new Map<string, LoadResult>();
  const check = ({ file, named }: FoundFile, isPart: boolean, files: FileSource, how: Pick<LoadOptions, 'names' | 'loaded'>): Result => {
    const { spec, diagnostics } = loadSpec(file, files, { ...settings, ...how, mustBeOurs: named, isPart });
    return { diagnostics, parts: [...(spec?.components.values() ?? [])].map((each) => each.file) };
  };

  let diagnostics: Diagnostic[];
  if (parsed.values.online) {
    const { client } = await connect(parsed);
    const names = new ClientNames(() => client);
    try {
      await names.connect();
      // The first round finds out what to ask for.
      for (const each of found) check(each, false, files, { names: names.assets });
      await names.settled();
      diagnostics = checkAll(found, (each, isPart) => check(each, isPart, files, { names: names.assets }));
    } finally {
      names.dispose();
    }
  } else if (parsed.values['no-cache']) diagnostics = checkAll(found, (each, isPart) => check(each, isPart, files, { loaded }));
  else {
    const cache = new ResultCache(path.join(dataFolder(parsed), 'cache'), [version, settings]);
    diagnostics = checkAll(found, (each, isPart) =>
      cache.get(`${each.file} ${each.named} ${isPart}`, each.file, files, (noted) => check(each, isPart, noted, {})),
    );
    cache.save();
  }
  const once = unique(diagnostics);
  process.stdout.write(`${formats[format](once, found.length, version)}\n`);
  return once.some((each) => each.severity === 'error') ? 1 : 0;
}

/** What is found in all files. A component that a step of another names may lack what only one that stands alone needs. */
function checkAll(found: readonly FoundFile[], check: (file: FoundFile, isPart: boolean) => Result): Diagnostic[] {
  const results = found.map((each) => check(each, false));
  const parts = new Set(results.flatMap((each) => each.parts));
  return results.flatMap(({ diagnostics }, index) => {
    const isOther = parts.has(found[index]!.file) && diagnostics.some(({ code }) => code === 'MissingField');
    return isOther ? check(found[index]!, true).diagnostics : diagnostics;
  });
}

/** A folder that can't be read has no size. */
function sizeOf(folder: string, includes: readonly string[]): SnapshotSize | undefined {
  try {
    return snapshotSize(snapshotFiles(folder, includes));
  } catch {
    return undefined;
  }
}

/** What is wrong with a component is found again by each pipeline that names it. */
function unique(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  const seen = new Map(diagnostics.map((each) => [`${each.file}\n${each.code}\n${JSON.stringify(each.range)}\n${each.message}`, each]));
  return [...seen.values()];
}
