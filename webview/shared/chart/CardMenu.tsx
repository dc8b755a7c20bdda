import { type ReactNode, useState } from 'react';
import { Popover } from '../ui/Popover.tsx';
import type { CardChoice } from './chartSettings.ts';

/** Scrolls what has just been opened into view, at the lower edge of a page too. */
const intoView = (element: HTMLElement | null): void => element?.scrollIntoView({ block: 'nearest' });

/** Where a card is, and how it gets elsewhere. */
export interface PlaceActions {
  isWide: boolean;
  onWide(): void;
  /** Earlier or later among the cards of its section. */
  moveBy(places: number): void;
}

export interface CardActions extends PlaceActions {
  choice: CardChoice;
  choose(choice: CardChoice): void;
  copyPicture(): void;
  savePicture(kind: 'png' | 'svg'): void;
  saveCsv(): void;
  /** Of charts of one's own. */
  edit?: (() => void) | undefined;
  remove?: (() => void) | undefined;
}

export function MenuItem({ text, onClick }: { text: string; onClick(): void }) {
  return (
    <button type="button" className="menu-item" onClick={onClick}>
      {text}
    </button>
  );
}

/** The entries of a card's menu: those that all have, then its own. */
export function MenuItems({ isWide, onWide, moveBy, children }: PlaceActions & { children: ReactNode }) {
  return (
    <div className="menu-items" ref={intoView}>
      <MenuItem text={isWide ? 'As small as the others' : 'As wide as the page'} onClick={onWide} />
      <MenuItem text="Move earlier (Alt+←)" onClick={() => moveBy(-1)} />
      <MenuItem text="Move later (Alt+→)" onClick={() => moveBy(1)} />
      {children}
    </div>
  );
}

/** What can be done with one chart. */
export function CardMenu({ name, actions }: { name: string; actions: CardActions }) {
  const { choice, choose } = actions;
  return (
    <div className="chart-menu">
      <Popover icon="ellipsis" label={`More for ${name}`} text="">
        <RangeForm choice={choice} choose={choose} />
        <label className="menu-row">
          <span>Mark the best step</span>
          <select
            className="edit"
            value={choice.best ?? ''}
            onChange={(event) => {
              const { best: _old, ...rest } = choice;
              const best = event.target.value;
              choose(best === 'min' || best === 'max' ? { ...rest, best } : rest);
            }}
          >
            <option value="">none</option>
            <option value="min">lowest</option>
            <option value="max">highest</option>
          </select>
        </label>
        <MenuItems isWide={actions.isWide} onWide={actions.onWide} moveBy={actions.moveBy}>
          {actions.edit && <MenuItem text="Change metrics and name…" onClick={actions.edit} />}
          {actions.remove && <MenuItem text="Delete this chart" onClick={actions.remove} />}
          <MenuItem text="Copy as picture" onClick={actions.copyPicture} />
          <MenuItem text="Save as PNG" onClick={() => actions.savePicture('png')} />
          <MenuItem text="Save as SVG" onClick={() => actions.savePicture('svg')} />
          <MenuItem text="Save points as CSV" onClick={actions.saveCsv} />
        </MenuItems>
      </Popover>
    </div>
  );
}

/** The vertical range; a field that is empty or no number leaves it to the data. */
function RangeForm({ choice, choose }: { choice: CardChoice; choose(choice: CardChoice): void }) {
  const [min, setMin] = useState(String(choice.yRange?.[0] ?? ''));
  const [max, setMax] = useState(String(choice.yRange?.[1] ?? ''));
  const [from, to] = [Number(min), Number(max)];
  const isValid = min.trim() !== '' && max.trim() !== '' && from < to;
  return (
    <form
      className="menu-range"
      onSubmit={(event) => {
        event.preventDefault();
        if (isValid) choose({ ...choice, yRange: [from, to] });
      }}
    >
      <span>Vertical range</span>
      <input
        className="edit"
        aria-label="Lowest value shown"
        placeholder="from"
        value={min}
        onChange={(event) => setMin(event.target.value)}
      />
      <input
        className="edit"
        aria-label="Highest value shown"
        placeholder="to"
        value={max}
        onChange={(event) => setMax(event.target.value)}
      />
      <button type="submit" className="menu-button" disabled={!isValid}>
        Set
      </button>
      <button
        type="button"
        className="menu-button"
        disabled={!choice.yRange}
        onClick={() => {
          const { yRange: _old, ...rest } = choice;
          setMin('');
          setMax('');
          choose(rest);
        }}
      >
        Auto
      </button>
    </form>
  );
}
