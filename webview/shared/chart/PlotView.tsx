import { type KeyboardEvent, type ReactNode, useEffect, useId, useRef, useState } from 'react';
import { ChartTip } from './ChartTip.tsx';
import type { CursorSync } from './cursorSync.ts';
import { type Hover, Plot, type PlotEvents } from './Plot.ts';
import type { Plotted, Range } from './scene.ts';

interface PlotViewProps {
  plotted: Plotted;
  height: number | undefined;
  label: string;
  highlighted: string | undefined;
  sync: CursorSync;
  /** Shown over the plot when nothing of it is in the range. */
  nothing: ReactNode;
  onRange(x: Range | undefined, y: Range | undefined): void;
  onReset(): void;
  /** The line that the pointer is nearest to. */
  onNear(id: string | undefined): void;
}

/** A chart that a pointer and keys can move in. */
export function PlotView({ plotted, height, label, highlighted, sync, nothing, onRange, onReset, onNear }: PlotViewProps) {
  const id = useId();
  const holder = useRef<HTMLDivElement>(null);
  const plot = useRef<Plot>(undefined);
  const [hover, setHover] = useState<Hover>();
  const [kept, setKept] = useState<Hover>();
  const [isNothing, setNothing] = useState(false);
  const latest = useRef<PlotEvents & { hover: Hover | undefined }>(undefined);
  latest.current = {
    hover,
    onHover(next) {
      setHover(next);
      sync.move({ x: next?.x, from: id });
      onNear(next?.near[0]?.line.id);
    },
    onRange,
    onReset,
    onClick: () => setKept(kept || !hover?.near.length ? undefined : hover),
    onDrawn: (_scene, isEmpty) => setNothing(isEmpty),
  };

  useEffect(() => {
    const made = new Plot(holder.current!, {
      onHover: (next) => latest.current!.onHover(next),
      onRange: (x, y) => latest.current!.onRange(x, y),
      onReset: () => latest.current!.onReset(),
      onClick: () => latest.current!.onClick(),
      onDrawn: (scene, isEmpty) => latest.current!.onDrawn(scene, isEmpty),
    });
    plot.current = made;
    const subscription = sync.onDidMove(({ x, from }) => from !== id && made.pointAt(x));
    return () => {
      subscription.dispose();
      made.dispose();
    };
  }, [sync, id]);
  useEffect(() => plot.current?.show(plotted), [plotted]);
  useEffect(() => plot.current?.highlight(highlighted), [highlighted]);

  function press(event: KeyboardEvent) {
    const at = plot.current;
    if (!at || event.target !== event.currentTarget || event.altKey || event.ctrlKey || event.metaKey) return;
    const actions: Record<string, () => void> = {
      ArrowLeft: () => (event.shiftKey ? at.pan(-0.2) : at.step(-1)),
      ArrowRight: () => (event.shiftKey ? at.pan(0.2) : at.step(1)),
      '+': () => at.zoom(0.5),
      '=': () => at.zoom(0.5),
      '-': () => at.zoom(2),
      Enter: () => latest.current!.onClick(),
      Escape: () => {
        if (kept) setKept(undefined);
        else onReset();
      },
    };
    const action = actions[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  }

  const shown = kept ?? hover;
  return (
    <div
      className="plot-frame"
      style={height === undefined ? undefined : { height }}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: keys move the cursor through the points
      tabIndex={0}
      role="application"
      aria-roledescription="chart"
      aria-label={label}
      onKeyDown={press}
    >
      <div className="plot" ref={holder} />
      {isNothing && <div className="plot-nothing">{nothing}</div>}
      {shown && shown.near.length > 0 && (
        <ChartTip
          hover={shown}
          axis={plotted.axis}
          width={holder.current?.clientWidth ?? 0}
          isKept={kept !== undefined}
          onClose={() => setKept(undefined)}
        />
      )}
    </div>
  );
}
