import type { ValidationFailed } from '../submit/validationFailed.ts';

const most = 50;

/** What is wrong with a YAML file, a line each, with what to do. */
export function problemsText(file: string, diagnostics: ValidationFailed['diagnostics']): string {
  const lines = diagnostics
    .slice(0, most)
    .map(
      ({ file: where, range, severity, message, hint, code }) =>
        `${where || file}:${range.start.line}:${range.start.column}: ${severity}: ${message} [${code}]${hint ? ` ${hint}` : ''}`,
    );
  return [...lines, ...(diagnostics.length > most ? [`(and ${diagnostics.length - most} more)`] : [])].join('\n');
}
