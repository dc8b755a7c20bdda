import type { Context } from 'hono';
import { shortened } from '../../base/text.ts';

/** Where MLflow and our own routes name in the body what a request is about. */
const names = [
  'name',
  'new_name',
  'version',
  'alias',
  'experiment_id',
  'experiment_name',
  'run_id',
  'model_id',
  'key',
  'member',
  'role',
  'kind',
  'workspace',
];
/** To whom a role is given is not in the path. */
const ofAssignments = ['principalId', 'roleDefinitionId'];
/** What is shared from a workspace to a registry. */
const ofImports = ['sourceAssetId', 'destinationName', 'destinationVersion'];
const mostText = 200;

/** What the body of a request names; undefined where it names nothing that the path does not say. */
export function aboutOf(c: Context): Record<string, string> | undefined {
  const body = c.get('body') as Record<string, unknown> | undefined;
  if (!body) return undefined;
  const properties = (body.properties ?? {}) as Record<string, unknown>;
  const found = [...named(body, names), ...named(properties, [...ofAssignments, ...ofImports])];
  return found.length > 0 ? Object.fromEntries(found) : undefined;
}

function named(body: Record<string, unknown>, keys: string[]): [string, string][] {
  return keys.flatMap((key) => {
    const value = body[key];
    return typeof value === 'string' || typeof value === 'number' ? [[key, shortened(String(value), mostText)]] : [];
  });
}
