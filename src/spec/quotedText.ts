/** What stands between the quotes of a value, as YAML means it: line breaks folded, escapes replaced. Undefined for an escape that there is none of. */
export function quotedText(raw: string, mark: string): string | undefined {
  if (mark === "'") return (raw.includes('\n') ? foldedLines(raw.split(/\r?\n/)) : raw).replaceAll("''", "'");
  if (!raw.includes('\\')) return raw.includes('\n') ? foldedLines(raw.split(/\r?\n/)) : raw;
  let text = '';
  // What is escaped is no blank that folding takes away: the lines are folded between the escapes.
  let from = 0;
  /** A line break was taken out just before, and the blanks behind it go too. */
  let isJoined = false;
  const plain = (to: number): void => {
    const piece = isJoined ? raw.slice(from, to).replace(/^ +/, '') : raw.slice(from, to);
    text += piece.includes('\n') ? foldedLines(piece.split(/\r?\n/)) : piece;
  };
  for (let at = raw.indexOf('\\'); at >= 0; at = raw.indexOf('\\', from)) {
    plain(at);
    const next = raw[at + 1]!;
    const digits = next === 'x' ? 2 : next === 'u' ? 4 : next === 'U' ? 8 : 0;
    isJoined = next === '\n' || next === '\r';
    from = at + 2 + digits;
    if (next === '\r') from++;
    if (isJoined) continue;
    if (digits > 0) {
      const code = raw.slice(at + 2, from);
      if (code.length !== digits || !/^[0-9a-fA-F]+$/.test(code) || Number.parseInt(code, 16) > 0x10ffff) return undefined;
      text += String.fromCodePoint(Number.parseInt(code, 16));
    } else {
      const meant = escapes[next];
      if (meant === undefined) return undefined;
      text += meant;
    }
  }
  plain(raw.length);
  return text;
}

/** One line break is a blank, more are one less. Blanks around them go away, but not those at the beginning and the end of the whole. */
function foldedLines(lines: string[]): string {
  let text = lines[0]!.replace(/ +$/, '');
  let breaks = 0;
  for (let index = 1; index < lines.length; index++) {
    const isLast = index === lines.length - 1;
    const line = isLast ? lines[index]!.replace(/^ +/, '') : lines[index]!.trim();
    breaks++;
    if (line === '' && !isLast) continue;
    text += (breaks === 1 ? ' ' : '\n'.repeat(breaks - 1)) + line;
    breaks = 0;
  }
  return text;
}

const escapes: Record<string, string> = {
  0: '\0',
  a: '\x07',
  b: '\b',
  e: '\x1b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  N: '\u0085',
  _: '\u00a0',
  L: '\u2028',
  P: '\u2029',
  ' ': ' ',
  '"': '"',
  '/': '/',
  '\\': '\\',
};
