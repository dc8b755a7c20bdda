import { type KeyboardEvent, type PointerEvent, useMemo, useRef, useState } from 'react';
import { plainText } from '../ui/plainText.ts';
import { useWidth } from '../ui/useWidth.ts';
import { AnalysisCard } from './AnalysisCard.tsx';
import type { Brushes } from './brushes.ts';
import { ColorBar } from './ColorBar.tsx';
import type { Dimension } from './dimension.ts';
import { type Look, levelsOf } from './look.ts';
import { Pointed } from './Pointed.tsx';
import { type Scale, scaleOf } from './scale.ts';
import { shortLabel, valueText } from './valueText.ts';

const height = 300;
const top = 44;
const bottom = 262;
/** Where a run stands that has no value on an axis. */
const none = 280;
const leastGap = 84;
/** Width of an axis that takes the pointer, and how near a line the pointer must be, in pixels. */
const reach = 24;
const near = 14;

/** Pixels of a character of an axis's name, at most in a name of some length. */
const widthOfCharacter = 7.2;

interface Axis {
  dimension: Dimension;
  scale: Scale;
  x: number;
}

const yOf = ({ scale, dimension }: Axis, run: number): number => {
  const share = scale.at(dimension.values[run]!);
  return Number.isNaN(share) ? none : bottom - share * (bottom - top);
};

