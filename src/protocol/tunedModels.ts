import type { Static } from 'typebox';
import * as Type from 'typebox';
import { AdapterFacts } from './adapterFacts.ts';

/** Registered model versions that are adapters of a model in a file. They are asked like other language models; changes of kind `model` and `localModel` tell of them. */

export const TunedModel = Type.Object({
  name: Type.String(),
  version: Type.String(),
  /** By what it is asked for: the first is the one that lists show. */
  ids: Type.Array(Type.String()),
  /** As its file has them; absent where that is not as it should be. */
  facts: Type.Optional(AdapterFacts),
  /** The model that it changes. */
  base: Type.Optional(
    Type.Object({
      /** As this machine or the list of known models calls it; else the name of its file. */
      name: Type.String(),
      isHere: Type.Boolean(),
      license: Type.Optional(Type.String()),
      licenseUrl: Type.Optional(Type.String()),
      /** What its maker calls it. */
      title: Type.Optional(Type.String()),
      parameters: Type.Optional(Type.Number()),
      quantization: Type.Optional(Type.String()),
      /** Tokens. */
      contextLength: Type.Optional(Type.Integer()),
      hasChatTemplate: Type.Optional(Type.Boolean()),
    }),
  ),
  /** Files of it are being read for the first time: whether it runs is not known yet. A change of kind `localModel` tells when it is. */
  isChecking: Type.Boolean(),
  /** Why it does not run here. */
  problem: Type.Optional(
    Type.Object({
      message: Type.String(),
      hint: Type.Optional(Type.String()),
      /** The base model as it can be got. */
      toGet: Type.Optional(Type.String()),
    }),
  ),
});
export type TunedModel = Static<typeof TunedModel>;

/** Answer of `GET /updraft/tuned-models`; with `?name=` those of one model. */
export const TunedModels = Type.Object({ models: Type.Array(TunedModel) });
