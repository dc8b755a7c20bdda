import { AsyncLocalStorage } from 'node:async_hooks';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { MiddlewareHandler } from 'hono';
import type { Logger } from '../../base/logger.ts';
import type { MetricStore } from '../../store/metrics/metricStore.ts';
import type { Store } from '../../store/store.ts';
import { quickSpan, requestSpans } from './requestSpans.ts';
import type { TraceSettings } from './settings.ts';
import { type DatabaseSystem, tracedMetrics, tracedStore } from './tracedStore.ts';
import { Tracer } from './tracer.ts';
import { TraceSender } from './traceSender.ts';

type Take = (request: IncomingMessage, response: ServerResponse) => boolean;

/** Spans of what a server of a plane does, and where they go. */
export interface Tracing {
  tracer: Tracer;
  /** The same rows and metrics, with spans of writes. */
  store(store: Store): Store;
  metrics(metrics: MetricStore): MetricStore;
  requests: MiddlewareHandler;
  quick(take: Take): Take;
  /** Work that is done later, and belongs to what is done now. */
  bind(work: () => void): () => void;
  /** Sends what is left, for a moment at most. */
  end(): Promise<void>;
}

/** `server` tells the servers of a plane apart. */
export function openTracing(
  settings: TraceSettings,
  { server, version, logger, database }: { server: string; version: string; logger: Logger; database: DatabaseSystem },
): Tracing {
  const sender = new TraceSender({
    settings,
    server: { 'service.version': version, 'service.instance.id': server },
    version,
    logger,
  });
  const tracer = new Tracer({ sampler: settings.sampler, send: sender.add });
  return {
    tracer,
    store: (store) => tracedStore(store, tracer, database),
    metrics: (metrics) => tracedMetrics(metrics, tracer, database),
    requests: requestSpans(tracer),
    quick: (take) => (request, response) => quickSpan(tracer, request, response, take),
    bind: (work) => AsyncLocalStorage.bind(work),
    end: () => sender.end(),
  };
}
