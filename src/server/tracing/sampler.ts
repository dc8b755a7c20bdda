import { UserError } from '../../base/userError.ts';

/** Whether the spans of a trace are sent. `parent`: whether the caller sends its own; undefined where the trace begins here. */
export type Sampler = (traceId: string, parent: boolean | undefined) => boolean;

const names = ['always_on', 'always_off', 'traceidratio', 'parentbased_always_on', 'parentbased_always_off', 'parentbased_traceidratio'];

/** The sampler of this name in OpenTelemetry's variables. Throws `InvalidValue`. */
export function samplerOf(name: string | undefined, argument: string | undefined): Sampler {
  const asked = name || 'parentbased_always_on';
  if (!names.includes(asked))
    throw new UserError(
      'InvalidValue',
      `There is no sampler "${asked.slice(0, 100)}" (OTEL_TRACES_SAMPLER).`,
      `Give one of: ${names.join(', ')}.`,
    );
  const root = rootOf(asked.replace('parentbased_', ''), argument);
  return asked.startsWith('parentbased_') ? (traceId, parent) => parent ?? root(traceId) : (traceId) => root(traceId);
}

function rootOf(name: string, argument: string | undefined): (traceId: string) => boolean {
  if (name !== 'traceidratio') return () => name === 'always_on';
  const ratio = Number(argument || '1');
  if (!(ratio >= 0 && ratio <= 1))
    throw new UserError(
      'InvalidValue',
      `OTEL_TRACES_SAMPLER_ARG is "${argument?.slice(0, 50)}".`,
      'Give a number from 0 to 1, such as 0.1 for one trace of ten.',
    );
  // The last 56 bits of a trace's id are random, so all programs that look at them decide alike.
  return (traceId) => Number.parseInt(traceId.slice(-14), 16) < ratio * 2 ** 56;
}
