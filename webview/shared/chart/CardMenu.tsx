import { useState } from 'react';
import { Popover } from '../ui/Popover.tsx';
import type { CardChoice } from './chartSettings.ts';

/** Scrolls what has just been opened into view, at the lower edge of a page too. */
const intoView = (element: HTMLElement | null): void => element?.scrollIntoView({ block: 'nearest' });

export interface CardActions {
  choice: CardChoice;
  choose(choice: CardChoice): void;
  /** Earlier or later among the charts of its section; undefined where it can't go. */
  moveBy(places: number): void;
  copyPicture(): void;
  savePicture(kind: 'png' | 'svg'): void;
  saveCsv(): void;
  /** Of charts of one's own. */
  edit?: (() => void) | undefined;
  remove?: (() => void) | undefined;
}

/** What can be done with one chart. */
export function CardMenu({ name, actions }: { name: string; actions: CardActions }) {
  const { choice, choose } = actions;
  const item = (text: string, run: () => void) => (
    <button type="button" className="menu-item" onClick={run}>
      {text}
    </button>
  );
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
        <div className="menu-items" ref={intoView}>
          {item(choice.isWide ? 'As small as the others' : 'As wide as the page', () => {
            const { isWide, ...rest } = choice;
            choose(isWide ? rest : { ...rest, isWide: true });
          })}
          {item('Move earlier (Alt+←)', () => actions.moveBy(-1))}
          {item('Move later (Alt+→)', () => actions.moveBy(1))}
          {actions.edit && item('Change metrics and name…', actions.edit)}
          {actions.remove && item('Delete this chart', actions.remove)}
          {item('Copy as picture', actions.copyPicture)}
          {item('Save as PNG', () => actions.savePicture('png'))}
          {item('Save as SVG', () => actions.savePicture('svg'))}
          {item('Save points as CSV', actions.saveCsv)}
        </div>
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
