/** A place that a log names: characters `start` to `end` of the line, and what they point to. `line` counts from 1. */
export interface SourceReference {
  start: number;
  end: number;
  file: string;
  line: number;
}

/** Python's traceback line: https://docs.python.org/3/library/traceback.html */
const frame = /File "([^"\n]+)", line (\d+)/g;

/** The source references of one line of a log. */
export function sourceReferences(text: string): SourceReference[] {
  return [...text.matchAll(frame)].map((match) => ({
    start: match.index,
    end: match.index + match[0].length,
    file: match[1]!,
    line: Number(match[2]),
  }));
}

/** The path inside the snapshot when the file ran from a job's code folder (`…/jobs/{job}/code/…`) or is relative; undefined for libraries. */
export function inSnapshot(file: string): string | undefined {
  const normal = file.replaceAll('\\', '/');
  const ran = /\/jobs\/[^/]+\/code\/(.+)$/.exec(normal);
  if (ran) return ran[1];
  return /^(?:\/|[A-Za-z]:)/.test(normal) || normal.startsWith('<') ? undefined : normal.replace(/^\.\//, '');
}

/**
 * The line (from 0) of the exception that ended the last traceback: the first behind its last frame that is not indented, as the code of a frame is. What stands
 * before the frame (`[rank0]:` of torchrun, the bars of an exception group) stands before that line too.
 */
function exceptionRow(lines: readonly string[]): number | undefined {
  const at = lines.findLastIndex((line) => beforeFrame.test(line));
  if (at < 0) return undefined;
  const before = beforeFrame.exec(lines[at]!)![1]!.trimEnd();
  const row = lines.findIndex((line, index) => index > at && isException(line, before));
  return row < 0 ? undefined : row;
}

const beforeFrame = /^((?:\[[^\]]*\]:)?[\s|]*)File "[^"]+", line \d+/;

/** `ValueError: no data`, `mine.Broken`, `KeyboardInterrupt`. */
function isException(line: string, before: string): boolean {
  const text = before && line.startsWith(before) ? line.slice(before.length).replace(/^ /, '') : line;
  return /^[A-Za-z_][\w.]*(?:: .*|:)?$/.test(text.trimEnd());
}

/** The exception of the last traceback as Python tells it, without the frames; of several lines the first. */
export function lastException(lines: readonly string[]): string | undefined {
  const row = exceptionRow(lines);
  return row === undefined ? undefined : lines[row]!.replace(/^(?:\[[^\]]*\]:)?[\s|]*/, '').trimEnd();
}

/** The line (from 0) of a log that tells why a job failed: the exception of its last traceback, else the last line that speaks of an error. */
export function reasonLine(lines: readonly string[]): number | undefined {
  const exception = exceptionRow(lines);
  if (exception !== undefined) return exception;
  const error = lines.findLastIndex((line) => /\b(?:error|fatal|exception|failed|not found|no such file)\b/i.test(line));
  return error >= 0 ? error : undefined;
}
