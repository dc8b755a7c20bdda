import { useRef, useState } from 'react';
import { localModels } from '../../src/client/localModels.ts';
import { useLive } from '../shared/live/useLive.ts';

/** The models of the machine, live. What other programs bring is seen when the page is opened, or when it is looked for again. */
export function useModels() {
  const [looks, setLooks] = useState(0);
  const looked = useRef(-1);
  const live = useLive(
    `local models ${looks}`,
    async ({ http }) => {
      const list = await localModels(http, looked.current !== looks);
      looked.current = looks;
      return list;
    },
    (change) => change.kind === 'localModel',
    400,
  );
  // What was there is shown until the new list has come.
  const [last, setLast] = useState(live.value);
  if (live.value && live.value !== last) setLast(live.value);
  return { list: live.value ?? last, error: live.error, lookAgain: () => setLooks((count) => count + 1) };
}
