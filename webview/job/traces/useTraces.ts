import { useEffect, useRef, useState } from 'react';
import type { UserError } from '../../../src/base/userError.ts';
import type { TraceInfo } from '../../../src/protocol/trace.ts';
import { asUserError, useLive } from '../../shared/live/useLive.ts';

const pageSize = 100;

export interface Traces {
  /** Undefined until the first answer. While another question is asked, or one that can't be answered, the old ones stay. */
  traces?: readonly TraceInfo[];
  hasMore: boolean;
  loadMore(): void;
  /** What the plane says of a filter that it can't read. */
  fault?: UserError;
  error?: UserError;
}

/** Traces of an experiment that pass a filter, the newest first, live. */
export function useTraces(experiment: string, filter: string): Traces {
  const [count, setCount] = useState(1);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another question starts with one page again
  useEffect(() => setCount(1), [experiment, filter]);
  const last = useRef<{ traces: TraceInfo[]; hasMore: boolean }>(undefined);
  const { value, error } = useLive(
    `traces ${experiment} ${count} ${filter}`,
    async (client) => {
      const traces: TraceInfo[] = [];
      let pageToken: string | undefined;
      try {
        for (let page = 0; page < count; page++) {
          const answer = await client.searchTraces(experiment, { filter, maxResults: pageSize, pageToken });
          traces.push(...answer.traces);
          pageToken = answer.next_page_token;
          if (!pageToken) break;
        }
      } catch (reason) {
        const fault = asUserError(reason);
        // Asked again it would be refused again.
        if (fault.code === 'InvalidRequest') return { fault };
        throw reason;
      }
      return { found: { traces, hasMore: pageToken !== undefined && pageToken !== '' } };
    },
    (change) => change.kind === 'trace',
    1000,
  );
  if (value?.found) last.current = value.found;
  return {
    ...(last.current ? { traces: last.current.traces } : {}),
    hasMore: last.current?.hasMore ?? false,
    loadMore: () => setCount(count + 1),
    ...(value?.fault ? { fault: value.fault } : {}),
    ...(error ? { error } : {}),
  };
}
