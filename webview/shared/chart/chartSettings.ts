import { usePageState } from '../host/pageState.ts';
import type { OwnCharts } from './chartSections.ts';
import { type Axis, axes } from './line.ts';
import type { Range } from './scene.ts';
import type { Smoothing } from './smoothing.ts';

export const cardSizes = ['small', 'medium', 'large'] as const;
export type CardSize = (typeof cardSizes)[number];

/** What the user chose for one chart. */
export interface CardChoice {
  yRange?: Range;
  best?: 'min' | 'max';
  /** As wide as the page, or not, where the card by itself is the other. */
  isWide?: boolean;
  /** The step that is shown of what was logged in steps; the last where none is chosen. */
  step?: number;
}

/** What the user chose for all charts of a page, kept through a reload. */
export interface ChartSettings {
  axis: Axis;
  setAxis(axis: Axis): void;
  /** The metric that the axis shows, when it is one. */
  xMetric: string;
  setXMetric(key: string): void;
  weight: number;
  setWeight(weight: number): void;
  smoothing: Smoothing;
  setSmoothing(smoothing: Smoothing): void;
  isLog: boolean;
  setLog(isLog: boolean): void;
  isBand: boolean;
  setBand(isBand: boolean): void;
  size: CardSize;
  setSize(size: CardSize): void;
  search: string;
  setSearch(search: string): void;
  isRegex: boolean;
  setRegex(isRegex: boolean): void;
  /** Metrics that have a chart; none: all. */
  chosen: string[];
  setChosen(chosen: string[]): void;
  closed: string[];
  setClosed(closed: string[]): void;
  pinned: string[];
  setPinned(pinned: string[]): void;
  moves: string[];
  setMoves(moves: string[]): void;
  own: OwnCharts;
  setOwn(own: OwnCharts): void;
  choiceOf(card: string): CardChoice;
  choose(card: string, choice: CardChoice): void;
  /** The part of the horizontal axis that all charts show; undefined: all. */
  xRange: Range | undefined;
  setXRange(range: Range | undefined): void;
  /** All of the axis again, and of the vertical one of this chart. */
  reset(card?: string): void;
}

const nothing = {};

/** `scope` keeps the settings apart from those of other charts of the same page. */
export function useChartSettings(closedAtFirst: readonly string[], axisAtFirst: Axis = 'step', scope = ''): ChartSettings {
  const of = (name: string) => (scope ? `${scope}.${name}` : name);
  const [axisName, setAxisName] = usePageState<string>(of('axis'), axisAtFirst);
  const [xMetric, setXMetric] = usePageState(of('xMetric'), '');
  const [weight, setWeight] = usePageState(of('smoothing'), 0);
  const [smoothing, setSmoothing] = usePageState<string>(of('smoothBy'), 'points');
  const [isLog, setLog] = usePageState(of('log'), false);
  const [isBand, setBand] = usePageState(of('band'), false);
  const [size, setSize] = usePageState<string>(of('cardSize'), 'medium');
  const [search, setSearch] = usePageState(of('search'), '');
  const [isRegex, setRegex] = usePageState(of('regex'), false);
  const [chosen, setChosen] = usePageState<string[]>(of('keys'), []);
  const [closed, setClosed] = usePageState<string[]>(of('closed'), closedAtFirst as string[]);
  const [pinned, setPinned] = usePageState<string[]>(of('pinnedCharts'), []);
  const [moves, setMoves] = usePageState<string[]>(of('moves'), []);
  const [own, setOwn] = usePageState<Record<string, unknown>>(of('own'), nothing);
  const [cards, setCards] = usePageState<Record<string, unknown>>(of('cards'), nothing);
  const [zoom, setZoom] = usePageState<Record<string, unknown>>(of('zoom'), nothing);
  const axis = axes.find((each) => each === axisName) ?? axisAtFirst;
  const choiceOf = (card: string): CardChoice => choiceFrom(cards[card]);
  const choose = (card: string, choice: CardChoice) => {
    const { [card]: _old, ...rest } = cards;
    setCards(Object.keys(choice).length > 0 ? { ...rest, [card]: choice } : rest);
  };
  return {
    axis,
    setAxis: (next) => {
      // A range of steps is none of seconds.
      setZoom(nothing);
      setAxisName(next);
    },
    xMetric,
    setXMetric: (key) => {
      setZoom(nothing);
      setXMetric(key);
    },
    weight: Math.min(0.999, Math.max(0, weight)),
    setWeight,
    smoothing: smoothing === 'distance' ? 'distance' : 'points',
    setSmoothing,
    isLog,
    setLog,
    isBand,
    setBand,
    size: cardSizes.find((each) => each === size) ?? 'medium',
    setSize,
    search,
    setSearch,
    isRegex,
    setRegex,
    chosen,
    setChosen,
    closed,
    setClosed,
    pinned,
    setPinned,
    moves,
    // The newest moves say where charts are: very old ones need not be kept.
    setMoves: (next) => setMoves(next.slice(-200)),
    own: ownFrom(own),
    setOwn: (next) => setOwn(next as Record<string, unknown>),
    choiceOf,
    choose,
    xRange: zoom.axis === axis ? rangeFrom(zoom.range) : undefined,
    setXRange: (range) => setZoom(range ? { axis, range } : nothing),
    reset: (card) => {
      setZoom(nothing);
      if (card === undefined) return;
      const { yRange: _range, ...rest } = choiceOf(card);
      choose(card, rest);
    },
  };
}

// What was kept may come from an address that somebody wrote.

function rangeFrom(value: unknown): Range | undefined {
  if (!Array.isArray(value) || value.length !== 2 || !value.every((each) => Number.isFinite(each))) return undefined;
  return value[0] < value[1] ? (value as unknown as Range) : undefined;
}

function choiceFrom(value: unknown): CardChoice {
  if (typeof value !== 'object' || value === null) return nothing;
  const { yRange, best, isWide, step } = value as Record<string, unknown>;
  const range = rangeFrom(yRange);
  return {
    ...(range ? { yRange: range } : {}),
    ...(best === 'min' || best === 'max' ? { best } : {}),
    ...(typeof isWide === 'boolean' ? { isWide } : {}),
    ...(typeof step === 'number' && Number.isFinite(step) ? { step } : {}),
  };
}

function ownFrom(value: Readonly<Record<string, unknown>>): OwnCharts {
  const found: Record<string, { name: string; keys: string[] }> = {};
  for (const [id, chart] of Object.entries(value)) {
    const { name, keys } = (chart ?? {}) as Record<string, unknown>;
    if (typeof name === 'string' && Array.isArray(keys)) found[id] = { name, keys: keys.filter((key) => typeof key === 'string') };
  }
  return found;
}
