import { useMemo } from 'react';
import { Select } from '../ui/fields.tsx';
import { useWidth } from '../ui/useWidth.ts';
import { AnalysisCard } from './AnalysisCard.tsx';
import { ColorBar } from './ColorBar.tsx';
import { type Dimension, varies } from './dimension.ts';
import type { Look } from './look.ts';
import { PointPlot } from './PointPlot.tsx';
import { margins, placesOf, pointPaths, type Scales } from './places.ts';
import { scaleOf } from './scale.ts';
import { levelOf } from './sequential.ts';
import { surfaceOf } from './surface.ts';

const height = 260;
const cells = 56;
/** Runs that a surface is made of: more hardly change it. */
const mostRuns = 1500;

/** The objective over two parameters: in colours between the runs, never beyond them. */
export function Contour({
  labels,
  parameters,
  x,
  y,
  objective,
  look,
  within,
  pointed,
  onChoose,
  onPoint,
}: {
  labels: readonly string[];
  parameters: readonly Dimension[];
  x: Dimension;
  y: Dimension;
  objective: Dimension;
  look: Look;
  within: Uint8Array;
  pointed: number | undefined;
  onChoose(axis: 'x' | 'y', key: string): void;
  onPoint(run: number | undefined): void;
}) {
  const [box, width] = useWidth<HTMLDivElement>();
  const scales = useMemo(() => ({ x: scaleOf(x, 5, 0.05), y: scaleOf(y, 5, 0.05) }), [x, y]);
  const places = useMemo(() => placesOf(x, y, scales, width, height), [x, y, scales, width]);
  const bands = useMemo(() => bandsOf(x, y, objective, scales), [x, y, objective, scales]);
  const points = useMemo(() => pointPaths(places, objective, within, look), [places, objective, within, look]);
  const inner = { width: width - margins.left - margins.right, height: height - margins.top - margins.bottom };
  const options = parameters.map(({ key, label }) => ({ value: key, label }));
  const title = `${objective.label} by ${x.label} and ${y.label}`;
  return (
    <AnalysisCard
      title={title}
      picture={box}
      controls={
        <>
          <Select label="Across" value={x.key} options={options} onChange={(key) => onChoose('x', key)} />
          <Select label="Up" value={y.key} options={options} onChange={(key) => onChoose('y', key)} />
          <ColorBar objective={objective} look={look} />
        </>
      }
      note={
        bands.length > 0
          ? 'Colours between the runs are means of the nearest ones. Where no run is around, nothing is drawn.'
          : 'The runs lie on one line here, so there is nothing between them to colour.'
      }
    >
      <PointPlot
        box={box}
        width={width}
        height={height}
        x={x}
        y={y}
        scales={scales}
        places={places}
        within={within}
        look={look}
        label={title}
        labels={labels}
        dimensions={[x, y, objective]}
        pointed={pointed}
        onPoint={onPoint}
      >
        <g
          transform={`translate(${margins.left},${margins.top + inner.height}) scale(${inner.width / cells},${-inner.height / cells})`}
          fillOpacity={0.75}
        >
          {bands.map(({ level, d }) => (
            <path key={level} d={d} fill={look.levels[level]} />
          ))}
        </g>
        {points.map(({ color, d }) => (
          <path key={`around ${color}`} d={d} stroke={look.background} strokeWidth={8} strokeLinecap="round" />
        ))}
        {points.map(({ color, d }) => (
          <path key={color} d={d} stroke={color} strokeWidth={6} strokeLinecap="round" />
        ))}
      </PointPlot>
    </AnalysisCard>
  );
}

/** The cells of each level of colour as one path, in units of cells. */
function bandsOf(x: Dimension, y: Dimension, objective: Dimension, scales: Scales): { level: number; d: string }[] {
  if (!varies(objective)) return [];
  const shades = scaleOf(objective, 2);
  const known: { x: number; y: number; value: number }[] = [];
  const every = Math.max(1, Math.ceil(objective.values.length / mostRuns));
  for (let run = 0; run < objective.values.length; run += every) {
    const place = { x: scales.x.at(x.values[run]!), y: scales.y.at(y.values[run]!), value: shades.at(objective.values[run]!) };
    if (!Number.isNaN(place.x + place.y + place.value)) known.push(place);
  }
  const surface = surfaceOf(known, cells);
  const paths = new Map<number, string[]>();
  for (let row = 0; row < cells; row++) {
    for (let from = 0; from < cells; ) {
      const value = surface[row * cells + from]!;
      // Bands of a few levels, as a map shows heights.
      const level = Number.isNaN(value) ? -1 : bandOf(value);
      let to = from + 1;
      while (to < cells && sameBand(surface[row * cells + to]!, level)) to++;
      if (level >= 0) {
        const path = paths.get(level) ?? [];
        // A little over the edge, so that no seam shines through.
        path.push(`M${from},${row}h${to - from + 0.05}v1.05h${from - to - 0.05}z`);
        paths.set(level, path);
      }
      from = to;
    }
  }
  return [...paths].sort(([a], [b]) => a - b).map(([level, path]) => ({ level, d: path.join('') }));
}

const bandOf = (share: number): number => Math.floor(levelOf(share) / 2) * 2;
const sameBand = (value: number, level: number): boolean => (Number.isNaN(value) ? -1 : bandOf(value)) === level;
