import type { Static } from 'typebox';
import * as Type from 'typebox';

/** The formats of model files that each have an engine of their own. */
export const engineFormats = ['gguf', 'onnx'] as const;
export type EngineFormat = (typeof engineFormats)[number];

/** A program that runs models of a format. It is installed when it is first needed. */
export const InferenceEngine = Type.Object({
  format: Type.Union([Type.Literal('gguf'), Type.Literal('onnx')]),
  /** `node-llama-cpp 3.22.1`. */
  title: Type.String(),
  /** What it is for: `language models`. */
  runs: Type.String(),
  isInstalled: Type.Boolean(),
  /** Of its download. */
  bytes: Type.Integer(),
  /** Bytes that have come, while it is being got, whoever needed it. */
  got: Type.Optional(Type.Integer()),
  /** What it computes on: `cpu`, `cuda`, `vulkan` or `metal`. */
  device: Type.String(),
  /** What would make a GPU of this machine of use. */
  advice: Type.Optional(Type.String()),
});
export type InferenceEngine = Static<typeof InferenceEngine>;

/** Answer of `GET /updraft/engines`: those that there are for this machine. */
export const InferenceEngines = Type.Object({ engines: Type.Array(InferenceEngine) });
export type InferenceEngines = Static<typeof InferenceEngines>;

/** Events of `POST /updraft/engines/FORMAT`, which installs it: bytes that have come, of how many. The last one has `isInstalled`. */
export type EngineProgress = { bytes: number; of: number } | { isInstalled: true } | { error: { message: string } };
