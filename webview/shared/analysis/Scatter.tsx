import { type PointerEvent, useMemo, useState } from 'react';
import { Select } from '../ui/fields.tsx';
import { ChartCard } from './ChartCard.tsx';
import type { Dimension } from './dimension.ts';
import { type Look, levelsOf } from './look.ts';
import { Plane, placesOf } from './Plane.tsx';
import { Pointed } from './Pointed.tsx';
import { scaleOf } from './scale.ts';
import { useWidth } from './useWidth.ts';

const height = 260;

/** A parameter against the objective: a point a run. */
export function Scatter({
  labels,
  parameters,
  chosen,
  objective,
  look,
  within,
  pointed,
  onChoose,
  onPoint,
}: {
  labels: readonly string[];
  parameters: readonly Dimension[];
  chosen: Dimension;
  objective: Dimension;
  look: Look;
  within: Uint8Array;
  pointed: number | undefined;
  onChoose(key: string): void;
  onPoint(run: number | undefined): void;
}) {
  const [box, width] = useWidth<HTMLDivElement>();
  const [isOver, setOver] = useState(false);
  const scales = useMemo(() => ({ x: scaleOf(chosen, 5, 0.05), y: scaleOf(objective, 5, 0.05) }), [chosen, objective]);
  const places = useMemo(() => placesOf(chosen, objective, scales, width, height), [chosen, objective, scales, width]);
  const paths = useMemo(() => pointsOf(places, objective, within, look), [places, objective, within, look]);
  const move = (event: PointerEvent<SVGSVGElement>) => {
    const frame = event.currentTarget.getBoundingClientRect();
    setOver(true);
    onPoint(nearestPlace(places, within, event.clientX - frame.left, event.clientY - frame.top));
  };
  const place = pointed === undefined ? undefined : places[pointed];
  return (
    <ChartCard
      title={`${objective.label} by ${chosen.label}`}
      picture={box}
      controls={
        <Select
          label="Parameter of the scatter plot"
          value={chosen.key}
          options={parameters.map(({ key, label }) => ({ value: key, label }))}
          onChange={onChoose}
        />
      }
    >
      <div className="analysis-plot" ref={box} style={{ height }} onPointerLeave={() => setOver(false)}>
        {width > 0 && (
          <Plane
            x={chosen}
            y={objective}
            scales={scales}
            width={width}
            height={height}
            look={look}
            label={`${objective.label} by ${chosen.label}`}
            onPointerMove={move}
            onPointerLeave={() => onPoint(undefined)}
          >
            {paths.map(({ color, d, opacity }) => (
              <path key={color} d={d} stroke={color} strokeOpacity={opacity} strokeWidth={7} strokeLinecap="round" />
            ))}
            {place && <circle cx={place.x} cy={place.y} r={6} fill="none" stroke={look.accent} strokeWidth={2.5} />}
          </Plane>
        )}
        {isOver && place && pointed !== undefined && (
          <Pointed label={labels[pointed]!} run={pointed} dimensions={[chosen, objective]} x={place.x} y={place.y} width={width} />
        )}
      </div>
    </ChartCard>
  );
}

type Places = ReturnType<typeof placesOf>;

function pointsOf(places: Places, objective: Dimension, within: Uint8Array, look: Look) {
  const levels = levelsOf(objective);
  const paths = new Map<number, string[]>();
  for (const [run, place] of places.entries()) {
    if (!place) continue;
    const key = within[run] ? levels[run]! : -2;
    const path = paths.get(key) ?? [];
    path.push(`M${place.x.toFixed(1)},${place.y.toFixed(1)}h0`);
    paths.set(key, path);
  }
  return [...paths]
    .sort(([a], [b]) => a - b)
    .map(([level, path]) => ({
      d: path.join(''),
      color: level === -2 ? look.grid : level === -1 ? look.text : look.levels[level]!,
      opacity: within.length > 500 ? 0.7 : 1,
    }));
}

function nearestPlace(places: Places, within: Uint8Array, x: number, y: number): number | undefined {
  let best: number | undefined;
  let distance = 20 ** 2;
  for (const [run, place] of places.entries()) {
    if (!place || !within[run]) continue;
    const square = (place.x - x) ** 2 + (place.y - y) ** 2;
    if (square < distance) [best, distance] = [run, square];
  }
  return best;
}
