import { type RefObject, useEffect, useRef, useState } from 'react';

const margin = '200px';

/** Whether an element is in view or nearly so, also inside of what scrolls: what is far away need not be read, nor kept. */
export function useIsNear<E extends HTMLElement>(): [RefObject<E | null>, boolean] {
  const element = useRef<E>(null);
  const [isNear, setNear] = useState(false);
  useEffect(() => {
    // The second margin is that of what scrolls inside of the page, where the browser knows it.
    const margins = { rootMargin: margin, scrollMargin: margin };
    const observer = new IntersectionObserver((entries) => setNear(entries.at(-1)!.isIntersecting), margins);
    observer.observe(element.current!);
    return () => observer.disconnect();
  }, []);
  return [element, isNear];
}
