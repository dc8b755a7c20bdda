import { type RefObject, useEffect } from 'react';

/** Closes what is open by Escape and by a click outside of `root`. Where the keyboard was in `within`, which goes, it goes on at the first button of `root`. `close` must stay the same function. */
export function useDismiss(
  isOpen: boolean,
  root: RefObject<HTMLElement | null>,
  within: RefObject<HTMLElement | null>,
  close: () => void,
): void {
  useEffect(() => {
    if (!isOpen) return;
    const dismiss = (event: Event) => {
      if (event instanceof KeyboardEvent ? event.key !== 'Escape' : root.current?.contains(event.target as Node)) return;
      if (within.current?.contains(document.activeElement)) root.current?.querySelector('button')?.focus();
      close();
    };
    document.addEventListener('pointerdown', dismiss);
    document.addEventListener('keydown', dismiss);
    return () => {
      document.removeEventListener('pointerdown', dismiss);
      document.removeEventListener('keydown', dismiss);
    };
  }, [isOpen, root, within, close]);
}
