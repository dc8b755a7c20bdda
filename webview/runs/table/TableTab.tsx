import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useRef, useState } from 'react';
import type { Cell, RunTable } from '../../../src/protocol/runTable.ts';
import { formatNumber } from '../../shared/chart/numbers.ts';
import { useLive } from '../../shared/live/useLive.ts';
import { TextField } from '../../shared/ui/fields.tsx';
import { PageLink } from '../../shared/ui/PageLink.tsx';
import { Empty, Loading, ReadFailure } from '../../shared/ui/states.tsx';
import { fieldOf } from '../fields.ts';
import type { RunsView } from '../useRunsView.ts';

const rowHeight = 26;
/** Rows that are read at once. */
const windowRows = 200;

/** The runs as a table, of which only the rows in view are in the document and only those around them were read. */
export function TableTab({ view }: { view: RunsView }) {
  const { scope, order, selected, setSelected } = view;
  const [first, setFirst] = useState(0);
  const { value: keys } = useLive(
    'keys',
    (client) => client.runKeys(scope.experiments),
    (change) => change.kind === 'metric',
    5000,
  );
  const names = view.columns.length
    ? view.columns
    : [
        'attributes.run_name',
        ...(keys?.metrics ?? []).slice(0, 5).map((key) => `metrics.\`${key}\``),
        ...(keys?.params ?? []).slice(0, 5).map((key) => `params.\`${key}\``),
      ];
  const columns = names.flatMap((name) => fieldOf(name) ?? []);
  const question = { ...scope, orderBy: order, columns, offset: first, limit: windowRows };
  const { value: table, error } = useLive(
    `table ${JSON.stringify(question)}`,
    (client) => client.runTable(question),
    (change) => change.kind === 'job' || change.kind === 'metric',
    1000,
  );
  const last = useRef<RunTable & { offset: number }>(undefined);
  if (table) last.current = { ...table, offset: first };
  const shown = last.current;
  const scroller = useRef<HTMLDivElement>(null);
  const rows = useVirtualizer({
    count: shown?.total ?? 0,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 10,
  });
  const items = rows.getVirtualItems();
  const top = items[0]?.index ?? 0;
  const bottom = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (top < first || bottom >= first + windowRows) setFirst(Math.max(0, Math.floor((top + bottom - windowRows) / 2)));
  }, [top, bottom, first]);

  return (
    <div className="runs-table">
      <div className="bar">
        <TextField label="Filter" placeholder={'metrics.acc > 0.9 and params.lr = "0.01"'} value={view.filter} onChange={view.setFilter} />
      </div>
      {error && <ReadFailure error={error} />}
      {!shown && !error && <Loading what="runs" />}
      {shown?.total === 0 && <Empty title="No runs." />}
      <div className="runs-rows" ref={scroller}>
        <div style={{ height: rows.getTotalSize(), position: 'relative' }}>
          {items.map(({ index, start }) => {
            const at = index - (shown?.offset ?? 0);
            const id = shown?.runs[at];
            return (
              <div key={index} className="runs-row" style={{ position: 'absolute', top: start, height: rowHeight }}>
                {id !== undefined && (
                  <>
                    <input
                      type="checkbox"
                      aria-label="Select"
                      checked={selected.includes(id)}
                      onChange={(event) => setSelected(event.target.checked ? [...selected, id] : selected.filter((each) => each !== id))}
                    />
                    <PageLink to={{ page: 'job', name: id }}>{id}</PageLink>
                    {columns.map((column, c) => (
                      <span key={`${column.of} ${column.key}`}>{text(shown!.columns[c]?.[at])}</span>
                    ))}
                  </>
                )}
              </div>
            );
          })}
        </div>
      </div>
    </div>
  );
}

const text = (cell: Cell | undefined): string => (typeof cell === 'number' ? formatNumber(cell) : (cell ?? ''));
