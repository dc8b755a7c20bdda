import { useEffect, useRef, useState } from 'react';
import type { UserError } from '../../../src/base/userError.ts';
import type { PlaneClient } from '../../../src/client/planeClient.ts';
import type { Page } from '../../../src/protocol/arm.ts';
import type { Change } from '../../../src/protocol/change.ts';
import { localLink } from './localLink.ts';
import { useLive } from './useLive.ts';

export interface PagedList<T> {
  /** Undefined until the first answer. While another question is asked the old answer stays. */
  items?: T[];
  error?: UserError;
  hasMore: boolean;
  loadMore(): void;
}

/** A long list, live, of which as many pages are read as were asked for. `key` names the question; another one starts with one page again. */
export function usePages<T>(
  key: string,
  first: (client: PlaneClient, nextLink?: string) => Promise<Page<T>>,
  concerns: (change: Change) => boolean,
): PagedList<T> {
  const [count, setCount] = useState(1);
  const last = useRef<{ items: T[]; hasMore: boolean }>(undefined);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another question starts anew
  useEffect(() => setCount(1), [key]);
  const { value, error } = useLive(
    `${key} ${count}`,
    async (client) => {
      const items: T[] = [];
      let next: string | undefined;
      for (let page = 0; page < count; page++) {
        const found = await first(client, next);
        items.push(...found.value);
        next = found.nextLink && localLink(found.nextLink);
        if (!next) break;
      }
      return { items, hasMore: next !== undefined };
    },
    concerns,
    500,
  );
  if (value) last.current = value;
  return {
    ...(last.current ? { items: last.current.items } : {}),
    ...(error ? { error } : {}),
    hasMore: last.current?.hasMore ?? false,
    loadMore: () => setCount(count + 1),
  };
}
