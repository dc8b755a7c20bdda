import { Fragment, useRef, useState } from 'react';
import type { Cell, RunGroups, RunScope } from '../../../src/protocol/runTable.ts';
import { useLive } from '../../shared/live/useLive.ts';
import { Icon } from '../../shared/ui/Icon.tsx';
import { LoadMore } from '../../shared/ui/LoadMore.tsx';
import { plainText } from '../../shared/ui/plainText.ts';
import { Empty, Loading, ReadFailure } from '../../shared/ui/states.tsx';
import { fieldOf } from '../fields.ts';
import { digitsOf, isNumberText, metricText } from './cellText.ts';
import { columnOf } from './columns.ts';

interface GroupTableProps {
  scope: RunScope;
  /** The fields whose values make the groups, each a column. */
  groups: readonly string[];
  /** Metrics that are told of each group. */
  metrics: readonly string[];
  /** The runs of one group are wanted: those that have these values, a value a field; null for those that have none. */
  onOpen(values: readonly Cell[]): void;
}

type Order = { of: 'value'; index: number } | { of: 'runs' } | { of: 'metric'; key: string };

const pageSize = 200;
const width = 84;
const height = 14;

/** Runs in groups that share a value: how many, and of each metric the mean, the deviation, and the range as a picture. */
export function GroupTable({ scope, groups: names, metrics, onOpen }: GroupTableProps) {
  const [order, setOrder] = useState<Order & { isDescending: boolean }>({ of: 'value', index: 0, isDescending: false });
  const [pages, setPages] = useState(1);
  const by = names.flatMap((name) => fieldOf(name) ?? []);
  const isThere = order.of === 'metric' ? metrics.includes(order.key) : order.of !== 'value' || order.index < by.length;
  const sorted = isThere ? order : { of: 'value' as const, index: 0, isDescending: false };
  const question = {
    ...scope,
    by,
    metrics: [...metrics],
    order: [
      sorted.of === 'metric'
        ? { of: sorted.of, index: metrics.indexOf(sorted.key), stat: 'mean' as const, descending: sorted.isDescending }
        : { of: sorted.of, index: sorted.of === 'value' ? sorted.index : 0, descending: sorted.isDescending },
    ],
    offset: 0,
    limit: pages * pageSize,
  };
  const { value, error } = useLive(
    `groups ${JSON.stringify(question)}`,
    (client) => client.runGroups(question),
    ({ kind }) => kind === 'job' || kind === 'metric',
    1000,
  );
  const last = useRef<{ groups: RunGroups; metrics: readonly string[]; names: readonly string[] }>(undefined);
  if (value) last.current = { groups: value, metrics, names };
  const shown = last.current;
  if (!shown) return error ? <ReadFailure error={error} /> : <Loading what="groups" />;
  const { groups } = shown;
  if (groups.total === 0) return <Empty title="No run matches." />;
  const rows = groups.runs.map((_, row) => groups.by.map((column) => column[row] ?? null));
  const areNumeric = groups.by.map((column) => column.every((each) => each === null || typeof each === 'number' || isNumberText(each)));
  const head = (label: string, what: Order, isNumber: boolean) => {
    const isSorted =
      what.of === 'metric'
        ? sorted.of === 'metric' && sorted.key === what.key
        : what.of === 'value'
          ? sorted.of === 'value' && sorted.index === what.index
          : sorted.of === what.of;
    return (
      <th
        scope="col"
        className={isNumber ? 'numeric' : undefined}
        aria-sort={isSorted ? (sorted.isDescending ? 'descending' : 'ascending') : 'none'}
      >
        <button
          type="button"
          title={label}
          onClick={() => setOrder({ ...what, isDescending: isSorted ? !sorted.isDescending : what.of !== 'value' })}
        >
          <bdi>{label}</bdi>
          {isSorted && <Icon name={sorted.isDescending ? 'arrow-down' : 'arrow-up'} />}
        </button>
      </th>
    );
  };
  const labels = shown.names.map((name) => plainText(columnOf(name)?.label ?? name, 100));
  return (
    <div className="groups">
      {error && <ReadFailure error={error} />}
      <table className="group-table" aria-label={`Runs by ${labels.join(', ')}`}>
        <thead>
          <tr>
            {labels.map((label, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: two fields of different kinds may have the same label
              <Fragment key={index}>{head(label, { of: 'value', index }, areNumeric[index]!)}</Fragment>
            ))}
            {head('Runs', { of: 'runs' }, true)}
            {shown.metrics.map((key) => (
              <Fragment key={key}>{head(plainText(key, 200), { of: 'metric', key }, true)}</Fragment>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((values, row) => (
            <tr key={JSON.stringify(values)}>
              {values.map((each, index) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: the place is the field
                <td key={index} className={areNumeric[index] ? 'numeric' : undefined}>
                  <button type="button" className="link" title="Show the runs of this group" onClick={() => onOpen(values)}>
                    {each === null ? <em>none</em> : <bdi>{plainText(String(each), 300)}</bdi>}
                  </button>
                </td>
              ))}
              <td className="numeric">{groups.runs[row]?.toLocaleString('en')}</td>
              {shown.metrics.map((key, index) => (
                <Spread key={key} name={key} of={groups.metrics[index]!} row={row} />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {groups.total > rows.length && <LoadMore onClick={() => setPages(pages + 1)} />}
      <p className="runs-footer" role="status">
        {groups.total.toLocaleString('en')} {groups.total === 1 ? 'group' : 'groups'}
      </p>
    </div>
  );
}

/** Mean and deviation in figures; in the picture the range is a thin line, the deviation a thick one, the mean a dot, on one scale for all groups. */
function Spread({ name, of, row }: { name: string; of: RunGroups['metrics'][number]; row: number }) {
  const [mean, deviation, min, max] = [of.mean[row], of.deviation[row], of.min[row], of.max[row]];
  const count = of.count[row] ?? 0;
  const odd = of.notFinite[row] ?? 0;
  if (mean === null || mean === undefined)
    return <td className="numeric">{odd > 0 ? <span className="grid-odd">{odd} not finite</span> : ''}</td>;
  const finite = (list: readonly (number | null)[]) => list.filter((each) => each !== null);
  const [low, high] = [Math.min(...finite(of.min)), Math.max(...finite(of.max))];
  const x = (value: number) => 3 + (high > low ? ((value - low) / (high - low)) * (width - 6) : (width - 6) / 2);
  const digits = digitsOf(finite(of.mean));
  const spread = deviation ?? 0;
  const clamp = (value: number) => x(Math.min(high, Math.max(low, value)));
  return (
    <td className="numeric">
      <span
        className="group-figures"
        title={`${name}: mean ${mean}${deviation === null ? '' : `, standard deviation ${deviation}`}, from ${min} to ${max}, of ${count} values${odd > 0 ? `; ${odd} are not finite` : ''}`}
      >
        {odd > 0 && <span className="grid-odd">{odd} not finite</span>}
        <span>{metricText(mean, digits)}</span>
        <span className="dim">{deviation === null || deviation === undefined ? '' : `± ${metricText(deviation, digits)}`}</span>
        <svg width={width} height={height} viewBox={`0 0 ${width} ${height}`} aria-hidden="true">
          <line x1={x(min ?? mean)} x2={x(max ?? mean)} y1={height / 2} y2={height / 2} className="group-range" />
          <line x1={clamp(mean - spread)} x2={clamp(mean + spread)} y1={height / 2} y2={height / 2} className="group-deviation" />
          <circle cx={x(mean)} cy={height / 2} r={3} className="group-mean" />
        </svg>
      </span>
    </td>
  );
}
