import { mlflowPath } from '../protocol/mlflowPath.ts';
import type { Need } from './actions.ts';

/** What lets somebody read the audit log: it is what Azure's activity log asks for. */
export const readAudit = 'Microsoft.Insights/eventtypes/values/read';

/** Azure's actions that hand out secrets. */
const secretActions = /\/(?:listSecrets|listKeys|readSecrets|token|regenerateKeys)\/action$/i;

/** What is measured and written while something runs: a training sends thousands of such requests, and what comes of them is in the change log with its author. */
const measuring = /^\/(?:runs\/(?:log-|set-tag|delete-tag|update$|outputs)|traces|logged-models|metrics)/;
const content =
  /^\/(?:updraft\/(?:claims|logs|blobs|registries\/[^/]+\/blobs|agent-calls|mentions|jobs|runs|series|tokens|preview)(?:\/|$)|history\/|v1\/traces)/;

/** Whether the audit log has a line of a request that was let in: of what changes anything, and of what reads secrets. What was refused has one anyway. */
export function isAudited(method: string, path: string, need: Need): boolean {
  const { action, team } = need;
  if (typeof team === 'object' && team.some((each) => secretActions.test(each))) return true;
  if (method === 'GET' || method === 'HEAD' || action === 'open' || action === 'read') return false;
  if (path.includes('mlflow-artifacts')) return false;
  const endpoint = mlflowPath(path)?.endpoint;
  return endpoint === undefined ? !content.test(path) : !measuring.test(endpoint);
}
