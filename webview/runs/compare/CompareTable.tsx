import { type ReactNode, useMemo, useState } from 'react';
import { looksOfRuns, usePalette } from '../../shared/chart/palette.ts';
import { Icon } from '../../shared/ui/Icon.tsx';
import { PageLink } from '../../shared/ui/PageLink.tsx';
import { plainText } from '../../shared/ui/plainText.ts';
import { StatusIcon } from '../../shared/ui/status.tsx';
import { ToolButton } from '../../shared/ui/ToolButton.tsx';
import { When } from '../../shared/ui/When.tsx';
import type { ComparedRun } from './comparedRun.ts';
import type { Cell, Row, Section, SectionKey } from './comparison.ts';
import { deltaOf, type Goal } from './delta.ts';
import { metricTexts } from './metricTexts.ts';

/** Rows of a section that are shown at first, and characters of a value. */
const fewRows = 60;
const mostText = 240;

export interface CompareTableProps {
  runs: readonly ComparedRun[];
  names: readonly string[];
  /** Place of the run that the others are held against. */
  baseline: number;
  sections: readonly Section[];
  onlyDifferences: boolean;
  /** Which way a metric is better, where that is known. */
  goalOf(metric: string): Goal | undefined;
  onGoal(metric: string): void;
  onBaseline(id: string): void;
  onRemove(id: string): void;
  /** What a section offers of a run, beside its title. */
  actionsOf(section: SectionKey, run: number): ReactNode;
  /** Opens what a cell stands for; absent where there is nothing to open. */
  openOf(section: SectionKey, row: Row, run: number): (() => void) | undefined;
}

/** Runs beside each other: a column a run, a row for everything that they have. */
export function CompareTable(props: CompareTableProps) {
  const { runs, names, baseline, sections, onlyDifferences } = props;
  const palette = usePalette();
  const looks = useMemo(
    () =>
      looksOfRuns(
        runs.map(({ id }) => id),
        palette,
      ),
    [runs, palette],
  );
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what is scrolled must be reachable by the keyboard
    <section className="compare-scroll" tabIndex={0} aria-label="Comparison, scrolls in both directions">
      <table className="compare" aria-label="Comparison of runs">
        <thead>
          <tr>
            <th scope="col" className="compare-corner">
              <span className="dim">{runs.length} runs</span>
            </th>
            {runs.map(({ id, job }, index) => (
              <th key={id} scope="col">
                <span className="compare-run">
                  <span className="run-swatch" aria-hidden="true" style={{ background: looks.get(id)?.color }} />
                  {job && <StatusIcon status={job.properties.status} />}
                  <span className="compare-name" title={plainText(names[index]!)}>
                    {job ? <PageLink to={{ page: 'job', name: id }}>{plainText(names[index]!, 80)}</PageLink> : plainText(id, 80)}
                  </span>
                  <ToolButton icon="close" label={`Remove ${names[index]}`} onClick={() => props.onRemove(id)} />
                </span>
                {job ? (
                  <label className="compare-baseline">
                    <input
                      type="radio"
                      name="baseline"
                      aria-label={`${names[index]} is the baseline`}
                      checked={index === baseline}
                      onChange={() => props.onBaseline(id)}
                    />
                    Baseline
                  </label>
                ) : (
                  <span className="dim">This job is not there.</span>
                )}
              </th>
            ))}
          </tr>
        </thead>
        {sections.map((section) => (
          <SectionRows key={`${section.key} ${onlyDifferences}`} {...props} section={section} />
        ))}
      </table>
    </section>
  );
}

function SectionRows({
  section,
  runs,
  baseline,
  onlyDifferences,
  goalOf,
  onGoal,
  actionsOf,
  openOf,
}: CompareTableProps & { section: Section }) {
  const [count, setCount] = useState(fewRows);
  const { key, title } = section;
  const rows = onlyDifferences ? section.rows.filter(({ differs }) => differs) : section.rows;
  if (section.rows.length === 0) return null;
  const differing = section.rows.filter(({ differs }) => differs).length;
  return (
    <tbody>
      <tr className="compare-section">
        <th scope="rowgroup">
          {title} <span className="count">{differing === 0 ? 'no difference' : `${differing} of ${section.rows.length} differ`}</span>
        </th>
        {runs.map(({ id }, index) => (
          <td key={id}>{actionsOf(key, index)}</td>
        ))}
      </tr>
      {rows.slice(0, count).map((row) => (
        <ComparedRow key={row.key} {...{ section: key, row, runs, baseline, goalOf, onGoal, openOf }} />
      ))}
      {rows.length > count && (
        <tr>
          <th scope="row">
            <button type="button" className="link" onClick={() => setCount(Math.min(rows.length, count * 10))}>
              Show more: {rows.length - count} are left
            </button>
          </th>
        </tr>
      )}
    </tbody>
  );
}

