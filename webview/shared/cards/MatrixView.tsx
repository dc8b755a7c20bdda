import { useEffect, useMemo, useRef } from 'react';
import { commonFormat, exactNumber } from '../chart/numbers.ts';
import type { Palette } from '../chart/palette.ts';
import { middleShortened } from '../chart/shortNames.ts';
import { type Matrix, mistakesOf, sharesOf } from './content/matrix.ts';
import { matrixLook, percent } from './matrixLook.ts';

/** Classes that have cells to read; of more of them only colours can be seen. */
const mostCells = 30;
/** Classes whose cells have room for the share. */
const mostShares = 12;
const mostMistakes = 50;
/** Classes whose cells are larger than a pixel where they are painted. */
const mostCoarse = 120;

/** A confusion matrix: what a class was, and what it was taken for. Also for those who can't see the colours, the number stands in each cell. */
export function MatrixView({ matrix, palette, name }: { matrix: Matrix; palette: Palette; name: string }) {
  return matrix.labels.length <= mostCells ? (
    <Cells matrix={matrix} palette={palette} name={name} />
  ) : (
    <Overview matrix={matrix} palette={palette} name={name} />
  );
}

function Cells({ matrix, palette, name }: { matrix: Matrix; palette: Palette; name: string }) {
  const { labels, rows } = matrix;
  const look = useMemo(() => matrixLook(matrix, palette), [matrix, palette]);
  const format = useMemo(() => commonFormat(rows.flat()), [rows]);
  const hasShares = labels.length <= mostShares;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, by keys too
    <div className="matrix" tabIndex={0}>
      <table className="matrix-cells">
        <caption>
          <span className="visually-hidden">Confusion matrix {name}. </span>Rows: actual · columns: predicted
          {hasShares ? ' · share of the row' : ''}
        </caption>
        <thead>
          <tr>
            <td />
            {labels.map((label, at) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: classes are told apart by their place alone
              <th key={at} scope="col" title={label}>
                {middleShortened(label, 12)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: classes are told apart by their place alone
            <tr key={at}>
              <th scope="row" title={labels[at]}>
                {middleShortened(labels[at]!, 18)}
              </th>
              {row.map((value, column) => {
                const { fill, text, share } = look(at, column);
                const words = `${labels[at]} taken for ${labels[column]}: ${exactNumber(value)}${share === undefined ? '' : `, ${percent(share)} of the row`}`;
                return (
                  <td
                    // biome-ignore lint/suspicious/noArrayIndexKey: classes are told apart by their place alone
                    key={column}
                    className={at === column ? 'is-right' : undefined}
                    style={{ background: fill, color: text }}
                    title={words}
                  >
                    {format(value)}
                    {hasShares && share !== undefined && <small>{percent(share)}</small>}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Of many classes: all cells as colours, and the greatest mistakes in words. */
function Overview({ matrix, palette, name }: { matrix: Matrix; palette: Palette; name: string }) {
  const { labels, rows } = matrix;
  const canvas = useRef<HTMLCanvasElement>(null);
  const mistakes = useMemo(() => mistakesOf(matrix, mostMistakes), [matrix]);
  const format = useMemo(() => commonFormat(mistakes.map(({ count }) => count)), [mistakes]);
  useEffect(() => {
    if (canvas.current) paint(canvas.current, matrix, palette);
  }, [matrix, palette]);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, by keys too
    <div className="matrix" tabIndex={0}>
      <canvas
        ref={canvas}
        className={`matrix-overview${labels.length <= mostCoarse ? ' is-coarse' : ''}`}
        width={labels.length}
        height={labels.length}
        role="img"
        aria-label={`Confusion matrix ${name} of ${labels.length} classes; the greatest mistakes are in the table`}
      />
      <table className="matrix-mistakes">
        <caption>
          {labels.length} classes: actual from top to bottom, predicted from left to right.
          {mistakes.length > 0 ? ` The ${mistakes.length === mostMistakes ? `${mostMistakes} greatest ` : ''}mistakes:` : ' No mistakes.'}
        </caption>
        {mistakes.length > 0 && (
          <>
            <thead>
              <tr>
                <th scope="col">actual</th>
                <th scope="col">predicted</th>
                <th scope="col">count</th>
                <th scope="col">of the row</th>
              </tr>
            </thead>
            <tbody>
              {mistakes.map(({ actual, predicted, count }) => {
                const share = sharesOf(rows[actual]!)?.[predicted];
                return (
                  <tr key={`${actual} ${predicted}`}>
                    <th scope="row" title={labels[actual]}>
                      {middleShortened(labels[actual]!, 24)}
                    </th>
                    <td title={labels[predicted]}>{middleShortened(labels[predicted]!, 24)}</td>
                    <td className="number">{format(count)}</td>
                    <td className="number">{share === undefined ? '' : percent(share)}</td>
                  </tr>
                );
              })}
            </tbody>
          </>
        )}
      </table>
    </div>
  );
}

/** A pixel a cell. */
function paint(canvas: HTMLCanvasElement, matrix: Matrix, palette: Palette): void {
  const size = matrix.labels.length;
  const look = matrixLook(matrix, palette);
  const context = canvas.getContext('2d')!;
  const image = context.createImageData(size, size);
  for (let row = 0; row < size; row++)
    for (let column = 0; column < size; column++) {
      const { fill } = look(row, column);
      if (fill === undefined) continue;
      const at = 4 * (row * size + column);
      for (let channel = 0; channel < 3; channel++)
        image.data[at + channel] = Number.parseInt(fill.slice(1 + 2 * channel, 3 + 2 * channel), 16);
      image.data[at + 3] = 255;
    }
  context.putImageData(image, 0, 0);
}
