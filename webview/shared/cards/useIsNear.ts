import { type RefObject, useEffect, useRef, useState } from 'react';

/** Whether an element is in view or nearly so, also inside of what scrolls: what is far away need not be read, nor kept. */
export function useIsNear<E extends HTMLElement>(): [RefObject<E | null>, boolean] {
  const element = useRef<E>(null);
  const [isNear, setNear] = useState(false);
  useEffect(() => {
    const observer = new IntersectionObserver((entries) => setNear(entries.at(-1)!.isIntersecting), { rootMargin: '200px' });
    observer.observe(element.current!);
    return () => observer.disconnect();
  }, []);
  return [element, isNear];
}
