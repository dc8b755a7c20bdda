import { existsSync } from 'node:fs';
import path from 'node:path';
import { nearest } from '../../base/nearest.ts';
import { UserError } from '../../base/userError.ts';
import { codeNames, type Severities } from '../../spec/codes.ts';
import { SpecDocument } from '../../spec/document.ts';
import { localFiles } from '../../submit/localFiles.ts';

/** What `.updraft.yml` says under `validate:`. */
export interface ValidateConfig {
  /** Folder of the file; the current one without a file. `exclude` is relative to it. */
  folder: string;
  /** Patterns of `.gitignore`. */
  exclude: string[];
  severities: Severities;
  /** Whether it is said what the embedded plane does differently from Azure. */
  notes: boolean;
}

const names = ['.updraft.yml', '.updraft.yaml'];
const severities = ['error', 'warning', 'information', 'off'];

/** Reads the configuration: the file that is named, else the nearest `.updraft.yml` at or above `folder`. Throws `InvalidArgument` for one that can't be read. */
export function readConfig(folder: string, named: string | undefined): ValidateConfig {
  const file = named === undefined ? find(folder) : path.resolve(folder, named);
  if (!file) return { folder, exclude: [], severities: {}, notes: false };
  const text = localFiles.readText(file);
  if (text === undefined) throw new UserError('InvalidArgument', `The configuration ${named} does not exist.`);
  const document = new SpecDocument(file, text);
  const wrong = (message: string, hint?: string): never => {
    throw new UserError('InvalidArgument', message, hint, { file });
  };
  if (document.hasSyntaxErrors) wrong(document.diagnostics[0]!.message);
  const root = mapOf(document.toValue(document.root), 'the file');
  const config = mapOf(root.validate, '"validate"');
  for (const key of Object.keys(config))
    if (!['exclude', 'severities', 'notes'].includes(key))
      wrong(`"${key}" is no setting of "validate".`, 'There are exclude, severities and notes.');
  const exclude = config.exclude ?? [];
  if (!Array.isArray(exclude) || exclude.some((each) => typeof each !== 'string')) wrong('"exclude" must be a list of patterns.');
  const wanted = mapOf(config.severities, '"severities"');
  for (const [code, severity] of Object.entries(wanted)) {
    if (!(codeNames as string[]).includes(code)) {
      const close = nearest(code, codeNames);
      wrong(`There is no code "${code}".`, close ? `Did you mean "${close}"?` : 'docs/diagnostics lists them.');
    }
    // `off` is a truth value in older YAML.
    if (!severities.includes(severity === false ? 'off' : String(severity)))
      wrong(`"${String(severity)}" is no severity.`, `Use ${severities.join(', ')}.`);
  }
  return {
    folder: path.dirname(file),
    exclude: exclude as string[],
    severities: Object.fromEntries(
      Object.entries(wanted).map(([code, severity]) => [code, severity === false ? 'off' : severity]),
    ) as Severities,
    notes: config.notes === true,
  };

  function mapOf(value: unknown, what: string): Record<string, unknown> {
    if (value === undefined || value === null) return {};
    if (typeof value !== 'object' || Array.isArray(value)) wrong(`${what} must be a map.`);
    return value as Record<string, unknown>;
  }
}

function find(folder: string): string | undefined {
  for (let at = folder; ; at = path.dirname(at)) {
    const found = names.map((name) => path.join(at, name)).find((file) => existsSync(file));
    if (found || at === path.dirname(at)) return found;
  }
}
