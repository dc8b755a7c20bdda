/** A piece of a line in one look. */
export interface Span {
  text: string;
  /** Classes for colour and weight; '' for plain text. */
  look: string;
  /** Colours that are not the theme's, in CSS. */
  color?: string;
  background?: string;
}

interface Look {
  foreground?: string | undefined;
  background?: string | undefined;
  bold?: boolean;
  dim?: boolean;
  italic?: boolean;
  underline?: boolean;
}

const names = ['black', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan', 'white'];
/** Of a true colour with colons: its colour space, which nobody gives. */
const emptyColorSpace = /([34]8:2):(?=:)/g;
/** Escape sequences: CSI (ECMA-48 5.4), OSC up to BEL or ST, and the two-character ones. */
const sequence = /\x1b(?:\[([0-9;:]*)[ -/]*([@-~])|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])/g;

/** Splits a line at its colour codes (SGR with 16, 256 or all colours); every other control sequence is left out. Looks do not carry over to the next line. */
export function ansiSpans(line: string): Span[] {
  if (!line.includes('\x1b')) return line ? [{ text: line, look: '' }] : [];
  const spans: Span[] = [];
  let look: Look = {};
  let from = 0;
  const push = (text: string) => {
    if (text) spans.push({ text, look: classesOf(look), ...ownColors(look) });
  };
  for (const match of line.matchAll(sequence)) {
    push(line.slice(from, match.index));
    from = match.index + match[0].length;
    if (match[2] === 'm') look = after(look, (match[1] || '0').replace(emptyColorSpace, '$1').split(/[;:]/).map(Number));
  }
  push(line.slice(from));
  return spans;
}

/** The line without any escape sequence: what is searched and copied. */
export const plainText = (line: string): string => (line.includes('\x1b') ? line.replace(sequence, '') : line);

function after(look: Look, codes: number[]): Look {
  let now = { ...look };
  for (let at = 0; at < codes.length; at++) {
    const code = codes[at]!;
    if (code === 0) now = {};
    else if (code === 1) now.bold = true;
    else if (code === 2) now.dim = true;
    else if (code === 3) now.italic = true;
    else if (code === 4) now.underline = true;
    else if (code === 22) now = { ...now, bold: false, dim: false };
    else if (code === 23) now.italic = false;
    else if (code === 24) now.underline = false;
    else if (code >= 30 && code <= 37) now.foreground = names[code - 30];
    else if (code === 39) now.foreground = undefined;
    else if (code >= 40 && code <= 47) now.background = names[code - 40];
    else if (code === 49) now.background = undefined;
    else if (code >= 90 && code <= 97) now.foreground = `bright-${names[code - 90]}`;
    else if (code >= 100 && code <= 107) now.background = `bright-${names[code - 100]}`;
    else if (code === 38 || code === 48) {
      const isIndexed = codes[at + 1] === 5;
      const color = isIndexed ? indexedColor(codes[at + 2]) : trueColor(codes.slice(at + 2, at + 5));
      if (color) now[code === 38 ? 'foreground' : 'background'] = color;
      at += isIndexed ? 2 : 4;
    }
  }
  return now;
}

const isByte = (value: number | undefined): value is number => value !== undefined && value >= 0 && value <= 255;
const hexOf = (parts: readonly number[]): string => `#${parts.map((each) => each.toString(16).padStart(2, '0')).join('')}`;
const trueColor = (parts: readonly number[]): string | undefined => (parts.length === 3 && parts.every(isByte) ? hexOf(parts) : undefined);

/** Of the 256 colours the first 16 are the theme's, then come a cube of 6 by 6 by 6 and 24 greys, as xterm has them. */
function indexedColor(index: number | undefined): string | undefined {
  if (!isByte(index)) return undefined;
  if (index < 16) return index < 8 ? names[index] : `bright-${names[index - 8]}`;
  if (index >= 232) return hexOf([0, 0, 0].map(() => 8 + 10 * (index - 232)));
  const level = (step: number) => (step === 0 ? 0 : 55 + 40 * step);
  return hexOf([Math.floor((index - 16) / 36), Math.floor((index - 16) / 6) % 6, (index - 16) % 6].map(level));
}

const isOwn = (color: string | undefined): color is string => color?.startsWith('#') ?? false;

const ownColors = ({ foreground, background }: Look): Pick<Span, 'color' | 'background'> => ({
  ...(isOwn(foreground) ? { color: foreground } : {}),
  ...(isOwn(background) ? { background } : {}),
});

function classesOf(look: Look): string {
  const classes = [
    // One that has no ground of its own is made light or dark enough for the theme's.
    isOwn(look.foreground) ? !look.background && 'fg-own' : look.foreground && `fg-${look.foreground}`,
    !isOwn(look.background) && look.background && `bg-${look.background}`,
    look.bold && 'bold',
    look.dim && 'faint',
    look.italic && 'italic',
    look.underline && 'underline',
  ];
  return classes.filter(Boolean).join(' ');
}
