import type { Static } from 'typebox';
import * as Type from 'typebox';

/** Answer of `GET /updraft/engine`: the program that runs language models, which is installed when it is first needed. */
export const InferenceEngine = Type.Object({
  /** `node-llama-cpp 3.22.1`. */
  title: Type.String(),
  isInstalled: Type.Boolean(),
  /** Of its download. */
  bytes: Type.Integer(),
  /** What it computes on: `cpu`, `cuda`, `vulkan` or `metal`. */
  device: Type.String(),
  /** What would make a GPU of this machine of use. */
  advice: Type.Optional(Type.String()),
});
export type InferenceEngine = Static<typeof InferenceEngine>;

/** Events of `POST /updraft/engine`, which installs it: bytes that have come, of how many. The last one has `isInstalled`. */
export type EngineProgress = { bytes: number; of: number } | { isInstalled: true } | { error: { message: string } };
