import { UserError } from '../../base/userError.ts';
import { type Sampler, samplerOf } from './sampler.ts';

/** Where traces are sent, and which. Times in milliseconds. */
export interface TraceSettings {
  /** The whole address that takes traces: `…/v1/traces`. */
  url: string;
  headers: Record<string, string>;
  /** What is said of this server with each batch. */
  resource: Record<string, string>;
  sampler: Sampler;
  /** Most spans that wait to be sent, and that are sent at once. */
  mostQueued: number;
  mostAtOnce: number;
  everyMs: number;
  timeoutMs: number;
}

/** Variables that may have a key of who collects traces. */
export const traceSecrets = ['OTEL_EXPORTER_OTLP_HEADERS', 'OTEL_EXPORTER_OTLP_TRACES_HEADERS'];

/**
 * The settings for traces, from the option `--otlp-endpoint` and OpenTelemetry's own variables; the option counts more. undefined: no address is given, so no traces are made. Throws
 * `InvalidValue` or `InvalidArgument` for a setting that is not valid.
 */
export function traceSettings(endpoint: string | undefined, environment: NodeJS.ProcessEnv): TraceSettings | undefined {
  const isOff = environment.OTEL_SDK_DISABLED?.toLowerCase() === 'true' || environment.OTEL_TRACES_EXPORTER === 'none';
  const general = endpoint || environment.OTEL_EXPORTER_OTLP_ENDPOINT;
  const own = endpoint ? undefined : environment.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT;
  if ((isOff && !endpoint) || (!general && !own)) return undefined;
  const protocol = environment.OTEL_EXPORTER_OTLP_TRACES_PROTOCOL || environment.OTEL_EXPORTER_OTLP_PROTOCOL;
  if (protocol === 'grpc')
    throw new UserError(
      'InvalidValue',
      'Traces are sent by OTLP over HTTP, and OTEL_EXPORTER_OTLP_PROTOCOL asks for grpc.',
      'Leave the variable out, and give the address for HTTP, which has usually the port 4318.',
    );
  const url = own ? addressOf(own) : addressOf(general!, '/v1/traces');
  const attributes = pairsIn(environment.OTEL_RESOURCE_ATTRIBUTES, 'OTEL_RESOURCE_ATTRIBUTES');
  return {
    url,
    headers: headersIn(environment),
    resource: {
      'service.name': 'updraft',
      ...attributes,
      ...(environment.OTEL_SERVICE_NAME ? { 'service.name': environment.OTEL_SERVICE_NAME } : {}),
    },
    sampler: samplerOf(environment.OTEL_TRACES_SAMPLER, environment.OTEL_TRACES_SAMPLER_ARG),
    mostQueued: wholeIn(environment, 'OTEL_BSP_MAX_QUEUE_SIZE', 2048),
    mostAtOnce: wholeIn(environment, 'OTEL_BSP_MAX_EXPORT_BATCH_SIZE', 512),
    everyMs: wholeIn(environment, 'OTEL_BSP_SCHEDULE_DELAY', 5000),
    timeoutMs: wholeIn(environment, 'OTEL_EXPORTER_OTLP_TIMEOUT', 10_000),
  };
}

function headersIn(environment: NodeJS.ProcessEnv): Record<string, string> {
  const variable = traceSecrets.toReversed().find((each) => environment[each]) ?? traceSecrets[0]!;
  const headers = pairsIn(environment[variable], variable);
  for (const [name, value] of Object.entries(headers))
    if (!/^[\w!#$%&'*+.^`|~-]+$/.test(name) || !/^[\x20-\x7e]*$/.test(value))
      // Its value may be a key, so it is not shown.
      throw new UserError(
        'InvalidValue',
        `${variable} has what no header can be.`,
        'Write NAME=VALUE,NAME=VALUE in letters and signs of ASCII.',
      );
  return headers;
}

function addressOf(text: string, path = ''): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || url.search || url.hash)
    throw new UserError('InvalidValue', `"${text.slice(0, 200)}" is no address that takes traces.`, 'Give it as http://HOST:4318.');
  if (url.username || url.password)
    throw new UserError(
      'InvalidArgument',
      'The address that takes traces has a password in it.',
      'Put the key into OTEL_EXPORTER_OTLP_HEADERS.',
    );
  return url.href.replace(/\/$/, '') + path;
}

/** `name=value,name=value`, percent-encoded. */
function pairsIn(text: string | undefined, variable: string): Record<string, string> {
  const pairs: Record<string, string> = {};
  for (const part of (text ?? '').split(',').filter((each) => each.trim() !== '')) {
    const at = part.indexOf('=');
    try {
      if (at < 1) throw new Error('no name');
      pairs[decodeURIComponent(part.slice(0, at).trim())] = decodeURIComponent(part.slice(at + 1).trim());
    } catch {
      // What it says may be a key, so it is not shown.
      throw new UserError('InvalidValue', `${variable} can't be read.`, 'Write name=value,name=value, with other signs percent-encoded.');
    }
  }
  return pairs;
}

function wholeIn(environment: NodeJS.ProcessEnv, variable: string, usual: number): number {
  const text = environment[variable];
  if (!text) return usual;
  if (!/^[1-9]\d{0,8}$/.test(text))
    throw new UserError('InvalidValue', `${variable} is "${text.slice(0, 50)}", which is no whole number from 1 on.`);
  return Number(text);
}
