import { useVirtualizer } from '@tanstack/react-virtual';
import { type ComponentProps, lazy, type ReactNode, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { LoggedKey } from '../../../src/protocol/loggedFiles.ts';
import { useHost } from '../host/host.ts';
import { Icon } from '../ui/Icon.tsx';
import { Later } from '../ui/Later.tsx';
import { Empty } from '../ui/states.tsx';
import { useWidth } from '../ui/useWidth.ts';
import { ChartCard } from './ChartCard.tsx';
import { ChartsToolbar } from './ChartsToolbar.tsx';
import {
  type ChartCardOf,
  type ChartGroup,
  type ChartSection,
  chartSections,
  inNaturalOrder,
  machineGroup,
  metricSearch,
  moveText,
  ownId,
} from './chartSections.ts';
import { type CardSize, useChartSettings } from './chartSettings.ts';
import { CursorSync } from './cursorSync.ts';
import type { Axis } from './line.ts';
import { type OwnChart, OwnChartDialog } from './OwnChartDialog.tsx';
import { looksOfRuns, usePalette } from './palette.ts';
import { SeriesSource } from './seriesSource.ts';
import { distinctNames } from './shortNames.ts';
import type { ChartRun } from './useLines.ts';

const LoggedCard = lazy(async () => ({ default: (await import('../cards/LoggedCard.tsx')).LoggedCard }));

/** A metric that was logged once, as a figure above the charts. */
export interface SingleValue {
  key: string;
  values: readonly { label: string; value: ReactNode }[];
}

export interface ChartsBoardProps {
  /** In the order in which they count; the looks are given to them here. */
  runs: readonly Pick<ChartRun, 'id' | 'label' | 'startedAt'>[];
  keys: readonly string[];
  singles?: readonly SingleValue[];
  /** What was logged beside metrics; of `loggedRuns` where these are others than `runs`. */
  logged?: readonly LoggedKey[];
  loggedRuns?: ChartsBoardProps['runs'];
  /** Sections by themselves instead of by prefix. */
  groups?: readonly ChartGroup[];
  /** The horizontal axis until another one is chosen; `step` where none is said. */
  axis?: Axis;
  /** Keeps what is chosen apart from that of another board of the page. */
  scope?: string;
  /** What else stands above the charts. */
  children?: ReactNode;
}

type Row = { id: string; height: number } & (
  | { kind: 'section'; section: ChartSection }
  | { kind: 'cards'; cards: readonly ChartCardOf[]; section: ChartSection; isWide: boolean }
  | { kind: 'values'; values: readonly SingleValue[] }
);

const gap = 12;
const padding = 20;
/** Least width of a chart and height of its plot, in pixels. */
const sizes: Record<CardSize, { width: number; plot: number }> = {
  small: { width: 260, plot: 120 },
  medium: { width: 340, plot: 168 },
  large: { width: 560, plot: 280 },
};
const widePlot = 340;
const valueWidth = 120;
/** Of a card around its plot and legend: title, note, borders. */
const around = 58;
const legendRow = 18;
/** Of a letter of a title, on average, in pixels. */
const letterWidth = 7.8;
const closedAtFirst = [machineGroup];
const noSingles: readonly SingleValue[] = [];
const noGroups: readonly ChartGroup[] = [];
const noLogged: readonly LoggedKey[] = [];
/** Least height of a card that shows files. */
const loggedHeight: Record<CardSize, number> = { small: 260, medium: 340, large: 480 };
const wideLogged = 400;
/** Pictures of several runs stand beside each other. */
const isWideAtFirst = ({ logged }: ChartCardOf): boolean => logged?.kind === 'image' && logged.runs > 1;

/** Cards of metrics, and of what was logged beside them, in sections. Only those in view are in the document. */
export function ChartsBoard({
  runs,
  keys: given,
  singles = noSingles,
  groups = noGroups,
  logged = noLogged,
  loggedRuns = runs,
  axis,
  scope,
  children,
}: ChartsBoardProps) {
  const palette = usePalette();
  const keys = useMemo(() => inNaturalOrder(given), [given]);
  const settings = useChartSettings(closedAtFirst, axis, scope);
  const { search, isRegex, chosen, pinned, own, moves, closed, size } = settings;
  const [sync] = useState(() => new CursorSync());
  const source = useSource();
  const [full, setFull] = useState<string>();
  const [editing, setEditing] = useState<{ id: string; chart: OwnChart | undefined }>();
  const [scroller, width] = useWidth<HTMLDivElement>();

  const [looked, lookedLogged] = useMemo<[ChartRun[], ChartRun[]]>(() => {
    const looks = looksOfRuns([...new Set([...runs, ...loggedRuns].map(({ id }) => id))], palette);
    const withLook = (each: ChartsBoardProps['runs'][number]) => ({ ...each, ...looks.get(each.id)! });
    return [runs.map(withLook), loggedRuns.map(withLook)];
  }, [runs, loggedRuns, palette]);
  const { matches, error } = useMemo(() => metricSearch(search, isRegex), [search, isRegex]);
  const shownKeys = useMemo(() => {
    const wanted = new Set(chosen);
    const figures = new Set(singles.map(({ key }) => key));
    return keys.filter((key) => (wanted.size === 0 || wanted.has(key)) && !figures.has(key));
  }, [keys, chosen, singles]);
  const sections = useMemo(
    () => chartSections(shownKeys, { matches, pinned, own, moves, groups, logged }),
    [shownKeys, matches, pinned, own, moves, groups, logged],
  );
  const values = useMemo(
    () => singles.filter(({ key }) => matches(key) && (chosen.length === 0 || chosen.includes(key))),
    [singles, matches, chosen],
  );

  const inner = Math.max(200, width - 2 * (width < 480 ? 12 : padding));
  const columns = Math.max(1, Math.floor((inner + gap) / (Math.min(sizes[size].width, inner) + gap)));
  const legendHeight = legendRow * (1 + Math.min(4, Math.max(1, looked.length))) + 4;
  const isWide = useCallback((card: ChartCardOf) => settings.choiceOf(card.id).isWide ?? isWideAtFirst(card), [settings]);
  const rows = rowsOf();

  function rowsOf(): Row[] {
    const found: Row[] = [];
    const perRow = Math.max(1, Math.floor((inner + gap) / (valueWidth + gap)));
    for (let at = 0; at < values.length; at += perRow) {
      const some = values.slice(at, at + perRow);
      const lines = Math.min(4, Math.max(...some.map((each) => each.values.length)));
      found.push({ kind: 'values', id: `values ${at}`, height: 44 + 28 * lines + gap, values: some });
    }
    for (const section of sections) {
      found.push({ kind: 'section', id: section.id, height: 36, section });
      if (closed.includes(section.id)) continue;
      let row: ChartCardOf[] = [];
      const put = (cards: ChartCardOf[], wide: boolean) => {
        if (cards.length === 0) return;
        const plain = (wide ? widePlot : sizes[size].plot) + legendHeight + around;
        const hasFiles = cards.some((card) => card.logged);
        const height = Math.max(plain, hasFiles ? (wide ? wideLogged : loggedHeight[size]) : 0) + gap;
        found.push({ kind: 'cards', id: `${section.id} ${cards[0]!.id}`, height, cards, section, isWide: wide });
      };
      for (const card of section.cards) {
        if (isWide(card)) {
          put(row, false);
          put([card], true);
          row = [];
        } else if (row.push(card) === columns) {
          put(row, false);
          row = [];
        }
      }
      put(row, false);
    }
    return found;
  }

  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: (index) => rows[index]!.height,
    getItemKey: (index) => rows[index]!.id,
    overscan: 1,
    initialRect: { width: innerWidth, height: innerHeight },
  });
  // Heights are known, not measured: with other rows they are other ones.
  const heights = rows.map(({ height }) => height).join();
  // biome-ignore lint/correctness/useExhaustiveDependencies: the virtualizer asks for the heights itself
  useEffect(() => virtual.measure(), [heights]);

  const ownOf = (card: ChartCardOf) => Object.keys(own).find((id) => ownId(id) === card.id);
  const cardProps = (card: ChartCardOf, section: ChartSection | undefined) => {
    const id = card.isOwn ? ownOf(card) : undefined;
    return {
      card,
      runs: looked,
      source,
      settings,
      palette,
      sync,
      onFull: (isFull: boolean) => setFull(isFull ? card.id : undefined),
      isWide: isWide(card),
      onWide: () => {
        const { isWide: _old, ...rest } = settings.choiceOf(card.id);
        const next = !isWide(card);
        settings.choose(card.id, next === isWideAtFirst(card) ? rest : { ...rest, isWide: next });
      },
      onMoveTo: (other: string) => settings.setMoves([...moves, moveText(card.id, other)]),
      onMoveBy: (places: number) => {
        const at = section?.cards.findIndex((each) => each.id === card.id) ?? -1;
        const to = section?.cards[at + places];
        if (at >= 0 && to) settings.setMoves([...moves, moveText(card.id, to.id)]);
      },
      onEdit: id === undefined ? undefined : () => setEditing({ id, chart: own[id] }),
      onRemove:
        id === undefined
          ? undefined
          : () => {
              const { [id]: _gone, ...rest } = own;
              settings.setOwn(rest);
            },
    };
  };
  const fullCard =
    full === undefined
      ? undefined
      : sections.flatMap((section) => section.cards.map((card) => ({ card, section }))).find(({ card }) => card.id === full);

  return (
    <div className="charts-board">
      <ChartsToolbar
        keys={keys}
        settings={settings}
        error={error}
        hasRuns={runs.length > 1}
        onNew={() => setEditing({ id: newId(own), chart: undefined })}
      />
      {children}
      <Stale />
      <div className="charts-scroll" ref={scroller}>
        {rows.length === 0 && (
          <Empty title="No chart has this in its name.">
            <button
              type="button"
              className="link"
              onClick={() => {
                settings.setSearch('');
                settings.setChosen([]);
              }}
            >
              Show all {keys.length} metrics
            </button>
          </Empty>
        )}
        <div className="charts-height" style={{ height: virtual.getTotalSize() }}>
          {width > 0 &&
            virtual.getVirtualItems().map(({ key, index, start }) => {
              const row = rows[index]!;
              const place = { transform: `translateY(${start}px)`, height: row.height - (row.kind === 'section' ? 0 : gap) };
              if (row.kind === 'section')
                return (
                  <div key={key} className="charts-row" style={place}>
                    <SectionHead
                      section={row.section}
                      isOpen={!closed.includes(row.section.id)}
                      onToggle={(isOpen) =>
                        settings.setClosed(isOpen ? closed.filter((each) => each !== row.section.id) : [...closed, row.section.id])
                      }
                    />
                  </div>
                );
              if (row.kind === 'values')
                return (
                  <div
                    key={key}
                    className="charts-row charts-values"
                    style={{
                      ...place,
                      gridTemplateColumns: `repeat(${Math.max(1, Math.floor((inner + gap) / (valueWidth + gap)))}, minmax(0, 1fr))`,
                    }}
                  >
                    <Figures values={row.values} />
                  </div>
                );
              const names = titlesIn(row.section, row.isWide ? inner : (inner + gap) / columns - gap);
              return (
                <div
                  key={key}
                  className="charts-row charts-cards"
                  style={{ ...place, gridTemplateColumns: `repeat(${row.isWide ? 1 : columns}, minmax(0, 1fr))` }}
                >
                  {row.cards.map((card) => {
                    const props = { ...cardProps(card, row.section), title: names.get(card.id)!, isFull: false };
                    if (card.logged) return <LoggedCardLater key={card.id} {...props} logged={card.logged} runs={lookedLogged} />;
                    const height = row.isWide ? widePlot : sizes[size].plot;
                    return <ChartCard key={card.id} {...props} height={height} legendHeight={legendHeight} />;
                  })}
                </div>
              );
            })}
        </div>
      </div>
      {fullCard && (
        <FullScreen name={fullCard.card.name} onClose={() => setFull(undefined)}>
          {fullCard.card.logged ? (
            <LoggedCardLater
              {...cardProps(fullCard.card, fullCard.section)}
              logged={fullCard.card.logged}
              runs={lookedLogged}
              title={fullCard.card.name}
              isFull
            />
          ) : (
            <ChartCard
              {...cardProps(fullCard.card, fullCard.section)}
              title={fullCard.card.name}
              height={undefined}
              legendHeight={160}
              isFull
            />
          )}
        </FullScreen>
      )}
      {editing && (
        <OwnChartDialog
          keys={keys}
          chart={editing.chart}
          onClose={() => setEditing(undefined)}
          onSave={(chart) => {
            settings.setOwn({ ...own, [editing.id]: chart });
            setEditing(undefined);
          }}
        />
      )}
    </div>
  );
}

