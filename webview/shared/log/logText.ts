/** A growing text in lines. Bytes may be cut anywhere. What a carriage return overwrites, such as a progress bar's past, is not kept. */
export class LogText {
  private readonly decoder = new TextDecoder();
  private rest = '';
  private complete: string[] = [];

  append(bytes: Uint8Array): void {
    const text = this.rest + this.decoder.decode(bytes, { stream: true });
    const lines = text.split('\n');
    this.rest = lines.pop()!;
    for (const line of lines) this.complete.push(overwritten(line));
  }

  /** All lines so far; the last one may still grow. A new array each time. */
  lines(): string[] {
    return this.rest === '' ? this.complete.slice() : [...this.complete, overwritten(this.rest)];
  }
}

function overwritten(line: string): string {
  const text = line.endsWith('\r') ? line.slice(0, -1) : line;
  return text.slice(text.lastIndexOf('\r') + 1);
}
