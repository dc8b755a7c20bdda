import { type PointerEvent, useRef } from 'react';

/** Pixels that a pointer moves before a chart goes with it. */
const movement = 6;

/** What lets a chart be dragged to the place of another one by its title. The chart under the pointer is marked. */
export function useCardDrag(own: string, onDrop: (other: string) => void) {
  const drag = useRef<{ x: number; y: number; over: Element | undefined }>(undefined);
  const mark = (over: Element | undefined) => {
    drag.current!.over?.classList.remove('is-target');
    over?.classList.add('is-target');
    drag.current!.over = over;
  };
  const end = () => {
    if (drag.current) mark(undefined);
    drag.current = undefined;
  };
  return {
    onPointerDown(event: PointerEvent<HTMLElement>) {
      if (event.button !== 0) return;
      event.currentTarget.setPointerCapture(event.pointerId);
      drag.current = { x: event.clientX, y: event.clientY, over: undefined };
    },
    onPointerMove({ clientX, clientY }: PointerEvent<HTMLElement>) {
      const from = drag.current;
      if (!from || (!from.over && Math.hypot(clientX - from.x, clientY - from.y) < movement)) return;
      const over = document.elementFromPoint(clientX, clientY)?.closest('[data-card]');
      mark(over?.getAttribute('data-card') === own ? undefined : (over ?? undefined));
    },
    onPointerUp() {
      const other = drag.current?.over?.getAttribute('data-card');
      end();
      if (other) onDrop(other);
    },
    onPointerCancel: end,
  };
}
