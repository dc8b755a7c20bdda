import { open } from 'node:fs/promises';

/** A line of a text file. Without a text where it has more characters than anyone wants to look at. */
export interface Line {
  number: number;
  text: string | undefined;
}

const chunkBytes = 256 * 1024;

/**
 * The lines of a UTF-8 file in portions, each of a file as large as `mostBytes` at most; what follows is not read. A line ends as Python has it: by `\n`, `\r\n` or `\r`. Of a line with more than
 * `longest` characters no more than these are in memory.
 */
export async function* readLines(
  file: string,
  { mostBytes, longest, signal }: { mostBytes: number; longest: number; signal: AbortSignal },
): AsyncGenerator<Line[]> {
  const handle = await open(file);
  try {
    const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
    const bytes = Buffer.allocUnsafe(chunkBytes);
    let number = 1;
    let rest = '';
    let isTooLong = false;
    const take = (text: string): Line => {
      const line = { number: number++, text: isTooLong || text.length > longest ? undefined : text };
      isTooLong = false;
      return line;
    };
    for (let at = 0; at < mostBytes; ) {
      signal.throwIfAborted();
      const { bytesRead } = await handle.read(bytes, 0, Math.min(chunkBytes, mostBytes - at), at);
      if (bytesRead === 0) break;
      at += bytesRead;
      const text = rest + decoder.decode(bytes.subarray(0, bytesRead), { stream: true });
      const lines: Line[] = [];
      let from = 0;
      for (const { index, 0: end } of text.matchAll(/\r\n|\n|\r/g)) {
        // Whether a line feed follows is seen with the next portion.
        if (end === '\r' && index === text.length - 1) break;
        lines.push(take(text.slice(from, index)));
        from = index + end.length;
      }
      rest = text.slice(from);
      if (rest.length > longest) {
        isTooLong = true;
        rest = rest.endsWith('\r') ? '\r' : '';
      }
      yield lines;
    }
    rest += decoder.decode();
    if (rest.endsWith('\r')) rest = rest.slice(0, -1);
    if (rest !== '' || isTooLong) yield [take(rest)];
  } finally {
    await handle.close();
  }
}
