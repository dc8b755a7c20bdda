import { useCallback, useEffect, useRef, useState } from 'react';
import { chatStream } from '../../src/client/chatStream.ts';
import type { PromptCase } from '../../src/protocol/promptCase.ts';
import { useHost } from '../shared/host/host.ts';
import { asUserError } from '../shared/live/useLive.ts';

/** What a model answered to a test case. */
export interface CaseResult {
  text: string;
  state: 'waiting' | 'running' | 'ended' | 'stopped' | 'failed';
  error: string;
}

/** By test case, then by model. */
export type CaseResults = Record<string, Record<string, CaseResult>>;

/** Asks models the test cases: one case after the other, each of all models at the same time. */
export function useCaseRuns() {
  const { client } = useHost();
  const [results, setResults] = useState<CaseResults>({});
  const [isRunning, setRunning] = useState(false);
  const running = useRef<AbortController>(undefined);
  useEffect(() => () => running.current?.abort(), []);
  const stop = useCallback(() => running.current?.abort(), []);

  const run = useCallback(
    async (cases: readonly PromptCase[], models: readonly string[]): Promise<void> => {
      running.current?.abort();
      const abort = new AbortController();
      running.current = abort;
      setRunning(true);
      const note = (id: string, model: string, result: CaseResult) =>
        setResults((before) => ({ ...before, [id]: { ...before[id], [model]: result } }));
      for (const { id } of cases) for (const model of models) note(id, model, { text: '', state: 'waiting', error: '' });
      const one = async ({ id, messages, settings }: PromptCase, model: string) => {
        let text = '';
        const tell = (state: CaseResult['state'], error = '') => note(id, model, { text, state, error });
        if (abort.signal.aborted) return tell('stopped');
        tell('running');
        try {
          for await (const { choices } of chatStream(client.http, { ...settings, model, messages }, abort.signal))
            text += choices[0]?.delta.content ?? '';
          tell(abort.signal.aborted ? 'stopped' : 'ended');
        } catch (error) {
          const { message, hint } = asUserError(error);
          tell(abort.signal.aborted ? 'stopped' : 'failed', hint ? `${message} ${hint}` : message);
        }
      };
      for (const each of cases) await Promise.all(models.map((model) => one(each, model)));
      if (running.current !== abort) return;
      running.current = undefined;
      setRunning(false);
    },
    [client],
  );
  return { results, isRunning, run, stop };
}