function ComparedRow({
  section,
  row,
  runs,
  baseline,
  goalOf,
  onGoal,
  openOf,
}: Pick<CompareTableProps, 'runs' | 'baseline' | 'goalOf' | 'onGoal' | 'openOf'> & { section: SectionKey; row: Row }) {
  const isMetric = section === 'metrics' || section === 'system';
  const goal = isMetric ? goalOf(row.key) : undefined;
  const texts = isMetric ? metricTexts(row.cells.map((cell) => cell?.value)) : [];
  return (
    <tr className={row.differs ? 'differs' : undefined}>
      <th scope="row" title={plainText(row.label)}>
        <span className="compare-label">
          {row.differs && <Icon name="circle-small-filled" className="compare-mark" />}
          <span className="compare-key">{breakable(plainText(row.label, 120))}</span>
          {row.differs && <span className="visually-hidden">, differs</span>}
          {isMetric && <GoalButton metric={row.key} goal={goal} onGoal={onGoal} />}
        </span>
      </th>
      {row.cells.map((cell, index) => (
        <td key={runs[index]!.id} className={isMetric ? 'number' : undefined}>
          {runs[index]!.job && (
            <>
              <Value cell={cell} short={texts[index]} onOpen={openOf(section, row, index)} />
              {isMetric && index !== baseline && <Difference cell={cell} baseline={row.cells[baseline]} goal={goal} />}
            </>
          )}
        </td>
      ))}
    </tr>
  );
}

/** A name that is broken between its words rather than within them. */
const breakable = (text: string): ReactNode[] =>
  // biome-ignore lint/suspicious/noArrayIndexKey: parts are told apart by their place alone
  text.split(/(?<=[/_.-])/).flatMap((part, index) => (index === 0 ? [part] : [<wbr key={`${index}`} />, part]));

/** Says which way a metric is better, and changes it. */
function GoalButton({ metric, goal, onGoal }: { metric: string; goal: Goal | undefined; onGoal(metric: string): void }) {
  const look = {
    maximize: { icon: 'arrow-up', label: 'Larger is better' },
    minimize: { icon: 'arrow-down', label: 'Smaller is better' },
    none: { icon: 'arrow-swap', label: 'Say which way is better' },
  }[goal ?? 'none'];
  return <ToolButton icon={look.icon} label={`${plainText(metric, 60)}: ${look.label}`} onClick={() => onGoal(metric)} />;
}

function Value({
  cell,
  short,
  onOpen,
}: {
  cell: Cell | undefined;
  /** What stands for its text. */
  short: string | undefined;
  onOpen: (() => void) | undefined;
}): ReactNode {
  const text = short ?? (cell && plainText(cell.text, mostText));
  if (onOpen)
    return (
      <button type="button" className="link" onClick={onOpen}>
        {text ?? 'not there'}
      </button>
    );
  if (!cell) return <span className="dim">–</span>;
  if (cell.at) return <When isExact at={cell.at} />;
  if (cell.status)
    return (
      <span className="status-text">
        <StatusIcon status={cell.status} /> {text}
      </span>
    );
  if (cell.to) return <PageLink to={cell.to}>{text}</PageLink>;
  if (text === '') return <span className="dim">empty</span>;
  const isLong = cell.text.length > mostText;
  return (
    <span className="compare-text" title={cell.value === undefined ? undefined : cell.text}>
      {text}
      {isLong && <span className="dim"> ({cell.text.length.toLocaleString('en')} characters)</span>}
    </span>
  );
}

function Difference({ cell, baseline, goal }: { cell: Cell | undefined; baseline: Cell | undefined; goal: Goal | undefined }) {
  const delta = deltaOf(cell?.value, baseline?.value, goal);
  if (!delta) return null;
  const { text, isBetter } = delta;
  return (
    <span className={`compare-delta ${isBetter === undefined ? 'dim' : isBetter ? 'tone-passed' : 'tone-failed'}`}>
      {text}
      {isBetter !== undefined && (isBetter ? ' better' : ' worse')}
    </span>
  );
}
