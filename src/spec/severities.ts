import type { DiagnosticCode, Severities } from './codes.ts';
import type { Diagnostic } from './diagnostic.ts';

/**
 * Applies what a person wants: `# updraft-ignore CODE, CODE` at the end of a line silences that line, on a line of its own the next one, without codes all of them;
 * `severities` gives a code another severity or switches it off. The answer is in the order of the file. A broken file stays one: syntax errors can't be silenced.
 */
export function settleSeverities(diagnostics: readonly Diagnostic[], text: string, severities: Severities = {}): Diagnostic[] {
  const ignored = text.includes('updraft-ignore') ? ignoredLines(text) : undefined;
  const result: Diagnostic[] = [];
  for (const each of diagnostics) {
    const wanted = severities[each.code as DiagnosticCode];
    if (each.code !== 'YamlSyntax') {
      const codes = ignored?.get(each.range.start.line);
      if (wanted === 'off' || (codes && (codes.length === 0 || codes.includes(each.code.toLowerCase())))) continue;
    }
    result.push(wanted && wanted !== 'off' && wanted !== each.severity ? { ...each, severity: wanted } : each);
  }
  return result.sort((a, b) => a.range.start.line - b.range.start.line || a.range.start.column - b.range.start.column);
}

/** Codes in lower case by line, from 1; an empty list stands for all. */
function ignoredLines(text: string): Map<number, string[]> {
  const lines = new Map<number, string[]>();
  for (const [index, line] of text.split(/\r\n|\r|\n/).entries()) {
    const match = /(^|\s)#\s*updraft-ignore\b:?([\w\s,]*)/.exec(line);
    if (!match) continue;
    const codes = match[2]!
      .split(/[\s,]+/)
      .filter(Boolean)
      .map((code) => code.toLowerCase());
    const at = /^\s*#/.test(line) ? index + 2 : index + 1;
    lines.set(at, [...(lines.get(at) ?? []), ...codes]);
  }
  return lines;
}
