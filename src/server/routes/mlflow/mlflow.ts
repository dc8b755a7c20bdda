import { Hono } from 'hono';
import { UserError } from '../../../base/userError.ts';
import { defaultWorkspace } from '../../../protocol/arm.ts';
import { artifactContainer } from '../../../protocol/asset.ts';
import { restOf, safePath } from '../../paths.ts';
import type { Services } from '../../services.ts';
import { bodyOf, sendContent } from '../blobs.ts';
import { artifactPrefix } from '../jobFiles.ts';
import { experimentHandlers } from './experiments.ts';
import { metricHandlers } from './metrics.ts';
import { registryHandlers } from './registry.ts';
import { Fields, fieldsOf } from './request.ts';
import { runHandlers } from './runs.ts';

/** MLflow's REST API, also below Azure's `/mlflow/v1.0{workspace}` and `/mlflow/v2.0{workspace}`. */
export function mlflowRoutes(services: Services): Hono {
  const { store, blobs } = services;
  const handlers = {
    ...experimentHandlers(services),
    ...runHandlers(services),
    ...metricHandlers(services),
    ...registryHandlers(services),
  };
  const app = new Hono();

  for (const root of ['/api', '/ajax-api', '/mlflow/*/api']) {
    app.all(`${root}/:version/mlflow/*`, async (c) => {
      const path = new URL(c.req.url).pathname;
      const name = path.slice(path.lastIndexOf('/mlflow/') + '/mlflow/'.length);
      const workspace = workspaceOf(path);
      if (name === 'artifacts/list') return c.json(listArtifacts(await fieldsOf(c)));
      const handler = handlers[name];
      if (!handler)
        throw new UserError('NotFound', `The MLflow endpoint ${c.req.method} ${path} is not implemented by this control plane.`);
      const fields = await fieldsOf(c);
      const result = await handler(
        name === 'registered-models/alias' ? new Fields({ ...fields.all, ' method': c.req.method }) : fields,
        workspace,
      );
      return typeof result === 'string' ? c.body(result, 200, { 'content-type': 'application/json' }) : c.json(result as object);
    });

    app.get(`${root}/:version/mlflow-artifacts/artifacts`, (c) => {
      const { job, path } = artifactAddress(safePath(c.req.query('path') ?? ''));
      const files = store.blobs(artifactContainer, `${artifactPrefix(job)}${path ? `/${path}` : ''}`, false);
      return c.json({
        files: files.map((each) => ({ path: each.path, is_dir: each.isFolder, ...(each.isFolder ? {} : { file_size: each.size }) })),
      });
    });

    app.all(`${root}/:version/mlflow-artifacts/artifacts/*`, async (c) => {
      const full = new URL(c.req.url).pathname;
      const marker = '/mlflow-artifacts/artifacts/';
      const { job, path } = artifactAddress(restOf(full, full.slice(0, full.indexOf(marker) + marker.length)));
      const blob = `${artifactPrefix(job)}/${path}`;
      if (c.req.method === 'PUT') {
        if (!store.job(job)) throw new UserError('NotFound', `Run with id=${job} not found`);
        if (path === '') throw new UserError('InvalidRequest', 'An artifact needs a path.');
        const written = await blobs.write(bodyOf(c));
        await store.write((writer) => writer.putBlob(artifactContainer, blob, written.sha256, written.size));
        return c.json({});
      }
      if (c.req.method === 'DELETE') {
        await store.write((writer) => writer.deleteBlobs(artifactContainer, blob));
        return c.json({});
      }
      const found = store.blob(artifactContainer, blob);
      if (!found) throw new UserError('NotFound', `No such artifact: ${path}`);
      return sendContent(c, blobs, found, path);
    });
  }

  return app;

  function listArtifacts(fields: Fields): unknown {
    const run = store.job(fields.text('run_id', 'run_uuid'));
    if (!run) throw new UserError('NotFound', `Run with id=${fields.text('run_id', 'run_uuid')} not found`);
    const path = safePath(fields.optionalText('path') ?? '');
    const files = store.blobs(artifactContainer, `${artifactPrefix(run.name)}${path ? `/${path}` : ''}`, false);
    return {
      root_uri: `mlflow-artifacts:/${run.experimentId}/${run.name}/artifacts`,
      files: files.map((each) => ({
        path: path ? `${path}/${each.path}` : each.path,
        is_dir: each.isFolder,
        ...(each.isFolder ? {} : { file_size: each.size }),
      })),
    };
  }
}

const workspaceOf = (path: string): string => /\/workspaces\/([^/]+)\/api\//i.exec(path)?.[1] ?? defaultWorkspace.workspace;

/** `{experiment}/{run}/artifacts[/{path}]`, the form of every `artifact_uri` we give out. */
function artifactAddress(path: string): { job: string; path: string } {
  const match = /^\d+\/([^/]+)\/artifacts(?:\/(.*))?$/.exec(path);
  if (!match) throw new UserError('InvalidRequest', `"${path.slice(0, 200)}" is not a path of a run's artifacts.`);
  return { job: match[1]!, path: match[2] ?? '' };
}
