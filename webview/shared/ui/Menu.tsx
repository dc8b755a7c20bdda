import { type KeyboardEvent, useEffect, useLayoutEffect, useRef, useState } from 'react';
import { createPortal } from 'react-dom';
import { Icon } from './Icon.tsx';

export interface MenuItem {
  label: string;
  icon?: string;
  /** The keys that do the same without the menu. */
  keys?: string;
  isChecked?: boolean;
  isDisabled?: boolean;
  /** A line stands before it. */
  startsGroup?: boolean;
  run(): void;
}

/** A menu as the editor's own: at a place of the window, moved through by the arrows, closed by Escape, a choice, or a click elsewhere. */
export function Menu({
  label,
  at,
  items,
  onClose,
}: {
  label: string;
  /** Pixels from the window's top left. */
  at: { x: number; y: number };
  items: readonly MenuItem[];
  onClose(): void;
}) {
  const list = useRef<HTMLDivElement>(null);
  const [place, setPlace] = useState({ left: at.x, top: at.y });
  const close = useRef(onClose);
  close.current = onClose;
  useLayoutEffect(() => {
    const { offsetWidth, offsetHeight } = list.current!;
    setPlace({
      left: Math.max(4, Math.min(at.x, window.innerWidth - offsetWidth - 4)),
      top: Math.max(4, Math.min(at.y, window.innerHeight - offsetHeight - 4)),
    });
  }, [at.x, at.y]);
  useEffect(() => {
    const before = document.activeElement as HTMLElement | null;
    buttonsOf(list.current!)[0]?.focus();
    const onPointer = (event: Event) => {
      if (!list.current?.contains(event.target as Node)) close.current();
    };
    document.addEventListener('pointerdown', onPointer, true);
    return () => {
      document.removeEventListener('pointerdown', onPointer, true);
      before?.focus({ preventScroll: true });
    };
  }, []);

  function onKey(event: KeyboardEvent): void {
    const buttons = buttonsOf(list.current!);
    const now = buttons.indexOf(document.activeElement as HTMLButtonElement);
    const to = { ArrowDown: now + 1, ArrowUp: now - 1, Home: 0, End: -1 }[event.key];
    if (to !== undefined) buttons.at(to % buttons.length)?.focus();
    else if (event.key === 'Escape' || event.key === 'Tab') onClose();
    else return event.stopPropagation();
    event.preventDefault();
    event.stopPropagation();
  }
  return createPortal(
    <div className="menu" role="menu" tabIndex={-1} aria-label={label} ref={list} style={place} onKeyDown={onKey}>
      {items.map((item) => (
        <button
          key={item.label}
          type="button"
          {...(item.isChecked === undefined ? { role: 'menuitem' } : { role: 'menuitemcheckbox', 'aria-checked': item.isChecked })}
          className={item.startsGroup ? 'starts-group' : undefined}
          tabIndex={-1}
          disabled={item.isDisabled}
          onClick={() => {
            onClose();
            item.run();
          }}
        >
          <Icon name={item.isChecked ? 'check' : (item.icon ?? 'blank')} />
          <span className="menu-label">{item.label}</span>
          {item.keys && <kbd>{item.keys}</kbd>}
        </button>
      ))}
    </div>,
    // Within the page's own part of the document, where screen readers look for it.
    document.querySelector('main') ?? document.body,
  );
}

const buttonsOf = (menu: HTMLElement) => [...menu.querySelectorAll<HTMLButtonElement>('button:not(:disabled)')];