/** A line a run over an axis a parameter, the objective last. A range is marked on an axis by dragging, or with the arrows. */
export function ParallelCoordinates({
  labels,
  parameters,
  objective,
  look,
  brushes,
  within,
  pointed,
  onBrush,
  onPoint,
}: {
  labels: readonly string[];
  parameters: readonly Dimension[];
  objective: Dimension;
  look: Look;
  brushes: Brushes;
  within: Uint8Array;
  pointed: number | undefined;
  onBrush(brushes: Brushes): void;
  onPoint(run: number | undefined): void;
}) {
  const [box, width] = useWidth<HTMLDivElement>();
  const [at, setAt] = useState<{ x: number; y: number }>();
  const dragged = useRef<{ axis: Axis; from: number }>(undefined);
  const dimensions = useMemo(() => [...parameters, objective], [parameters, objective]);
  const side = 46;
  const wide = Math.max(width, 2 * side + leastGap * (dimensions.length - 1));
  const axes = useMemo(
    () =>
      dimensions.map(
        (dimension, index): Axis => ({
          dimension,
          scale: scaleOf(dimension, 5),
          x: dimensions.length > 1 ? side + ((wide - 2 * side) * index) / (dimensions.length - 1) : wide / 2,
        }),
      ),
    [dimensions, wide],
  );
  const lines = useMemo(() => linesOf(axes, objective, within, look), [axes, objective, within, look]);
  const isSomeNone = useMemo(() => dimensions.some(({ values }) => values.some(Number.isNaN)), [dimensions]);

  const placeOf = (event: PointerEvent) => {
    const frame = event.currentTarget.closest('.analysis-layers')!.getBoundingClientRect();
    return { x: event.clientX - frame.left, y: event.clientY - frame.top };
  };
  const valueAt = ({ scale }: Axis, y: number) => scale.valueAt((bottom - Math.min(bottom, Math.max(top, y))) / (bottom - top));
  const mark = ({ dimension: { key } }: Axis, range: readonly [number, number] | undefined) => {
    const { [key]: _old, ...rest } = brushes;
    onBrush(range ? { ...rest, [key]: range } : rest);
  };
  function onMove(event: PointerEvent) {
    const place = placeOf(event);
    if (dragged.current) {
      const { axis, from } = dragged.current;
      const [a, b] = [valueAt(axis, from), valueAt(axis, place.y)];
      if (Math.abs(place.y - from) > 3) mark(axis, [Math.min(a, b), Math.max(a, b)]);
      return;
    }
    setAt(place);
    onPoint(nearestLine(axes, within, place));
  }
  function onKey(event: KeyboardEvent, axis: Axis) {
    if (event.key === 'Escape') return mark(axis, undefined);
    const direction = { ArrowUp: 1, ArrowDown: -1 }[event.key];
    if (direction === undefined) return;
    event.preventDefault();
    const { scale } = axis;
    const [from, to] = (brushes[axis.dimension.key] ?? [scale.valueAt(0), scale.valueAt(1)]).map(scale.at) as [number, number];
    const move = (share: number) => Math.min(1, Math.max(0, share + 0.05 * direction));
    const [low, high] = event.shiftKey ? [move(from), to] : [from, move(to)];
    mark(axis, [scale.valueAt(Math.min(low, high)), scale.valueAt(Math.max(low, high))]);
  }

  return (
    <AnalysisCard
      title="Parallel coordinates"
      picture={box}
      controls={<ColorBar objective={objective} look={look} />}
      note="Drag along an axis to mark a range, click it to clear the range. By keyboard: the arrows move its upper end, with Shift its lower one, Escape clears it."
    >
      <div className="analysis-plot scrolls" ref={box} style={{ minHeight: height }}>
        {/* biome-ignore lint/a11y/useSemanticElements: a drawing is no fieldset */}
        <div
          className="analysis-layers"
          role="group"
          aria-label="Parallel coordinates"
          style={{ width: wide, height }}
          hidden={width === 0}
          onPointerMove={onMove}
          onPointerUp={() => {
            dragged.current = undefined;
          }}
          onPointerLeave={() => {
            setAt(undefined);
            if (!dragged.current) onPoint(undefined);
          }}
        >
          <svg className="analysis-under" width={wide} height={height} aria-hidden="true">
            {lines.map(({ d, color, opacity }) => (
              <path key={color} d={d} fill="none" stroke={color} strokeWidth={1.3} strokeOpacity={opacity} />
            ))}
          </svg>
          <svg
            className="analysis-above"
            xmlns="http://www.w3.org/2000/svg"
            width={wide}
            height={height}
            fontFamily={look.family}
            fontSize={11}
            aria-hidden="true"
          >
            {pointed !== undefined && <path d={lineOf(axes, pointed)} fill="none" stroke={look.accent} strokeWidth={3} />}
            {isSomeNone && (
              <text x={4} y={none + 4} fill={look.text}>
                none
              </text>
            )}
            {axes.map((axis) => {
              const { dimension, scale, x } = axis;
              const brush = brushes[dimension.key];
              const [low, high] = brush ? brush.map(scale.at) : [0, 1];
              const name = shortLabel(dimension.label, Math.max(8, Math.floor((wide - 2 * side) / dimensions.length / 7)));
              // The names at both ends stand within the picture.
              const half = (name.length * widthOfCharacter) / 2;
              const nameAt = Math.min(wide - half, Math.max(half, x));
              return (
                <g key={dimension.key}>
                  <title>{`${dimension.label}${dimension.isLog ? ' (logarithmic)' : ''}`}</title>
                  <text x={nameAt} y={16} textAnchor="middle" fill={look.text} fontWeight={dimension === objective ? 600 : 400}>
                    {name}
                  </text>
                  {dimension.isLog && (
                    <text x={x} y={30} textAnchor="middle" fill={look.text} fontSize={9}>
                      log
                    </text>
                  )}
                  <line x1={x} x2={x} y1={top} y2={bottom} stroke={look.text} />
                  {scale.ticks.map((tick) => {
                    const y = bottom - tick.at * (bottom - top);
                    return (
                      <g key={tick.label}>
                        <line x1={x - 3} x2={x + 3} y1={y} y2={y} stroke={look.text} />
                        <text x={x + 6} y={y + 4} fill={look.text} stroke={look.background} strokeWidth={3} paintOrder="stroke">
                          {shortLabel(tick.label, 12)}
                        </text>
                      </g>
                    );
                  })}
                  {brush && (
                    <rect
                      x={x - 6}
                      width={12}
                      y={bottom - high! * (bottom - top)}
                      height={Math.max(2, (high! - low!) * (bottom - top))}
                      fill={look.accent}
                      fillOpacity={0.35}
                      stroke={look.accent}
                    />
                  )}
                </g>
              );
            })}
          </svg>
          {axes.map((axis) => {
            const { key, label } = axis.dimension;
            const brush = brushes[key];
            return (
              <div
                key={key}
                className="analysis-axis"
                style={{ left: axis.x - reach / 2, width: reach, top: top - 6, height: bottom - top + 12 }}
                title={plainText(label)}
                role="slider"
                tabIndex={0}
                aria-orientation="vertical"
                aria-label={`Range of ${plainText(label)}`}
                aria-valuemin={0}
                aria-valuemax={100}
                aria-valuenow={Math.round(100 * (brush ? axis.scale.at(brush[1]) : 1))}
                aria-valuetext={brush ? spokenRange(axis.dimension, brush) : 'no range marked'}
                onKeyDown={(event) => onKey(event, axis)}
                onPointerDown={(event) => {
                  event.currentTarget.setPointerCapture(event.pointerId);
                  dragged.current = { axis, from: placeOf(event).y };
                  mark(axis, undefined);
                }}
              />
            );
          })}
          {pointed !== undefined && at && (
            <Pointed label={labels[pointed]!} run={pointed} dimensions={dimensions} x={at.x} y={Math.min(at.y, 120)} width={wide} />
          )}
        </div>
      </div>
    </AnalysisCard>
  );
}

