/** The mark around a point, in a layer of its own: what lies under it is not painted anew. */
export function Ring({
  place,
  width,
  height,
  color,
}: {
  place: { x: number; y: number } | undefined;
  width: number;
  height: number;
  color: string;
}) {
  return (
    <svg className="analysis-over" width={width} height={height} aria-hidden="true">
      {place && <circle cx={place.x} cy={place.y} r={6} fill="none" stroke={color} strokeWidth={2.5} />}
    </svg>
  );
}
