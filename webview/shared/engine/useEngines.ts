import { useState } from 'react';
import type { UserError } from '../../../src/base/userError.ts';
import { inferenceEngines, installInferenceEngine } from '../../../src/client/inferenceEngines.ts';
import type { EngineFormat, InferenceEngine } from '../../../src/protocol/inferenceEngine.ts';
import { useHost } from '../host/host.ts';
import { asUserError, useLive } from '../live/useLive.ts';

/** The programs that run models, live, and the way to get one. What others began to get is seen as well. */
export function useEngines() {
  const { client } = useHost();
  const live = useLive(
    'engines',
    ({ http }) => inferenceEngines(http),
    ({ kind }) => kind === 'localModel',
  );
  /** What was asked for here: whether it is being got or has come, or why it has not. */
  const [asked, setAsked] = useState<Partial<Record<EngineFormat, 'coming' | 'there' | UserError>>>({});
  async function install(format: EngineFormat): Promise<void> {
    setAsked((before) => ({ ...before, [format]: 'coming' }));
    try {
      // How far it is comes by the feed, as it does for everyone.
      for await (const _ of installInferenceEngine(client.http, format));
      setAsked((before) => ({ ...before, [format]: 'there' }));
    } catch (error) {
      setAsked((before) => ({ ...before, [format]: asUserError(error) }));
    }
  }
  return {
    error: live.error,
    of(format: EngineFormat): InferenceEngine | undefined {
      const engine = live.value?.find((each) => each.format === format);
      return engine && asked[format] === 'there' ? { ...engine, isInstalled: true } : engine;
    },
    install,
    asked,
  };
}
