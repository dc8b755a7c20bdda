import { tunedModels } from '../../src/client/tunedModels.ts';
import type { TunedModel } from '../../src/protocol/tunedModels.ts';
import { useLive } from '../shared/live/useLive.ts';

/** What a version is as an adapter; undefined while that is not known, and for one that is none. Live. */
export function useTunedModel(name: string, version: string): TunedModel | undefined {
  const { value } = useLive(
    `tuned ${name}`,
    ({ http }) => tunedModels(http, name),
    ({ kind, id }) => kind === 'localModel' || (kind === 'model' && (id === name || id.startsWith(`${name}:`))),
    500,
  );
  return value?.find((each) => each.version === version);
}
