import path from 'node:path';
import type { Diagnostic } from '../spec/diagnostic.ts';

/** `pipeline.yml:12:5: error: … [code]` with the hint on a line of its own. */
export function diagnosticText({ file, range, severity, message, hint, code }: Diagnostic): string {
  const shown = path.relative(process.cwd(), file);
  return `${shown.startsWith('..') ? file : shown}:${range.start.line}:${range.start.column}: ${severity}: ${message} [${code}]${hint ? `\n  ${hint}` : ''}`;
}
