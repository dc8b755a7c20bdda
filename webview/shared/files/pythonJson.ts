/** Texts, and the words that Python writes for numbers that JSON does not have. */
const textOrWord = /"[^"\\]*(?:\\[\s\S][^"\\]*)*"|-?Infinity|NaN/g;
/** No text of a file begins like this: JSON has no such character unescaped. */
const mark = '\u0001updraft ';

/** Reads JSON, also as Python writes it: with `NaN`, `Infinity` and `-Infinity`. Throws where it is none. */
export function pythonJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (!/NaN|Infinity/.test(text)) throw error;
  }
  const marked = text.replace(textOrWord, (found) => (found.startsWith('"') ? found : `"${mark.replace('\u0001', '\\u0001')}${found}"`));
  return JSON.parse(marked, (_, value) => (typeof value === 'string' && value.startsWith(mark) ? Number(value.slice(mark.length)) : value));
}
