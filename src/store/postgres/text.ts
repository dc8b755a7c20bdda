/** PostgreSQL keeps no U+0000 in texts. It is written as two characters of which the first is U+0001; a U+0001 is too. The order of texts, and what begins with what, stay as they were. */
export const toDatabase = (text: string): string =>
  special.test(text) ? text.replace(eachSpecial, (found) => (found === '\u0000' ? '\u0001\u0001' : '\u0001\u0002')) : text;

export const fromDatabase = (text: string): string =>
  text.includes('\u0001') ? text.replace(/\u0001([\u0001\u0002])/g, (_, which) => (which === '\u0001' ? '\u0000' : '\u0001')) : text;

const special = /[\u0000\u0001]/;
const eachSpecial = /[\u0000\u0001]/g;