/** What shows files is loaded when there are any. */
function LoggedCardLater(props: ComponentProps<typeof LoggedCard>) {
  return (
    <Later what={props.card.name} instead={<figure className="chart" aria-label={props.card.name} />}>
      <LoggedCard {...props} />
    </Later>
  );
}

/** The first number that none has. */
const newId = (own: Readonly<Record<string, unknown>>): string => {
  let id = 1;
  while (String(id) in own) id++;
  return String(id);
};

const titles = new WeakMap<ChartSection, { width: number; names: Map<string, string> }>();

/** Names of the charts of a section, in so many pixels: without the prefix that the section says, and of two that look alike the part in which they differ. */
function titlesIn(section: ChartSection, width: number): Map<string, string> {
  const before = titles.get(section);
  if (before?.width === width) return before.names;
  const { prefix } = section;
  const own = section.cards.map(({ name, isOwn }) =>
    !isOwn && name.startsWith(prefix) && name.length > prefix.length ? name.slice(prefix.length) : name,
  );
  const short = distinctNames(own, Math.floor((width - 26) / letterWidth));
  const names = new Map(section.cards.map((card, at) => [card.id, short.get(own[at]!)!]));
  titles.set(section, { width, names });
  return names;
}

function SectionHead({ section, isOpen, onToggle }: { section: ChartSection; isOpen: boolean; onToggle(isOpen: boolean): void }) {
  return (
    <h2 className="charts-section">
      <button type="button" aria-expanded={isOpen} onClick={() => onToggle(!isOpen)}>
        <Icon name={isOpen ? 'chevron-down' : 'chevron-right'} />
        <span className="charts-section-name">{section.id === machineGroup ? 'Machine (system)' : section.title}</span>
        <span className="count">{section.cards.length}</span>
      </button>
    </h2>
  );
}

