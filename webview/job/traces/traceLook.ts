import type { TraceState } from '../../../src/protocol/trace.ts';
import type { StatusLook } from '../../shared/ui/statusLook.ts';
import type { Span } from './spans.ts';

const states: Record<TraceState, StatusLook> = {
  OK: { icon: 'pass', tone: 'passed', label: 'OK' },
  ERROR: { icon: 'error', tone: 'failed', label: 'Error' },
  IN_PROGRESS: { icon: 'loading', tone: 'running', label: 'In progress', spin: true },
  STATE_UNSPECIFIED: { icon: 'question', tone: 'queued', label: 'Unknown' },
};
export const lookOfTrace = (state: TraceState): StatusLook => states[state] ?? states.STATE_UNSPECIFIED;

export function lookOfSpan({ status, end }: Span): StatusLook {
  if (status === 'ERROR') return states.ERROR;
  return end === undefined ? states.IN_PROGRESS : states.OK;
}

/** Icons of MLflow's types of spans (mlflow/entities/span.py). */
const icons: Readonly<Record<string, string>> = {
  LLM: 'sparkle',
  CHAT_MODEL: 'comment-discussion',
  AGENT: 'robot',
  CHAIN: 'link',
  WORKFLOW: 'type-hierarchy',
  TOOL: 'tools',
  RETRIEVER: 'search',
  RERANKER: 'list-ordered',
  EMBEDDING: 'symbol-array',
  MEMORY: 'database',
  PARSER: 'json',
  GUARDRAIL: 'shield',
  EVALUATOR: 'beaker',
  TASK: 'checklist',
};
export const iconOfSpan = (type: string): string => (Object.hasOwn(icons, type) ? icons[type]! : 'symbol-method');

/** `CHAT_MODEL` as people say it; nothing for spans without a type. */
export const typeText = (type: string): string => (type === 'UNKNOWN' ? '' : type.toLowerCase().replaceAll('_', ' '));

/** Milliseconds for a person, also those of spans that take less than a tenth of a second: `0.4 ms`, `35 ms`, `2.1 s`. */
export function spanDuration(ms: number, longer: (ms: number) => string): string {
  if (ms >= 1000) return longer(ms);
  if (ms >= 10 || ms === 0) return `${Math.round(ms)} ms`;
  return `${ms.toFixed(ms < 0.995 ? 2 : 1)} ms`;
}
