/** Azure mounts MLflow below the path of a workspace. */
const workspace = String.raw`\/mlflow\/[^/]+\/subscriptions\/[^/]+\/resourceGroups\/[^/]+\/providers\/Microsoft\.MachineLearningServices\/workspaces\/[^/]+`;
const pattern = new RegExp(String.raw`^(?:\/ajax-api|(?:${workspace})?\/api)\/([^/]+)\/mlflow(\/.*)$`, 'is');

/**
 * The version and the endpoint, which starts with `/`, of a path of MLflow's API; undefined for every other path. The same reading serves the question who may and the answer:
 * were there two, a path could be taken for one endpoint by the first and for another by the second.
 */
export function mlflowPath(path: string): { version: string; endpoint: string } | undefined {
  const found = pattern.exec(path);
  return found ? { version: found[1]!, endpoint: found[2]! } : undefined;
}
