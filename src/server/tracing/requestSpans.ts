import type { IncomingMessage, ServerResponse } from 'node:http';
import type { MiddlewareHandler } from 'hono';
import { routePath } from 'hono/route';
import { ownRequestOf } from '../ownRequest.ts';
import { readTraceContext } from './traceContext.ts';
import type { Span, Tracer } from './tracer.ts';

const known = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

/** A stranger may send any word as the method. */
const methodOf = (method: string | undefined): string => (method !== undefined && known.includes(method) ? method : '_OTHER');

function begin(tracer: Tracer, method: string | undefined, header: (name: string) => string | undefined): Span {
  const span = tracer.begin(methodOf(method), 'server', readTraceContext(header('traceparent'), header('tracestate')));
  span.attributes['http.request.method'] = methodOf(method);
  return span;
}

function note(span: Span, status: number, route: string | undefined): void {
  if (route !== undefined) {
    span.name = `${span.attributes['http.request.method']} ${route}`;
    span.attributes['http.route'] = route;
  }
  span.attributes['http.response.status_code'] = status;
  if (status >= 500) span.error = String(status);
}

/**
 * A span of each request, from its arrival until the answer begins: its method, the route as it was declared, and the status. Never what was asked for: paths, queries, headers and bodies may have names and secrets.
 * A request that the plane makes to itself belongs to the span during which it was made.
 */
export function requestSpans(tracer: Tracer): MiddlewareHandler {
  return async (c, next) => {
    if (ownRequestOf(c)) return next();
    const given = tracer.current?.kind === 'server' ? tracer.current : undefined;
    const span = given ?? begin(tracer, c.req.method, (name) => c.req.header(name));
    await tracer.within(span, next);
    const route = c.get('route') ?? routePath(c);
    // What only the general ones have looked at was for no route.
    note(span, c.res.status, route === '/*' || route === '*' ? undefined : route);
    if (!given) tracer.end(span);
  };
}

/** A span of a request that does not come by the routes, where `take` takes it. */
export function quickSpan(
  tracer: Tracer,
  request: IncomingMessage,
  response: ServerResponse,
  take: (request: IncomingMessage, response: ServerResponse) => boolean,
): boolean {
  const span = begin(tracer, request.method, (name) => {
    const value = request.headers[name];
    return Array.isArray(value) ? value.join() : value;
  });
  const isTaken = tracer.within(span, () => take(request, response));
  // It takes requests to two paths alone, and these have no parameters.
  if (isTaken)
    response.once('close', () => {
      note(span, response.statusCode, request.url);
      if (!response.headersSent) span.error = 'aborted';
      tracer.end(span);
    });
  return isTaken;
}
