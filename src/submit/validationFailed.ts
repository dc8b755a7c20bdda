import { UserError } from '../base/userError.ts';
import type { Diagnostic } from '../spec/diagnostic.ts';

/** The file has errors; `diagnostics` says which and where. */
export class ValidationFailed extends UserError {
  readonly diagnostics: Diagnostic[];

  constructor(file: string, diagnostics: Diagnostic[]) {
    const errors = diagnostics.filter((each) => each.severity === 'error');
    const first = errors[0]!;
    super(first.code, first.message, first.hint, {
      file: first.file || file,
      line: first.range.start.line,
      column: first.range.start.column,
    });
    this.diagnostics = diagnostics;
  }
}
