import { useMemo } from 'react';
import { Select } from '../ui/fields.tsx';
import { useWidth } from '../ui/useWidth.ts';
import { AnalysisCard } from './AnalysisCard.tsx';
import type { Dimension } from './dimension.ts';
import type { Look } from './look.ts';
import { PointPlot } from './PointPlot.tsx';
import { placesOf, pointPaths } from './places.ts';
import { scaleOf } from './scale.ts';

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
  const scales = useMemo(() => ({ x: scaleOf(chosen, 5, 0.05), y: scaleOf(objective, 5, 0.05) }), [chosen, objective]);
  const places = useMemo(() => placesOf(chosen, objective, scales, width, height), [chosen, objective, scales, width]);
  const paths = useMemo(() => pointPaths(places, objective, within, look), [places, objective, within, look]);
  const title = `${objective.label} by ${chosen.label}`;
  return (
    <AnalysisCard
      title={title}
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
      <PointPlot
        box={box}
        width={width}
        height={height}
        x={chosen}
        y={objective}
        scales={scales}
        places={places}
        within={within}
        look={look}
        label={title}
        labels={labels}
        dimensions={[chosen, objective]}
        pointed={pointed}
        onPoint={onPoint}
      >
        {paths.map(({ color, d, opacity }) => (
          <path key={color} d={d} stroke={color} strokeOpacity={opacity} strokeWidth={7} strokeLinecap="round" />
        ))}
      </PointPlot>
    </AnalysisCard>
  );
}
