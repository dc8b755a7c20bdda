import { type PointerEvent, useMemo, useState } from 'react';
import { Select } from '../ui/fields.tsx';
import { ChartCard } from './ChartCard.tsx';
import type { Dimension } from './dimension.ts';
import type { Look } from './look.ts';
import { Plane } from './Plane.tsx';
import { Pointed } from './Pointed.tsx';
import { nearestPlace, placesOf, pointPaths } from './places.ts';
import { Ring } from './Ring.tsx';
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
  const paths = useMemo(() => pointPaths(places, objective, within, look), [places, objective, within, look]);
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
          </Plane>
        )}
        <Ring place={place} width={width} height={height} color={look.accent} />
        {isOver && place && pointed !== undefined && (
          <Pointed label={labels[pointed]!} run={pointed} dimensions={[chosen, objective]} x={place.x} y={place.y} width={width} />
        )}
      </div>
    </ChartCard>
  );
}
