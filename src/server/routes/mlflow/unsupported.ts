import { UserError } from '../../../base/userError.ts';

/** Parts of MLflow that this plane does not have, by the beginning of their paths. docs/mlflow.md lists the same. */
const parts: [prefix: string, what: string][] = [
  ['gateway/', "this part of MLflow's AI gateway: its secrets, models and endpoints are kept, and nothing is called"],
  ['gateway-proxy', "MLflow's AI gateway as a proxy"],
  ['workspaces', "MLflow's workspaces: this control plane has Azure ML's"],
  ['prompt-optimization/', 'prompt optimization jobs'],
  ['review-queues/', 'review queues'],
  ['label-schemas/', 'label schemas'],
  ['artifacts/presigned-', 'presigned addresses of artifacts: the proxy serves them'],
  ['unified-traces', "Databricks' unified traces"],
  ['get-online-trace-details', "Databricks' online traces"],
  ['runs/create-promptlab-run', 'the prompt lab'],
  ['scorer/invoke', 'scoring by the server'],
  ['scorers/online-config', 'scoring by the server'],
  ['issues/invoke', 'finding issues by the server'],
  ['genai/evaluate', 'evaluation by the server'],
  ['jobs', "MLflow's server jobs"],
  ['assistant', "MLflow's assistant"],
];

/** Throws `NotImplemented` with the part's name when the path is of one. */
export function refuseUnsupported(method: string, path: string): void {
  const part = parts.find(
    ([prefix]) => path === prefix || path.startsWith(prefix.endsWith('/') || prefix.endsWith('-') ? prefix : `${prefix}/`),
  );
  if (part)
    throw new UserError(
      'NotImplemented',
      `${method} /mlflow/${path.slice(0, 200)} is not implemented: this control plane does not support ${part[1]}.`,
    );
}
