/** A parameter that a Python script reads from its command line; offsets in the script's text. */
export interface ScriptParameter {
  /** `--learning-rate`, or the bare name of a positional one. */
  name: string;
  type?: string;
  default?: string;
  help?: string;
  /** It takes one of some words. */
  hasChoices?: true;
  required: boolean;
  start: number;
  end: number;
}

/** Characters of a script that are read. */
const scriptLimit = 500_000;

/** Parameters declared with argparse, click or typer, found in the text without running it. */
export function scriptParameters(script: string): ScriptParameter[] {
  const text = script.slice(0, scriptLimit);
  const found: ScriptParameter[] = [];
  for (const call of text.matchAll(/\badd_argument\s*\(|@(?:click\.)?(?:option|argument)\s*\(/g)) {
    const from = call.index + call[0].length;
    const isPositional = call[0].includes('argument') && call[0].startsWith('@');
    const parts = splitArguments(text, from);
    const names = parts.flatMap(({ text: part, at }) => {
      const match = /^[rub]?(["'])([^"'\n]*)\1$/.exec(part);
      return match ? [{ name: match[2]!.split(/[/\s]/)[0]!, at: at + part.indexOf(match[2]!) }] : [];
    });
    const name = names.find((each) => each.name.startsWith('--')) ?? names[0];
    if (!name?.name) continue;
    const option = (key: string) =>
      parts.map(({ text: part }) => new RegExp(`^${key}\\s*=\\s*([\\s\\S]+)$`).exec(part)?.[1]?.trim()).find((each) => each !== undefined);
    const type = option('type');
    const byDefault = option('default');
    const help = option('help');
    found.push({
      name: name.name,
      ...(type
        ? { type: type.replace(/^click\./, '') }
        : option('action')?.includes('store_true') || option('is_flag') === 'True'
          ? { type: 'flag' }
          : {}),
      ...(byDefault && byDefault !== 'None' ? { default: byDefault } : {}),
      ...(help ? { help: unquoted(help) } : {}),
      ...(option('choices') ? { hasChoices: true as const } : {}),
      required: option('required') === 'True' || isPositional || !name.name.startsWith('-'),
      start: name.at,
      end: name.at + name.name.length,
    });
  }
  if (/\btyper\b/.test(text)) found.push(...typerParameters(text));
  return found;
}

/** Arguments of functions that typer runs: `epochs: int = 3` is `--epochs`. */
function typerParameters(text: string): ScriptParameter[] {
  const found: ScriptParameter[] = [];
  const isRun = (name: string, before: string) =>
    /@\w+\.(?:command|callback)\([^)]*\)\s*$/.test(before) || new RegExp(`typer\\.run\\(\\s*${name}\\s*\\)`).test(text);
  for (const definition of text.matchAll(/^(?:async\s+)?def\s+(\w+)\s*\(/gm)) {
    if (!isRun(definition[1]!, text.slice(Math.max(0, definition.index - 300), definition.index))) continue;
    for (const { text: part, at } of splitArguments(text, definition.index + definition[0].length)) {
      const match = /^(\w+)\s*:\s*([\s\S]+?)(?:\s*=\s*([\s\S]+))?$/.exec(part);
      if (!match) continue;
      const [, name, annotation, value] = match as unknown as [string, string, string, string | undefined];
      const annotated = /^Annotated\[\s*([\w.]+)\s*,\s*typer\.(Option|Argument)\(([\s\S]*)\)\s*\]$/.exec(annotation);
      const called = /^typer\.(Option|Argument)\(([\s\S]*)\)$/.exec(value ?? '');
      const inner = annotated?.[3] ?? called?.[2] ?? '';
      const isPositional = annotated ? annotated[2] === 'Argument' : called ? called[1] === 'Argument' : value === undefined;
      const byDefault = called ? /^\s*([^,=]+?)\s*(?:,|$)/.exec(inner)?.[1] : value;
      const given = byDefault && !['...', 'None'].includes(byDefault) ? byDefault : undefined;
      const help = /help\s*=\s*(["'])([\s\S]*?)\1/.exec(inner)?.[2];
      found.push({
        name: isPositional ? name : `--${name.replaceAll('_', '-')}`,
        type: annotated?.[1] ?? annotation.trim(),
        ...(given ? { default: given } : {}),
        ...(help ? { help } : {}),
        required: given === undefined && byDefault !== 'None',
        start: at,
        end: at + name.length,
      });
    }
  }
  return found;
}

/** The arguments of a call whose bracket opened before `from`, split at its commas. */
function splitArguments(text: string, from: number): { text: string; at: number }[] {
  const parts: { text: string; at: number }[] = [];
  let depth = 0;
  let quote = '';
  let start = from;
  const push = (end: number) => {
    const raw = text.slice(start, end).replace(/#[^\n"']*$/gm, '');
    const lead = /^\s*/.exec(raw)![0].length;
    if (raw.trim()) parts.push({ text: raw.trim(), at: start + lead });
  };
  for (let i = from; i < Math.min(text.length, from + 20_000); i++) {
    const char = text[i]!;
    if (quote) {
      if (char === '\\') i++;
      else if (text.startsWith(quote, i)) {
        i += quote.length - 1;
        quote = '';
      }
    } else if (char === '"' || char === "'") {
      quote = text.startsWith(char.repeat(3), i) ? char.repeat(3) : char;
      i += quote.length - 1;
    } else if (char === '#') {
      const end = text.indexOf('\n', i);
      i = end < 0 ? text.length : end;
    } else if ('([{'.includes(char)) depth++;
    else if (')]}'.includes(char)) {
      if (depth-- === 0) {
        push(i);
        return parts;
      }
    } else if (char === ',' && depth === 0) {
      push(i);
      start = i + 1;
    }
  }
  return parts;
}

const unquoted = (text: string): string => text.replace(/["']\s*\n?\s*["']/g, '').replace(/^[rubf]*(["'])([\s\S]*)\1$/, '$2');
