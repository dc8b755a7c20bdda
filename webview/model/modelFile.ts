/** What an `MLmodel` file says of a model. */
export interface ModelFile {
  /** What each flavor says of itself, by its name. */
  flavors: ReadonlyMap<string, ReadonlyMap<string, string>>;
  /** Columns and tensors in JSON, as MLflow keeps them. */
  signature: { inputs?: string; outputs?: string; params?: string };
  mlflowVersion: string | undefined;
  madeAt: string | undefined;
}

/** Reads the form in which MLflow writes the file: nested names by their indent, with texts plain or in quotes. What else there is, is passed over. */
export function readModelFile(text: string): ModelFile {
  const entries = entriesOf(text);
  const at = (...path: string[]) => entries.get(path.join('\n')) || undefined;
  const flavors = new Map<string, Map<string, string>>();
  for (const [path, value] of entries) {
    const [top, flavor, key, ...deeper] = path.split('\n');
    if (top !== 'flavors' || flavor === undefined || deeper.length) continue;
    const facts = flavors.get(flavor) ?? new Map<string, string>();
    flavors.set(flavor, facts);
    if (key !== undefined && value !== '') facts.set(key, value);
  }
  const [inputs, outputs, params] = [at('signature', 'inputs'), at('signature', 'outputs'), at('signature', 'params')];
  return {
    flavors,
    signature: { ...(inputs ? { inputs } : {}), ...(outputs ? { outputs } : {}), ...(params ? { params } : {}) },
    mlflowVersion: at('mlflow_version'),
    madeAt: at('utc_time_created'),
  };
}

/** Values by the names that lead to them, joined by line ends; null and what only holds others is ''. */
function entriesOf(text: string): Map<string, string> {
  const entries = new Map<string, string>();
  const lines = text.split(/\r?\n/);
  let within: { indent: number; name: string }[] = [];
  for (let index = 0; index < lines.length; index++) {
    const [, blanks, name, first] = /^( *)([\w.-]+):(?: +(.*))?$/.exec(lines[index]!) ?? [];
    if (blanks === undefined || name === undefined) continue;
    const indent = blanks.length;
    within = [...within.filter((each) => each.indent < indent), { indent, name }];
    const parts = [first ?? ''];
    if (isQuoted(parts[0]!)) {
      const quote = parts[0]![0]!;
      let quotes = quotesIn(parts[0]!, quote);
      // The quote that ends it, and those that stand in it, make an even number.
      while (quotes % 2 === 1 && index + 1 < lines.length) {
        parts.push(lines[++index]!.trim());
        quotes += quotesIn(parts.at(-1)!, quote);
      }
    } else if (parts[0] !== '')
      while (index + 1 < lines.length && isContinued(lines[index + 1]!, indent)) parts.push(lines[++index]!.trim());
    entries.set(within.map((each) => each.name).join('\n'), scalarOf(parts));
  }
  return entries;
}

const isQuoted = (text: string) => text.startsWith("'") || text.startsWith('"');
const quotesIn = (text: string, quote: string) => (quote === '"' ? text.replace(/\\(?:.|$)/g, '') : text).split(quote).length - 1;
const isContinued = (line: string, indent: number) => line.trim() !== '' && line.length - line.trimStart().length > indent;

/** The lines of a value as one text: a line end is a blank, an empty line is a line end. */
function scalarOf(parts: readonly string[]): string {
  const folded = parts
    .join('\n')
    .replace(/(?<!\\)(\\\\)*\\\n/g, '$1')
    .replace(/\n(\n*)/g, (_all, more: string) => more || ' ')
    .trim();
  if (folded.startsWith("'")) return folded.slice(1, -1).replaceAll("''", "'");
  if (!folded.startsWith('"')) return folded === 'null' || folded === '~' || folded === '{}' ? '' : folded;
  try {
    // JSON knows fewer escapes than YAML.
    return JSON.parse(
      folded.replace(/\\(?:x([0-9A-Fa-f]{2})|([\s\S]))/g, (all, hex?: string, escaped?: string) =>
        hex ? `\\u00${hex}` : '"\\/bfnrtu'.includes(escaped!) ? all : escaped === ' ' ? ' ' : '',
      ),
    ) as string;
  } catch {
    return '';
  }
}
