import type { Static } from 'typebox';
import * as Type from 'typebox';

/** `studio.json`, which the build leaves beside the pages: the files of the Studio, by which its server tells a browser what to load at once. */
export const StudioFiles = Type.Object({
  script: Type.String(),
  style: Type.String(),
  /** By the component of a page (`RunsPage`) the scripts that it is made of; by '' those of every page. */
  parts: Type.Record(Type.String(), Type.Array(Type.String())),
});
export type StudioFiles = Static<typeof StudioFiles>;
