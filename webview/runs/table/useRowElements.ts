import { useRef } from 'react';

/**
 * Answers by which of `count` elements a row is shown. A row that stays in view keeps its element; the element of a row that leaves the view is used for one that comes into it. When no row stays in view, the
 * elements keep their order in the document, since moving an element costs more than filling it.
 */
export function useRowElements(firstRow: number, count: number): (row: number) => number {
  const last = useRef({ firstRow, count, offset: 0 });
  const before = last.current;
  let { offset } = before;
  if (count !== before.count) offset = 0;
  else if (Math.abs(firstRow - before.firstRow) >= count) offset = before.firstRow + offset - firstRow;
  last.current = { firstRow, count, offset };
  return (row) => (((row + offset) % count) + count) % count;
}
