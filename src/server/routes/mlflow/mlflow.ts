import { Hono } from 'hono';
import { UserError } from '../../../base/userError.ts';
import { mlflowPath } from '../../../protocol/mlflowPath.ts';
import type { PlaneServices } from '../../services.ts';
import { artifactEndpoints, artifactRoutes } from './artifacts.ts';
import { EndpointTable } from './endpoint.ts';
import { evaluationEndpoints } from './evaluation.ts';
import { experimentEndpoints } from './experiments.ts';
import { bindingEndpoints } from './gateway/bindings.ts';
import { gatewayEndpointEndpoints } from './gateway/endpoints.ts';
import { modelDefinitionEndpoints } from './gateway/modelDefinitions.ts';
import { secretEndpoints } from './gateway/secrets.ts';
import { graphqlRoutes } from './graphql.ts';
import { issueEndpoints } from './issues.ts';
import { lineageEndpoints } from './lineage.ts';
import { loggedModelEndpoints } from './loggedModels.ts';
import { metricEndpoints } from './metrics.ts';
import { modelVersionEndpoints } from './registry/modelVersions.ts';
import { registeredModelEndpoints } from './registry/registeredModels.ts';
import { fieldsOf } from './request.ts';
import { runSearchEndpoints } from './runSearch.ts';
import { runEndpoints } from './runs.ts';
import { scorerEndpoints } from './scorers.ts';
import { assessmentEndpoints } from './traces/assessments.ts';
import { otlpRoutes } from './traces/otlpRoute.ts';
import { traceEndpoints } from './traces/traces.ts';

/** Where MLflow's API is mounted: for its clients, for its pages, and below Azure's `/mlflow/v1.0{workspace}` and `/mlflow/v2.0{workspace}`. */
const roots = ['/api', '/ajax-api', '/mlflow/:scope{.+}/api'] as const;

/** Every endpoint of MLflow's API below `…/mlflow/`. */
export const mlflowEndpoints = (services: PlaneServices): EndpointTable =>
  new EndpointTable({
    ...experimentEndpoints(),
    ...runEndpoints(services),
    ...runSearchEndpoints(services),
    ...metricEndpoints(services),
    ...lineageEndpoints(),
    ...artifactEndpoints(),
    ...loggedModelEndpoints(),
    ...registeredModelEndpoints(),
    ...modelVersionEndpoints(),
    ...traceEndpoints(),
    ...assessmentEndpoints(),
    ...evaluationEndpoints(),
    ...scorerEndpoints(),
    ...issueEndpoints(),
    ...secretEndpoints(),
    ...modelDefinitionEndpoints(),
    ...gatewayEndpointEndpoints(),
    ...bindingEndpoints(),
    // What clients ask before they choose how to send things.
    'GET server-info': () => ({
      store_type: 'SqlStore',
      workspaces_enabled: false,
      trace_archival_enabled: false,
      multipart_uploads_enabled: true,
      multipart_downloads_enabled: false,
    }),
  });

/** MLflow's REST API. */
export function mlflowRoutes(services: PlaneServices): Hono {
  const endpoints = mlflowEndpoints(services);
  const app = new Hono();
  app.route('/', artifactRoutes(services, roots));
  app.route('/', otlpRoutes());
  app.route('/', graphqlRoutes(endpoints));
  app.all('/gateway/*', () => {
    throw new UserError('NotImplemented', "MLflow's AI gateway keeps its endpoints here, and calls no model.");
  });
  for (const root of roots) {
    app.all(`${root}/:version/mlflow/*`, async (c) => {
      const asked = mlflowPath(new URL(c.req.url).pathname);
      if (!asked) throw new UserError('NotFound', `The control plane has no ${c.req.method} ${c.req.path.slice(0, 200)}.`);
      const { handler, fromPath } = endpoints.find(c.req.method, asked.version, asked.endpoint.slice(1));
      const answer = await handler(await fieldsOf(c, fromPath), c.get('asked'));
      return typeof answer === 'string' ? c.body(answer, 200, { 'content-type': 'application/json' }) : c.json(answer as object);
    });
  }
  return app;
}
