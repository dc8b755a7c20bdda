import { useCallback, useEffect, useRef, useState } from 'react';
import { chatStream } from '../../src/client/chatStream.ts';
import { useHost } from '../shared/host/host.ts';
import { asUserError } from '../shared/live/useLive.ts';
import { type Answer, noAnswer, requestOf, type Settings, type Turn } from './conversation.ts';

/** Milliseconds between two paintings of an answer that is being made. */
const paintMs = 60;

/** Answers that are being made, by model, of the turn `turn`. */
export interface Making {
  turn: number;
  answers: Record<string, Answer>;
}

/** Asks models, several at the same time, and tells what they have answered so far. `onEnd` takes each answer when it is whole, stopped, or failed. */
export function useAnswers(onEnd: (turn: number, model: string, answer: Answer) => void) {
  const { client } = useHost();
  const [making, setMaking] = useState<Making>();
  const running = useRef<AbortController>(undefined);
  const told = useRef(onEnd);
  told.current = onEnd;
  useEffect(() => () => running.current?.abort(), []);

  const stop = useCallback(() => running.current?.abort(), []);

  const ask = useCallback(
    async (models: readonly string[], turns: readonly Turn[], settings: Settings): Promise<void> => {
      running.current?.abort();
      const abort = new AbortController();
      running.current = abort;
      const turn = turns.at(-1)!.id;
      const answers: Record<string, Answer> = Object.fromEntries(
        models.map((model) => [model, { ...noAnswer, calls: turns.at(-1)!.answers[model]?.calls ?? [] }]),
      );
      setMaking({ turn, answers: { ...answers } });
      let timer: ReturnType<typeof setTimeout> | undefined;
      const paint = () => {
        timer ??= setTimeout(() => {
          timer = undefined;
          if (running.current === abort) setMaking({ turn, answers: { ...answers } });
        }, paintMs);
      };
      const one = async (model: string) => {
        const begin = performance.now();
        // What came of functions that it asked for is a part of the answer to come.
        const calls = turns.at(-1)!.answers[model]?.calls ?? [];
        const round = calls.length ? calls.at(-1)!.round + 1 : 0;
        let answer: Answer = { ...noAnswer, calls };
        const note = (more: Partial<Answer>) => {
          answer = { ...answer, ...more };
          answers[model] = answer;
          paint();
        };
        try {
          for await (const { choices, usage } of chatStream(client.http, requestOf(model, turns, settings), abort.signal)) {
            const { delta, finish_reason: finish } = choices[0] ?? { delta: {}, finish_reason: null };
            const thoughts = delta.reasoning_content ?? '';
            const text = delta.content ?? '';
            if (text || thoughts)
              note({
                text: answer.text + text,
                thoughts: answer.thoughts + thoughts,
                firstMs: answer.firstMs || Math.max(1, Math.round(performance.now() - begin)),
              });
            for (const { id, function: called } of delta.tool_calls ?? []) {
              const isFirst = !answer.calls.some((each) => each.round === round);
              const call = { id, name: called.name, arguments: called.arguments, result: '', round, said: isFirst ? answer.text : '' };
              note({
                calls: [...answer.calls, call],
                text: '',
                firstMs: answer.firstMs || Math.max(1, Math.round(performance.now() - begin)),
              });
            }
            if (finish) note({ end: finish, ms: Math.round(performance.now() - begin) });
            if (usage)
              note({
                promptTokens: usage.prompt_tokens,
                cachedTokens: usage.prompt_tokens_details.cached_tokens,
                tokens: usage.completion_tokens,
              });
          }
          // The stream may end quietly where its reader has hung up.
          if (abort.signal.aborted) note({ end: answer.end || 'stopped' });
          else if (!answer.end) note({ end: 'failed', error: 'The answer broke off.' });
        } catch (error) {
          const { message, hint } = asUserError(error);
          note(abort.signal.aborted ? { end: 'stopped' } : { end: 'failed', error: hint ? `${message} ${hint}` : message });
        }
        if (!answer.ms) note({ ms: Math.round(performance.now() - begin) });
        told.current(turn, model, answer);
      };
      await Promise.all(models.map(one));
      clearTimeout(timer);
      if (running.current !== abort) return;
      running.current = undefined;
      setMaking(undefined);
    },
    [client],
  );

  return { making, ask, stop };
}
