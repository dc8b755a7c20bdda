/** A web address in a text, and where it stands. */
export interface WebLink {
  start: number;
  end: number;
  url: string;
}

/** No spaces, quotes or brackets of a text around it, and no characters that turn the direction of what follows. */
const address = /\bhttps?:\/\/[^\s<>"'`\\^{|}\u0000-\u0020\u007f-\u00a0\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]+/giu;

/** The web addresses of a line. What ends a sentence is not part of one. */
export function webLinks(text: string): WebLink[] {
  if (!text.includes('://')) return [];
  return [...text.matchAll(address)].flatMap((match) => {
    let url = match[0].replace(/[.,;:!?]+$/, '');
    // A bracket belongs to the address where it was opened in it.
    while (/[)\]]$/.test(url) && !hasOpening(url)) url = url.slice(0, -1).replace(/[.,;:!?]+$/, '');
    return URL.canParse(url) ? [{ start: match.index, end: match.index + url.length, url }] : [];
  });
}

function hasOpening(url: string): boolean {
  const [open, close] = url.endsWith(')') ? ['(', ')'] : ['[', ']'];
  return url.split(open!).length >= url.split(close!).length;
}
