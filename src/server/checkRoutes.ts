import type { Hono } from 'hono';
import { actionOf } from '../access/actions.ts';

const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];
const workspace = 'v1.0/subscriptions/s/resourceGroups/g/providers/Microsoft.MachineLearningServices/workspaces/w';

/** A path that fits a route's pattern. */
export const exampleOf = (pattern: string): string =>
  pattern
    .replace('/:scope{.+}', `/${workspace}`)
    .replaceAll(/\/:\w+(?:\{[^}]*\})?/g, '/x')
    .replaceAll('*', 'x');

/** Each route of an app, with every method that it serves and a path that fits; what runs before all routes is none. */
export const served = (app: Hono): { method: string; pattern: string; path: string }[] =>
  app.routes
    .filter(({ path }) => path !== '/*' && path !== '*')
    .flatMap(({ method, path }) =>
      (method === 'ALL' ? methods : [method]).map((each) => ({ method: each, pattern: path, path: exampleOf(path) })),
    );

/** Throws when a route does not say what it needs: a plane with an unguarded route does not start. */
export function checkRoutes(app: Hono): void {
  const without = served(app).filter(({ method, path }) => actionOf(method, path) === undefined);
  if (without.length === 0) return;
  const list = without.map(({ method, pattern }) => `${method} ${pattern}`).join(', ');
  throw new Error(`These routes have no row in access/actions.ts: ${list}`);
}
