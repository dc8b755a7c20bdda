import type { PlaneServices } from '../../services.ts';
import { artifactEndpoints } from './artifacts.ts';
import { EndpointTable } from './endpoint.ts';
import { evaluationEndpoints } from './evaluation.ts';
import { experimentEndpoints } from './experiments.ts';
import { bindingEndpoints } from './gateway/bindings.ts';
import { gatewayEndpointEndpoints } from './gateway/endpoints.ts';
import { modelDefinitionEndpoints } from './gateway/modelDefinitions.ts';
import { secretEndpoints } from './gateway/secrets.ts';
import { issueEndpoints } from './issues.ts';
import { lineageEndpoints } from './lineage.ts';
import { loggedModelEndpoints } from './loggedModels.ts';
import { metricEndpoints } from './metrics.ts';
import { modelVersionEndpoints } from './registry/modelVersions.ts';
import { registeredModelEndpoints } from './registry/registeredModels.ts';
import { runSearchEndpoints } from './runSearch.ts';
import { runEndpoints } from './runs.ts';
import { scorerEndpoints } from './scorers.ts';
import { assessmentEndpoints } from './traces/assessments.ts';
import { traceEndpoints } from './traces/traces.ts';
import { webhookEndpoints } from './webhooks.ts';

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
    ...webhookEndpoints(services),
    // What clients ask before they choose how to send things.
    'GET server-info': () => ({
      store_type: 'SqlStore',
      workspaces_enabled: false,
      trace_archival_enabled: false,
      multipart_uploads_enabled: true,
      multipart_downloads_enabled: false,
    }),
  });
