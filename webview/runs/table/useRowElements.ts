import { useRef } from 'react';

/**
 * Which of `count` elements shows a row. A row that stays in view keeps its element, and what leaves becomes what comes. Where all rows are others, the elements stay in their order: to move
 * one in the document costs more than to fill it.
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
