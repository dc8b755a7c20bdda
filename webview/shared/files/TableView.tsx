// biome-ignore-all lint/suspicious/noArrayIndexKey: columns are told apart by their place alone
// biome-ignore-all lint/a11y/useSemanticElements: rows that are placed one by one can't be in a table element
// biome-ignore-all lint/a11y/noNoninteractiveTabindex: a scrolled table must be reachable by the keyboard
// biome-ignore-all lint/a11y/useFocusableInteractive: rows and headers of a table that is only read take no focus
import { useVirtualizer } from '@tanstack/react-virtual';
import { useMemo, useRef } from 'react';
import type { Table } from './table.ts';

const rowHeight = 24;

/** A table of which only the rows in view are in the document. */
export function TableView({ table, label }: { table: Table; label: string }) {
  const scroller = useRef<HTMLDivElement>(null);
  const virtualizer = useVirtualizer({
    count: table.rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 20,
  });
  // As wide as the first rows need, within reason.
  const { template, isNumeric } = useMemo(() => {
    const sample = table.rows.slice(0, 100);
    const widths = table.columns.map((name, index) => Math.max(name.length, ...sample.map((row) => (row[index] ?? '').length)));
    return {
      template: `5ch ${widths.map((width) => `${Math.min(48, Math.max(6, width + 2))}ch`).join(' ')}`,
      isNumeric: table.columns.map(
        (_, index) =>
          sample.length > 0 && sample.every((row) => row[index] === undefined || row[index] === '' || Number.isFinite(Number(row[index]))),
      ),
    };
  }, [table]);
  const cells = (row: readonly string[]) =>
    table.columns.map((name, index) => (
      <span
        key={index}
        role="cell"
        className={isNumeric[index] ? 'numeric' : ''}
        title={row[index]}
        aria-label={`${name}: ${row[index] ?? ''}`}
      >
        {row[index]}
      </span>
    ));
  return (
    <div className="table-view" ref={scroller} role="table" aria-label={label} aria-rowcount={table.rows.length + 1} tabIndex={0}>
      <div className="table-row table-head" role="row" style={{ gridTemplateColumns: template }}>
        <span role="columnheader">
          <span className="visually-hidden">Row</span>
        </span>
        {table.columns.map((name, index) => (
          <span key={index} role="columnheader" className={isNumeric[index] ? 'numeric' : ''} title={name}>
            {name}
          </span>
        ))}
      </div>
      <div className="table-body" role="rowgroup" style={{ height: virtualizer.getTotalSize() }}>
        {virtualizer.getVirtualItems().map((item) => (
          <div
            key={item.key}
            className="table-row"
            role="row"
            aria-rowindex={item.index + 2}
            style={{ gridTemplateColumns: template, transform: `translateY(${item.start}px)` }}
          >
            <span role="rowheader" className="numeric dim">
              {item.index + 1}
            </span>
            {cells(table.rows[item.index]!)}
          </div>
        ))}
      </div>
    </div>
  );
}
