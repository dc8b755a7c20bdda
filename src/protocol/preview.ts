import type { Static } from 'typebox';
import * as Type from 'typebox';
import { BlobEntry } from './asset.ts';
import { JobProperties, PipelineJobProperties } from './job.ts';

/** Body of `POST /updraft/preview`: a pipeline as it would be put, and what of it is not on the plane yet. Nothing is kept. */
export const PreviewRequest = Type.Object({
  properties: PipelineJobProperties,
  /** Properties of components and environments that would be put first, by ARM id. */
  assets: Type.Record(Type.String(), Type.Record(Type.String(), Type.Unknown())),
  /** Files that would be uploaded first, by the datastore uri of their folder; each with its SHA-256. */
  files: Type.Record(Type.String(), Type.Array(BlobEntry)),
  /** An earlier run of the same pipeline, to say what changed since. */
  previous: Type.Optional(Type.String()),
});
export type PreviewRequest = Static<typeof PreviewRequest>;

/** What will become of one step. `path` is its name, below those of the pipelines around it, joined by `/`. */
export const StepPreview = Type.Object({
  path: Type.String(),
  /** `reused`: the result of an earlier job is taken. `open`: known when the steps before it have run. */
  outlook: Type.Enum(['reused', 'runs', 'open']),
  /** Why, as the end of a sentence: `the command changed`. */
  why: Type.String(),
  /** The job whose result is reused. */
  from: Type.Optional(Type.String()),
  /** With what it would be created: values bound, defaults filled in. An output of a step that runs first stands as its expression. */
  properties: JobProperties,
});
export type StepPreview = Static<typeof StepPreview>;

export const PreviewAnswer = Type.Object({ steps: Type.Array(StepPreview) });
export type PreviewAnswer = Static<typeof PreviewAnswer>;
