/** Longest text of a value that is put on a page; the rest is not shown. */
const most = 1000;

/**
 * A text of a stranger as one harmless line: control characters as their pictures, and those that turn the direction of what follows, or can't be seen at all,
 * by their number. Scripts that are written from right to left stay as they are.
 */
export function plainText(text: string, longest = most): string {
  const cut = text.length > longest ? `${text.slice(0, longest)}…` : text;
  return cut.replace(/[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g, (character) => {
    const code = character.charCodeAt(0);
    // A line break or a tab between words is a space to the eye.
    if (code === 9 || code === 10 || code === 13) return ' ';
    // Scripts such as Persian and emoji are joined by these.
    if (code === 0x200c || code === 0x200d) return character;
    if (code < 0x20) return String.fromCharCode(0x2400 + code);
    return `⟨U+${code.toString(16).toUpperCase().padStart(4, '0')}⟩`;
  });
}
