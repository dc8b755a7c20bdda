import { type ReactNode, useCallback, useLayoutEffect, useRef, useState } from 'react';
import { ToolButton } from './ToolButton.tsx';
import { useDismiss } from './useDismiss.ts';

/** Pixels that stay free beside a panel. */
const edge = 8;

/** A button with a small panel under it, which closes by Escape and by a click elsewhere. */
export function Popover({ icon, label, text, children }: { icon: string; label: string; text: string; children: ReactNode }) {
  const [isOpen, setOpen] = useState(false);
  const close = useCallback(() => setOpen(false), []);
  const root = useRef<HTMLDivElement>(null);
  const panel = useRef<HTMLDivElement>(null);
  // Where there is no room to the right it hangs over to the left.
  useLayoutEffect(() => {
    if (!isOpen || !panel.current) return;
    const { left, right } = panel.current.getBoundingClientRect();
    const over = Math.min(left - edge, right - (document.documentElement.clientWidth - edge));
    if (over > 0) panel.current.style.left = `${-over}px`;
  }, [isOpen]);
  useDismiss(isOpen, root, panel, close);
  return (
    <div className="popover" ref={root}>
      <ToolButton icon={icon} label={label} text={text} pressed={isOpen} onClick={() => setOpen(!isOpen)} />
      {isOpen && (
        <div className="popover-panel" ref={panel} role="dialog" aria-label={label}>
          {children}
        </div>
      )}
    </div>
  );
}
