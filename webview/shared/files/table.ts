/** Rows of cells; the first row of the file names the columns. */
export interface Table {
  columns: string[];
  rows: string[][];
}

/** Reads comma- or otherwise separated values (RFC 4180): quotes, doubled quotes, line breaks inside them. Without `separator` it is guessed from the first line. */
export function parseTable(text: string, separator = guess(text)): Table {
  const rows: string[][] = [];
  let row: string[] = [];
  let cell = '';
  let isQuoted = false;
  for (let at = 0; at < text.length; at++) {
    const character = text[at]!;
    if (isQuoted) {
      if (character !== '"') cell += character;
      else if (text[at + 1] === '"') {
        cell += '"';
        at++;
      } else isQuoted = false;
    } else if (character === '"' && cell === '') isQuoted = true;
    else if (character === separator) {
      row.push(cell);
      cell = '';
    } else if (character === '\n' || character === '\r') {
      if (character === '\r' && text[at + 1] === '\n') at++;
      row.push(cell);
      rows.push(row);
      row = [];
      cell = '';
    } else cell += character;
  }
  if (cell !== '' || row.length) rows.push([...row, cell]);
  const [columns = [], ...body] = rows.filter((each) => each.length > 1 || each[0] !== '');
  return { columns, rows: body };
}

function guess(text: string): string {
  const line = text.slice(0, text.indexOf('\n') >>> 0);
  const count = (separator: string) => line.split(separator).length;
  return [',', ';', '\t', '|'].reduce((best, each) => (count(each) > count(best) ? each : best));
}
