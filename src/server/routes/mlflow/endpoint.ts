import { UserError } from '../../../base/userError.ts';
import type { Asked } from '../../asked.ts';
import type { Fields } from './request.ts';
import { refuseUnsupported } from './unsupported.ts';

/** Answers one endpoint for who asks: an object is sent as JSON. */
export type Handler = (fields: Fields, asked: Asked) => Promise<unknown> | unknown;

/**
 * Endpoints by method and path below `…/mlflow/`, such as `GET traces/{trace_id}`. A name in braces stands for one part of the path and becomes a field.
 * Where two fit, the one with fewer braces wins. A method of `GET|POST` stands for both; a version in front (`2 POST traces`) limits it to `/api/2.0`.
 */
export type Endpoints = Record<string, Handler>;

interface Route {
  version: string | undefined;
  methods: string[];
  parts: string[];
  handler: Handler;
}

/** Finds the endpoint of a request. */
export class EndpointTable {
  private readonly fixed = new Map<string, Route[]>();
  private readonly open: Route[] = [];

  constructor(endpoints: Endpoints) {
    for (const [name, handler] of Object.entries(endpoints)) {
      const [, version, methods, path] = /^(?:(\d) )?([A-Z|]+) (.+)$/.exec(name)!;
      const route = { version, methods: methods!.split('|'), parts: path!.split('/'), handler };
      if (path!.includes('{')) this.open.push(route);
      else this.fixed.set(path!, [...(this.fixed.get(path!) ?? []), route]);
    }
    this.open.sort((a, b) => braces(a) - braces(b));
  }

  /** `METHOD path` of every endpoint. */
  *names(): Generator<[method: string, path: string]> {
    for (const route of [...this.fixed.values()].flat().concat(this.open))
      for (const method of route.methods) yield [method, route.parts.join('/')];
  }

  /** `route` is the path as it was declared, with `:NAME` for a part that becomes a field. Throws, as MLflow's own error, `NotImplemented` for a part that the plane does not have and else `NotFound`. */
  find(asked: string, version: string, path: string): { handler: Handler; fromPath: Record<string, string>; route: string } {
    const method = asked === 'HEAD' ? 'GET' : asked;
    const fits = (route: Route) => route.methods.includes(method) && (route.version === undefined || version.startsWith(route.version));
    const fixed = this.fixed.get(path)?.find(fits);
    if (fixed) return { handler: fixed.handler, fromPath: {}, route: path };
    const parts = path.split('/');
    for (const route of this.open) {
      if (!fits(route)) continue;
      const fromPath = match(route.parts, parts);
      if (fromPath) return { handler: route.handler, fromPath, route: route.parts.join('/').replace(/\{(\w+)\}/g, ':$1') };
    }
    refuseUnsupported(method, path);
    throw new UserError('NotFound', `The MLflow endpoint ${method} ${path.slice(0, 200)} is not known to this control plane.`);
  }
}

const braces = (route: Route): number => route.parts.filter((part) => part.startsWith('{')).length;

function match(pattern: string[], parts: string[]): Record<string, string> | undefined {
  if (pattern.length !== parts.length) return undefined;
  const found: Record<string, string> = {};
  for (const [index, part] of pattern.entries()) {
    const given = parts[index]!;
    if (!part.startsWith('{')) {
      if (part !== given) return undefined;
      continue;
    }
    try {
      found[part.slice(1, -1)] = decodeURIComponent(given);
    } catch {
      throw new UserError('InvalidRequest', 'The path is not validly encoded.');
    }
  }
  return found;
}
