import { type PointerEvent, type ReactNode, type RefObject, useState } from 'react';
import type { Dimension } from './dimension.ts';
import type { Look } from './look.ts';
import { Plane } from './Plane.tsx';
import { Pointed } from './Pointed.tsx';
import { nearestPlace, type Places, type Scales } from './places.ts';
import { Ring } from './Ring.tsx';

/** A plane of runs as points: the one nearest to the pointer has a ring, and its values beside it. `children` are what is drawn on the plane. */
export function PointPlot({
  box,
  width,
  height,
  x,
  y,
  scales,
  places,
  within,
  look,
  label,
  labels,
  dimensions,
  pointed,
  onPoint,
  children,
}: {
  box: RefObject<HTMLDivElement | null>;
  width: number;
  height: number;
  x: Dimension;
  y: Dimension;
  scales: Scales;
  /** By the index of the run. */
  places: Places;
  /** 1 for a run that counts, by its index. */
  within: Uint8Array;
  look: Look;
  label: string;
  labels: readonly string[];
  /** Whose values of the pointed run are told. */
  dimensions: readonly Dimension[];
  pointed: number | undefined;
  onPoint(run: number | undefined): void;
  children: ReactNode;
}) {
  const [isOver, setOver] = useState(false);
  const place = pointed === undefined ? undefined : places[pointed];
  const move = (event: PointerEvent<SVGSVGElement>) => {
    const frame = event.currentTarget.getBoundingClientRect();
    setOver(true);
    onPoint(nearestPlace(places, within, event.clientX - frame.left, event.clientY - frame.top));
  };
  return (
    <div className="analysis-plot" ref={box} style={{ height }} onPointerLeave={() => setOver(false)}>
      {width > 0 && (
        <Plane
          x={x}
          y={y}
          scales={scales}
          width={width}
          height={height}
          look={look}
          label={label}
          onPointerMove={move}
          onPointerLeave={() => onPoint(undefined)}
        >
          {children}
        </Plane>
      )}
      <Ring place={place} width={width} height={height} color={look.accent} />
      {isOver && place && pointed !== undefined && (
        <Pointed label={labels[pointed]!} run={pointed} dimensions={dimensions} x={place.x} y={place.y} width={width} />
      )}
    </div>
  );
}
