import { logFile } from '../../protocol/jobPlaces.ts';
import type { PlaneConnection } from './planeConnection.ts';

/** Bytes of a log's end that an editor is given: above 50 MB it would refuse the file. */
const shownBytes = 20_000_000;

/** Bytes that are read at a time. */
const pieceBytes = 4_000_000;

/** The end of a growing log; only what is new is read, and no more kept than is shown. */
export class JobLog {
  private bytes = new Uint8Array();
  /** Bytes of the log before those. */
  private hidden: number | undefined;
  private reading: Promise<void> | undefined;
  /** The reading that waits for the end of that one, which may have been answered before the log grew. */
  private next: Promise<void> | undefined;
  private readonly plane: PlaneConnection;
  private readonly job: string;
  /** When it last grew, in ms since 1970. */
  changedAt = Date.now();

  constructor(plane: PlaneConnection, job: string) {
    this.plane = plane;
    this.job = job;
  }

  /** Reads what was appended since the last time. */
  refresh(): Promise<void> {
    this.next ??= (this.reading ?? Promise.resolve()).then(
      () => this.begin(),
      () => this.begin(),
    );
    return this.next;
  }

  /** Whether its beginning is left out. */
  get isCut(): boolean {
    return (this.hidden ?? 0) > 0;
  }

  /** As text for an editor: without colours, and of a progress line that rewrites itself only its last form. */
  get text(): string {
    const hidden = this.hidden ?? 0;
    const text = plainText(new TextDecoder().decode(this.bytes));
    return hidden > 0 ? `[The first ${hidden} bytes are left out here; "Download outputs" brings the whole log.]\n${text}` : text;
  }

  private begin(): Promise<void> {
    this.next = undefined;
    this.reading = this.read();
    return this.reading;
  }

  private async read(): Promise<void> {
    const client = await this.plane.client();
    this.hidden ??= Math.max(0, (await client.logSize(this.job, logFile)) - shownBytes);
    for (;;) {
      const more = await client.readLog(this.job, logFile, this.hidden + this.bytes.length, pieceBytes);
      if (more.length === 0) return;
      const all = new Uint8Array(this.bytes.length + more.length);
      all.set(this.bytes);
      all.set(more, this.bytes.length);
      const surplus = Math.max(0, all.length - shownBytes);
      this.bytes = all.slice(surplus);
      this.hidden += surplus;
      // Two changes in one millisecond must differ, or the editor takes the file for unchanged.
      this.changedAt = Math.max(Date.now(), this.changedAt + 1);
      if (more.length < pieceBytes) return;
    }
  }
}

/** Removes ANSI control sequences, and what a carriage return wrote over. */
export function plainText(text: string): string {
  const lines = text.replace(/\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)/g, '').split('\n');
  // Line by line, since a pattern that looks for the last carriage return takes ages over a long line without one.
  return lines.map((line, index) => (index < lines.length - 1 ? lastForm(withoutEnd(line)) : lastForm(line))).join('\n');
}

/** What is behind the last carriage return that something follows. */
const lastForm = (line: string): string => (line.length < 2 ? line : line.slice(line.lastIndexOf('\r', line.length - 2) + 1));

/** Without the carriage returns before the end of the line. */
function withoutEnd(line: string): string {
  let end = line.length;
  while (line[end - 1] === '\r') end--;
  return line.slice(0, end);
}
