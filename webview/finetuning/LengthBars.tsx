import { plural } from '../../src/base/text.ts';
import type { TokenCounts } from '../../src/protocol/finetuningForm.ts';
import { histogram, type Lengths } from './lengths.ts';

/** How long rows are, against how long they may be. */
export function LengthBars({ counts, lengths, mostTokens }: { counts: TokenCounts; lengths: Lengths; mostTokens: number }) {
  const { median, longest, sum, tooLongCount } = lengths;
  const { width, counts: bars } = histogram(counts.lengths, longest);
  const highest = Math.max(...bars);
  const number = (value: number) => Math.round(value).toLocaleString('en');
  const said = `${counts.isWhole ? `${number(sum)} tokens in all. ` : ''}Half of the rows have up to ${number(median)}, the longest has ${number(longest)}.`;
  return (
    <div className="lengths">
      <p>
        {said} {!counts.isWhole && `Counted in ${plural(counts.lengths.length, 'row')} in even distances, and in the longest.`}
      </p>
      <div
        className="length-bars"
        role="img"
        aria-label={`Rows by their tokens, from 0 to ${number(longest)}. ${tooLongCount} have more than the sequence length of ${number(mostTokens)}.`}
      >
        {bars.map((count, at) => (
          <span
            // biome-ignore lint/suspicious/noArrayIndexKey: a bar is its place
            key={at}
            className={at * width > mostTokens ? 'is-too-long' : ''}
            title={`${number(at * width)} to ${number((at + 1) * width - 1)} tokens: ${plural(count, 'row')}`}
            style={{ height: `${count === 0 ? 0 : Math.max(4, (100 * count) / highest)}%` }}
          />
        ))}
      </div>
      <p className="length-axis dim">
        <span>0</span>
        <span>{number(longest)} tokens</span>
      </p>
    </div>
  );
}