const lineOf = (axes: readonly Axis[], run: number): string =>
  axes.map((axis, index) => `${index ? 'L' : 'M'}${axis.x.toFixed(1)},${yOf(axis, run).toFixed(1)}`).join('');

interface Drawn {
  d: string;
  color: string;
  opacity: number;
}

/** A path for each level of colour, however many runs there are; first, faint, the runs that are left out by a range. */
function linesOf(axes: readonly Axis[], objective: Dimension, within: Uint8Array, look: Look): Drawn[] {
  const levels = levelsOf(objective);
  const paths = new Map<number, string[]>();
  for (const [run, level] of levels.entries()) {
    const key = within[run] ? level : -2;
    const path = paths.get(key) ?? [];
    path.push(lineOf(axes, run));
    paths.set(key, path);
  }
  const opacity = within.length > 500 ? 0.5 : 0.9;
  return [...paths]
    .sort(([a], [b]) => a - b)
    .map(([level, path]) => ({
      d: path.join(''),
      color: level === -2 ? look.grid : level === -1 ? look.text : look.levels[level]!,
      opacity: level === -2 ? 1 : level === -1 ? opacity / 2 : opacity,
    }));
}

/** The run whose line is nearest to a place; undefined where none is near. */
function nearestLine(axes: readonly Axis[], within: Uint8Array, { x, y }: { x: number; y: number }): number | undefined {
  const right = Math.max(
    1,
    axes.findIndex((axis) => axis.x >= x),
  );
  const [a, b] = [axes[right - 1], axes[right] ?? axes[right - 1]];
  if (!a || !b || x < a.x - near || x > b.x + near) return undefined;
  const part = b.x > a.x ? Math.min(1, Math.max(0, (x - a.x) / (b.x - a.x))) : 0;
  let best: number | undefined;
  let distance = near;
  for (let run = 0; run < within.length; run++) {
    if (!within[run]) continue;
    const from = yOf(a, run);
    const off = Math.abs(from + (yOf(b, run) - from) * part - y);
    if (off < distance) [best, distance] = [run, off];
  }
  return best;
}

const spokenRange = (dimension: Dimension, [from, to]: readonly [number, number]): string =>
  `marked from ${spokenValue(dimension, from)} to ${spokenValue(dimension, to)}`;

function spokenValue(dimension: Dimension, value: number): string {
  const { categories } = dimension;
  if (!categories) return String(Number(value.toPrecision(3)));
  const place = Math.min(categories.length - 1, Math.max(0, Math.round(value)));
  return valueText({ ...dimension, values: Float64Array.of(place) }, 0);
}
