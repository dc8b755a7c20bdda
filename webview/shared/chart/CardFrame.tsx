import type { KeyboardEvent, ReactNode } from 'react';
import { ToolButton } from '../ui/ToolButton.tsx';
import type { ChartSettings } from './chartSettings.ts';
import { useCardDrag } from './useCardDrag.ts';

/** What every card of a board can do, whatever it shows. */
export interface CardPlace {
  /** What of its name is shown. */
  title: string;
  settings: Pick<ChartSettings, 'pinned' | 'setPinned'>;
  isFull: boolean;
  onFull(isFull: boolean): void;
  /** As wide as the page. */
  isWide: boolean;
  onWide(): void;
  /** To the place of another card. */
  onMoveTo(other: string): void;
  onMoveBy(places: number): void;
}

/** A card with its title, the tools that all have, and a menu. */
export function CardFrame({
  id,
  name,
  place,
  menu,
  className = '',
  children,
}: {
  id: string;
  name: string;
  place: CardPlace;
  menu: ReactNode;
  className?: string;
  children: ReactNode;
}) {
  const { title, settings, isFull, onFull, onMoveTo, onMoveBy } = place;
  const isPinned = settings.pinned.includes(id);
  const drag = useCardDrag(id, onMoveTo);
  const move = (event: KeyboardEvent) => {
    if (!event.altKey || (event.key !== 'ArrowLeft' && event.key !== 'ArrowRight')) return;
    event.preventDefault();
    onMoveBy(event.key === 'ArrowLeft' ? -1 : 1);
  };
  return (
    <figure className={`chart ${className}${isFull ? ' is-full' : ''}`} aria-label={name} data-card={id} onKeyDown={move}>
      <figcaption>
        <span className="chart-title" title={name} {...(isFull ? {} : drag)}>
          {title}
        </span>
        <span className="chart-tools">
          <ToolButton
            icon={isPinned ? 'pinned' : 'pin'}
            label={isPinned ? `Unpin ${name}` : `Pin ${name} to the top`}
            pressed={isPinned}
            onClick={() => settings.setPinned(isPinned ? settings.pinned.filter((each) => each !== id) : [...settings.pinned, id])}
          />
          <ToolButton
            icon={isFull ? 'screen-normal' : 'screen-full'}
            label={isFull ? 'Leave the full screen' : `Show ${name} on the full screen`}
            onClick={() => onFull(!isFull)}
          />
          {menu}
        </span>
      </figcaption>
      {children}
    </figure>
  );
}
