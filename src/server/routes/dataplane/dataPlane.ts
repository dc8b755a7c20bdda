import { Hono } from 'hono';
import { UserError } from '../../../base/userError.ts';
import { originOf } from '../../origin.ts';
import { type PlaneServices, servicesOf } from '../../services.ts';
import { methodOf } from '../arm/request.ts';
import { Followers } from './followers.ts';
import { resolvedUris } from './resolvedUris.ts';
import { runHistory } from './runHistory.ts';

const pattern =
  /^\/(history|data|modelregistry)\/v1\.0\/subscriptions\/([^/]+)\/resourceGroups\/([^/]+)\/providers\/Microsoft\.MachineLearningServices\/workspaces\/([^/]+)\/(.+?)\/?$/i;

/** Azure ML's data plane, as far as its SDK asks it: run history, and where data and models are. */
export function dataPlaneRoutes(plane: PlaneServices): Hono {
  const app = new Hono();
  const followers = new Followers();

  // Without authorization by Azure's own rule. The SDK uses `api` for everything.
  app.get('/discovery', (c) => {
    const base = originOf(c);
    return c.json(
      Object.fromEntries(
        ['api', 'history', 'experimentation', 'studio', 'modelmanagement', 'catalog', 'notebooks', 'pipelines', 'hyperdrive', 'mlflow'].map(
          (name) => [name, base],
        ),
      ),
    );
  });

  for (const service of ['history', 'data', 'modelregistry']) {
    app.all(`/${service}/*`, async (c) => {
      const match = pattern.exec(new URL(c.req.url).pathname);
      if (!match) throw new UserError('NotFound', `The control plane has no ${c.req.path.slice(0, 300)}.`);
      const [subscription, resourceGroup] = match.slice(2, 4).map(decoded) as [string, string];
      const asked = c.get('asked');
      const services = servicesOf(plane, asked);
      const ref = { subscription, resourceGroup, workspace: asked.workspace };
      const request = { c, method: methodOf(c), ref, rest: match[5]!.split('/').map(decoded), services };
      return service === 'history' ? runHistory(request, followers) : resolvedUris(request);
    });
  }

  return app;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new UserError('InvalidRequest', 'The path is not validly encoded.');
  }
}
