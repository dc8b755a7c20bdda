import { useState } from 'react';
import { UserError } from '../../src/base/userError.ts';
import { eventsOf } from '../../src/client/chatStream.ts';
import { check } from '../../src/protocol/check.ts';
import { type EngineProgress, InferenceEngine } from '../../src/protocol/inferenceEngine.ts';
import { useHost } from '../shared/host/host.ts';
import { useLive } from '../shared/live/useLive.ts';
import { useAction } from '../shared/ui/useAction.ts';

/** The program that runs the models: whether it is there, and its installation. */
export function useEngine() {
  const { client } = useHost();
  const [count, setCount] = useState(0);
  const [progress, setProgress] = useState<{ bytes: number; of: number }>();
  const live = useLive(
    `engine ${count}`,
    async ({ http }) => check(InferenceEngine, await http.json('GET', '/updraft/engine'), 'What is told of the engine'),
    () => false,
  );
  const [installed, setInstalled] = useState(false);
  const { run, error, isRunning } = useAction();
  const install = () =>
    run(async () => {
      try {
        for await (const event of eventsOf(await client.http.stream('POST', '/updraft/engine'))) {
          if (event === '[DONE]') break;
          const told = JSON.parse(event) as EngineProgress;
          if ('error' in told) throw new UserError('RemoteError', told.error.message);
          if ('bytes' in told) setProgress(told);
          else setInstalled(true);
        }
        setCount((before) => before + 1);
      } finally {
        setProgress(undefined);
      }
    });
  return {
    engine: live.value && { ...live.value, isInstalled: live.value.isInstalled || installed },
    error: live.error,
    install,
    progress,
    installError: error,
    isInstalling: isRunning,
  };
}
