import { Hono } from 'hono';
import { laterPart } from '../../../base/laterPart.ts';
import { UserError } from '../../../base/userError.ts';
import { mlflowPath } from '../../../protocol/mlflowPath.ts';
import type { PlaneServices } from '../../services.ts';
import { artifactRoutes } from './artifacts.ts';
import type { EndpointTable } from './endpoint.ts';
import { graphqlRoutes } from './graphql.ts';
import { fieldsOf } from './request.ts';
import { otlpRoutes } from './traces/otlpRoute.ts';

/** Where MLflow's API is mounted: for its clients, for its pages, and below Azure's `/mlflow/v1.0{workspace}` and `/mlflow/v2.0{workspace}`. */
const roots = ['/api', '/ajax-api', '/mlflow/:scope{.+}/api'] as const;

const endpointsPart = laterPart(() => import('./mlflowEndpoints.ts'));

/** MLflow's REST API. */
export function mlflowRoutes(services: PlaneServices): Hono {
  let made: EndpointTable | undefined;
  const table = async (): Promise<EndpointTable> => (made ??= (await endpointsPart()).mlflowEndpoints(services));
  const app = new Hono();
  app.route('/', artifactRoutes(services, roots));
  app.route('/', otlpRoutes());
  app.route('/', graphqlRoutes(table));
  app.all('/gateway/*', () => {
    throw new UserError('NotImplemented', "MLflow's AI gateway keeps its endpoints here, and calls no model.");
  });
  for (const root of roots) {
    app.all(`${root}/:version/mlflow/*`, async (c) => {
      const asked = mlflowPath(new URL(c.req.url).pathname);
      if (!asked) throw new UserError('NotFound', `The control plane has no ${c.req.method} ${c.req.path.slice(0, 200)}.`);
      const { handler, fromPath, route } = (await table()).find(c.req.method, asked.version, asked.endpoint.slice(1));
      c.set('route', `${root}/:version/mlflow/${route}`);
      const answer = await handler(await fieldsOf(c, fromPath), c.get('asked'));
      return typeof answer === 'string' ? c.body(answer, 200, { 'content-type': 'application/json' }) : c.json(answer as object);
    });
  }
  return app;
}
