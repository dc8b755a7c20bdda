import { type Parsed, text } from '../parsed.ts';
import { colored, jsonText } from './jsonText.ts';
import type { Outcome } from './outcome.ts';
import type { OutputFormat } from './outputFormats.ts';
import type { Query } from './readQuery.ts';

/** How the answer of this call is written: as `--output` says, else as `AZURE_CORE_OUTPUT` says to what was called as `az ml`; undefined: for a person. */
export function formatOf(parsed: Parsed, environment: NodeJS.ProcessEnv = process.env): OutputFormat | undefined {
  const given = text(parsed, 'output');
  if (given) return given as OutputFormat;
  if (parsed.asAz) return (environment.AZURE_CORE_OUTPUT?.toLowerCase() as OutputFormat | undefined) || 'json';
  return parsed.values.query === undefined ? undefined : 'json';
}

/** Made before a command runs, so that a wrong query is said before anything is done. */
export async function printerOf(parsed: Parsed): Promise<(outcome: Outcome) => Promise<void>> {
  const format = formatOf(parsed);
  const expression = text(parsed, 'query');
  const query = expression === undefined ? undefined : (await import('./readQuery.ts')).readQuery(expression);
  return async (outcome) => {
    const written = await textOf(outcome, format, query);
    if (written !== undefined && written !== '') process.stdout.write(written.endsWith('\n') ? written : `${written}\n`);
  };
}

/** An answer in a format; undefined where nothing is to be written. */
export async function textOf(outcome: Outcome, format: OutputFormat | undefined, query?: Query): Promise<string | undefined> {
  const isTerminal = Boolean(process.stdout.isTTY) && !process.env.NO_COLOR;
  if (format === undefined && outcome.text) return outcome.text();
  if (format === 'none' || outcome.value === undefined) return undefined;
  const own = query ? mapsIn(outcome.value) : new Set<object>();
  const value = query ? query(outcome.value) : outcome.value;
  // As `az`, which has nothing to say of nothing.
  if (value === null || value === undefined) return undefined;
  switch (format) {
    case 'table':
      return !query && outcome.table
        ? (await import('./tableText.ts')).tableText(outcome.table(), true)
        : (await import('./tableText.ts')).tableText(value, query !== undefined);
    case 'tsv':
      return (await import('./tsvText.ts')).tsvText(value, (map) => query !== undefined && !own.has(map));
    case 'yaml':
    case 'yamlc':
      return (await import('./yamlText.ts')).yamlText(value);
    case 'jsonc':
      return isTerminal ? colored(jsonText(value)) : jsonText(value);
    default:
      return jsonText(value);
  }
}

/** Every map in an answer: what a query gives beside them, it has made. */
function mapsIn(value: unknown, found = new Set<object>()): Set<object> {
  if (typeof value !== 'object' || value === null || found.has(value)) return found;
  found.add(value);
  for (const each of Object.values(value)) mapsIn(each, found);
  return found;
}
