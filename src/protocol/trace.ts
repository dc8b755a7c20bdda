import type { Static } from 'typebox';
import * as Type from 'typebox';

export const traceStates = ['STATE_UNSPECIFIED', 'OK', 'ERROR', 'IN_PROGRESS'] as const;
export type TraceState = (typeof traceStates)[number];

/** What version 3 of MLflow's API says of a trace. `request_time` is ISO-8601, `execution_duration` in seconds, as `1.5s`. */
export const TraceInfo = Type.Object({
  trace_id: Type.String(),
  request_time: Type.String(),
  execution_duration: Type.Optional(Type.String()),
  state: Type.Enum([...traceStates]),
  request_preview: Type.Optional(Type.String()),
  response_preview: Type.Optional(Type.String()),
  trace_metadata: Type.Record(Type.String(), Type.String()),
  tags: Type.Record(Type.String(), Type.String()),
});
export type TraceInfo = Static<typeof TraceInfo>;

/** MLflow's own keys of tags and metadata (mlflow/tracing/constant.py). */
export const traceKeys = {
  artifactLocation: 'mlflow.artifactLocation',
  name: 'mlflow.traceName',
  sourceRun: 'mlflow.sourceRun',
  spansLocation: 'mlflow.trace.spansLocation',
  linkedPrompts: 'mlflow.linkedPrompts',
  session: 'mlflow.trace.session',
  user: 'mlflow.trace.user',
  tokenUsage: 'mlflow.trace.tokenUsage',
  cost: 'mlflow.trace.cost',
} as const;
