/** Text with its middle left out where it is longer than `most` characters. Surrogate pairs stay whole. */
export function middleShortened(text: string, most: number): string {
  const all = [...text];
  if (all.length <= most) return text;
  const tail = Math.floor((most - 1) / 2);
  return `${all.slice(0, most - 1 - tail).join('')}…${all.slice(all.length - tail).join('')}`;
}

/** Names of at most about `most` characters of which no two look alike: of those that would, the part in which they differ is shown. */
export function distinctNames(names: readonly string[], most: number): Map<string, string> {
  const byShort = new Map<string, string[]>();
  for (const name of new Set(names)) {
    const short = middleShortened(name, most);
    byShort.set(short, [...(byShort.get(short) ?? []), name]);
  }
  const found = new Map<string, string>();
  for (const [short, alike] of byShort) {
    if (alike.length === 1) {
      found.set(alike[0]!, short);
      continue;
    }
    const letters = alike.map((name) => [...name]);
    let start = 0;
    while (letters.every((each) => each[start] !== undefined && each[start] === letters[0]![start])) start++;
    for (const [index, each] of letters.entries()) {
      const rest = each.slice(Math.max(0, start - 2)).join('');
      const head = each.slice(0, Math.max(3, Math.floor(most / 3))).join('');
      found.set(alike[index]!, `${head}…${middleShortened(rest, most - Math.max(3, Math.floor(most / 3)) - 1)}`);
    }
  }
  return found;
}