function Figures({ values }: { values: readonly SingleValue[] }) {
  const names = distinctNames(
    values.map(({ key }) => key),
    24,
  );
  return values.map(({ key, values: own }) => (
    <figure key={key} className="value" aria-label={key}>
      <figcaption title={key}>{names.get(key)}</figcaption>
      {own.slice(0, 4).map(({ label, value }) => (
        <div key={label} className="value-line">
          <strong>{value}</strong>
          {own.length > 1 && <span className="dim">{label}</span>}
        </div>
      ))}
    </figure>
  ));
}

/** One chart over the whole page; Escape leaves it. */
function FullScreen({ name, onClose, children }: { name: string; onClose(): void; children: ReactNode }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog className="chart-full" ref={dialog} aria-label={name} onClose={onClose}>
      {children}
    </dialog>
  );
}

/** Says that what is shown is not the newest while the plane is away. */
function Stale() {
  const { feed } = useHost();
  const [isAway, setAway] = useState(feed.state === 'disconnected');
  useEffect(() => {
    const subscription = feed.onDidChangeState((state) => setAway(state === 'disconnected'));
    return () => subscription.dispose();
  }, [feed]);
  return isAway ? (
    <p className="charts-stale" role="status">
      <Icon name="history" /> These are the last values that were read. They go on by themselves when the control plane is back.
    </p>
  ) : null;
}

function useSource(): SeriesSource {
  const { client, feed } = useHost();
  const made = useRef<SeriesSource>(undefined);
  made.current ??= new SeriesSource(client, feed);
  useEffect(
    () => () => {
      made.current?.dispose();
      made.current = undefined;
    },
    [],
  );
  return made.current;
}
