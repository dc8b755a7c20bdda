import type { ErrorCode } from '../base/userError.ts';
import type { SnapshotSize } from './snapshotSize.ts';

/** Where in a text something is; lines and columns count from 1, `end` is behind the last character. */
export interface Range {
  start: { line: number; column: number };
  end: { line: number; column: number };
}

export type Severity = 'error' | 'warning' | 'information';

/** One thing to say about a file: what is wrong, and in `hint` what to do. */
export interface Diagnostic {
  file: string;
  code: ErrorCode;
  severity: Severity;
  message: string;
  hint?: string;
  range: Range;
}

/** How `spec` sees files; synchronous, and blind to what its owner does not want to show. Paths are absolute. */
export interface FileSource {
  /** The file's text, undefined when it can't be read. */
  readText(path: string): string | undefined;
  kind(path: string): 'file' | 'folder' | undefined;
  /** What a code folder with its includes comes to as a snapshot; undefined while that is not known. */
  snapshotSize?(folder: string, includes: readonly string[]): SnapshotSize | undefined;
}
