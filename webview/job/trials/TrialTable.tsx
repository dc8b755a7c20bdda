import { formatDuration } from '../../../src/base/text.ts';
import type { Cell } from '../../../src/protocol/runTable.ts';
import { formatNumber } from '../../shared/chart/numbers.ts';
import { colorOfRun, usePalette } from '../../shared/chart/palette.ts';
import { Icon } from '../../shared/ui/Icon.tsx';
import { PageLink } from '../../shared/ui/PageLink.tsx';
import { plainText } from '../../shared/ui/plainText.ts';
import { StatusIcon } from '../../shared/ui/status.tsx';
import { lookOf } from '../../shared/ui/statusLook.ts';
import type { TrialOrder, TrialRow } from './trialRows.ts';

/** Trials of a sweep, one a row. Without `onSort` and `onSelect` it is a list to look at. */
export function TrialTable({
  rows,
  names,
  metric,
  order,
  onSort,
  selected,
  onSelect,
}: {
  rows: readonly TrialRow[];
  /** Of the hyperparameters. */
  names: readonly string[];
  metric: string;
  order: TrialOrder;
  onSort?(order: TrialOrder): void;
  selected?: readonly string[];
  onSelect?(names: string[]): void;
}) {
  const palette = usePalette();
  const heading = (by: string, label: string, isNumeric = false) => (
    <th
      scope="col"
      className={isNumeric ? 'numeric' : undefined}
      aria-sort={order.by === by ? (order.isDescending ? 'descending' : 'ascending') : undefined}
    >
      {onSort ? (
        <button
          type="button"
          className="trial-sort"
          title={`Sort by ${plainText(label, 100)}`}
          onClick={() => onSort({ by, isDescending: order.by === by && !order.isDescending })}
        >
          {plainText(label, 40)}
          {order.by === by && <Icon name={order.isDescending ? 'arrow-down' : 'arrow-up'} />}
        </button>
      ) : (
        plainText(label, 40)
      )}
    </th>
  );
  return (
    <div className="trials-scroll">
      <table className="trials" aria-label="Trials">
        <thead>
          <tr>
            {heading('trial', 'Trial')}
            {heading('objective', metric, true)}
            {names.map((name) => (
              <Heading key={name}>{heading(`param ${name}`, name, true)}</Heading>
            ))}
            {heading('duration', 'Duration', true)}
            {heading('status', 'Status')}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ job, label, values, objective, isBest, why, duration }) => (
            <tr key={job.name} className={isBest ? 'is-best' : undefined}>
              <th scope="row">
                <span className="trial-name">
                  {onSelect && selected && (
                    <input
                      type="checkbox"
                      aria-label={`Select ${label}`}
                      checked={selected.includes(job.name)}
                      onChange={({ target }) =>
                        onSelect(target.checked ? [...selected, job.name] : selected.filter((each) => each !== job.name))
                      }
                    />
                  )}
                  <span className="run-swatch" aria-hidden="true" style={{ background: colorOfRun(job.name, palette) }} />
                  <PageLink to={{ page: 'job', name: job.name }} title={job.name}>
                    {plainText(label, 60)}
                  </PageLink>
                  {isBest && <span className="badge">best</span>}
                </span>
              </th>
              <td className="numeric number" title={objective === undefined ? undefined : String(objective)}>
                {formatNumber(objective)}
              </td>
              {values.map((value, index) => (
                <td key={names[index]} className="numeric number" title={value === null ? undefined : plainText(String(value))}>
                  {cellText(value)}
                </td>
              ))}
              <td className="numeric number">{duration === undefined ? '–' : formatDuration(duration)}</td>
              <td className="trial-status" title={why && plainText(why)}>
                <StatusIcon status={job.properties.status} /> {statusText(job.properties.status, why)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** A cell that has a key of its own. */
const Heading = ({ children }: { children: React.ReactNode }) => children;

const cellText = (value: Cell): string => (value === null ? '–' : typeof value === 'number' ? formatNumber(value) : plainText(value, 60));

function statusText(status: TrialRow['job']['properties']['status'], why: string | undefined): string {
  const { label } = lookOf(status);
  if (!why || why === label) return label;
  return status === 'Canceled' ? `Stopped early: ${plainText(why, 160)}` : `${label}: ${plainText(why, 160)}`;
}
