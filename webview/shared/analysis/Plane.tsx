import type { PointerEventHandler, ReactNode } from 'react';
import type { Dimension } from './dimension.ts';
import type { Look } from './look.ts';
import { margins, type Scales } from './places.ts';
import { shortLabel } from './valueText.ts';

/** Two axes with their ticks and names, around what is drawn between them. */
export function Plane({
  x,
  y,
  scales,
  width,
  height,
  look,
  label,
  onPointerMove,
  onPointerLeave,
  children,
}: {
  x: Dimension;
  y: Dimension;
  scales: Scales;
  width: number;
  height: number;
  look: Look;
  label: string;
  onPointerMove?: PointerEventHandler<SVGSVGElement>;
  onPointerLeave?: () => void;
  children: ReactNode;
}) {
  const [left, right, top, bottom] = [margins.left, width - margins.right, margins.top, height - margins.bottom];
  const isCrowded = (scales.x.ticks.length * 48) / (right - left) > 1;
  return (
    <svg
      className="analysis-under"
      xmlns="http://www.w3.org/2000/svg"
      width={width}
      height={height}
      fontFamily={look.family}
      fontSize={11}
      fill={look.text}
      role="img"
      aria-label={label}
      onPointerMove={onPointerMove}
      onPointerLeave={onPointerLeave}
    >
      {scales.x.ticks.map((tick, index) => {
        const at = left + tick.at * (right - left);
        return (
          <g key={tick.label}>
            <line x1={at} x2={at} y1={top} y2={bottom} stroke={look.grid} />
            {(!isCrowded || index % 2 === 0) && (
              <text x={at} y={bottom + 14} textAnchor="middle">
                {shortLabel(tick.label, 10)}
              </text>
            )}
          </g>
        );
      })}
      {scales.y.ticks.map((tick) => {
        const at = bottom - tick.at * (bottom - top);
        return (
          <g key={tick.label}>
            <line x1={left} x2={right} y1={at} y2={at} stroke={look.grid} />
            <text x={left - 6} y={at + 4} textAnchor="end">
              {shortLabel(tick.label, 8)}
            </text>
          </g>
        );
      })}
      {children}
      <text x={(left + right) / 2} y={height - 6} textAnchor="middle">
        {shortLabel(`${x.label}${x.isLog ? ' (log)' : ''}`, 40)}
      </text>
      <text transform={`translate(11,${(top + bottom) / 2}) rotate(-90)`} textAnchor="middle">
        {shortLabel(`${y.label}${y.isLog ? ' (log)' : ''}`, 28)}
      </text>
    </svg>
  );
}
