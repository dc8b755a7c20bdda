import { useState } from 'react';
import { inferenceEngine, installInferenceEngine } from '../../../src/client/inferenceEngine.ts';
import { useHost } from '../host/host.ts';
import { useLive } from '../live/useLive.ts';
import { useAction } from '../ui/useAction.ts';

/** The program that runs the models: whether it is there, and its installation. */
export function useEngine() {
  const { client } = useHost();
  const [count, setCount] = useState(0);
  const [progress, setProgress] = useState<{ bytes: number; of: number }>();
  const live = useLive(
    `engine ${count}`,
    ({ http }) => inferenceEngine(http),
    () => false,
  );
  const [installed, setInstalled] = useState(false);
  const { run, error, isRunning } = useAction();
  const install = () =>
    run(async () => {
      try {
        for await (const told of installInferenceEngine(client.http)) setProgress(told);
        setInstalled(true);
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
