/** Rows, and characters of all of them, whose tokens are counted. */
export const mostMeasured = { rows: 2000, characters: 8 << 20 };

/**
 * The rows whose tokens are counted, as indices into `characters`: `typical` ones tell of all rows, and are all of them where these are few; the `longest` decide what fits.
 */
export function measuredRows(characters: readonly number[], most = mostMeasured): { typical: number[]; longest: number[] } {
  const all = characters.map((_, at) => at);
  if (all.length <= most.rows && sum(characters) <= most.characters) return { typical: all, longest: [] };
  const byLength = [...all].sort((a, b) => characters[b]! - characters[a]!);
  const longest = within(byLength.slice(0, Math.floor(most.rows / 4)), characters, most.characters / 2);
  const count = most.rows - longest.length;
  const evenly = Array.from({ length: Math.min(count, all.length) }, (_, at) =>
    Math.floor((at * all.length) / Math.min(count, all.length)),
  );
  return { typical: within(evenly, characters, most.characters / 2), longest };
}

/** Those that have room in so many characters, the first first. */
function within(rows: readonly number[], characters: readonly number[], most: number): number[] {
  let left = most;
  return rows.filter((at) => {
    if (characters[at]! > left) return false;
    left -= characters[at]!;
    return true;
  });
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);
