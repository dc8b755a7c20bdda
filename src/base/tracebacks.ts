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

/** The line (from 0) of a log that tells why a job failed: what follows its last traceback, else the last line that speaks of an error. */
export function reasonLine(lines: readonly string[]): number | undefined {
  const last = (matches: (line: string) => boolean) => lines.findLastIndex(matches);
  const traceback = last((line) => line.startsWith('Traceback (most recent call last)'));
  if (traceback >= 0) {
    const end = lines.findIndex(
      (line, index) => index > traceback && /^[A-Za-z_][\w.]*(?:Error|Exception|Interrupt|Exit|Warning)?\b.*/.test(line),
    );
    return Math.max(end, traceback);
  }
  const error = last((line) => /\b(?:error|fatal|exception|failed|not found|no such file)\b/i.test(line));
  return error >= 0 ? error : undefined;
}
