import type { Static } from 'typebox';
import * as Type from 'typebox';

/** How a job's step is started again under a debugger on this machine: what `updraft job debug --print` answers. All paths are absolute. */
export const DebugLaunch = Type.Object({
  /** The job of the step; of a pipeline, that of the step which failed. */
  job: Type.String(),
  /** What to call it. */
  title: Type.String(),
  /** The Python of the job's environment. */
  python: Type.String(),
  /** Python runs this folder to get a debug adapter that speaks the Debug Adapter Protocol on standard input and output. */
  adapter: Type.String(),
  /** What Python runs: one of a file, a module, and a piece of code. */
  program: Type.Optional(Type.String()),
  module: Type.Optional(Type.String()),
  code: Type.Optional(Type.String()),
  args: Type.Array(Type.String()),
  /** Options of Python itself. */
  pythonArgs: Type.Array(Type.String()),
  cwd: Type.String(),
  /** All variables that the step sees. */
  env: Type.Record(Type.String(), Type.String()),
  /** The folder with the job's code, as it was submitted. */
  codeFolder: Type.String(),
});
export type DebugLaunch = Static<typeof DebugLaunch>;

/** The tag of MLflow runs that are logged while a job is debugged. Its value is the name of that job. */
export const debugTag = 'updraft.debugOf';
