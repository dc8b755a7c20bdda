import { mlflowPath } from '../protocol/mlflowPath.ts';

/**
 * The permission that a request needs. `open`: none; the route shows no data, or checks a secret of its own. `read`: to read anything in the workspace. `write`: to create or change assets, runs
 * and what runs log. `delete`: to delete or rename them. `run`: to start, change, end or report on work. `administer`: to change what the whole workspace shares, or the plane itself.
 */
export type Action = 'open' | 'read' | 'write' | 'delete' | 'run' | 'administer';

/** Methods (`*`: all), a path, and what it needs. In a path `{}` is one part and `**` any number of characters. The first row that fits counts. */
type Row = readonly [methods: string, path: string, action: Action];

const workspace = '/subscriptions/{}/resourceGroups/{}/providers/Microsoft.MachineLearningServices/workspaces/{}';

const plane: Row[] = [
  ['*', '/health', 'open'],
  ['*', '/metadata/endpoints', 'open'],
  ['*', '/msi/token', 'open'],
  ['*', '/discovery', 'open'],
  // It shows no data, and leads to the Studio.
  ['GET', '/', 'open'],
  // Signed URLs.
  ['*', '/azureml**', 'open'],
  // An endpoint is called with one of its own keys.
  ['*', '/endpoints/**', 'open'],
  // Its pages hold no data, and are opened with a key of their own.
  ['*', '/studio**', 'open'],
  // To ask a model changes nothing: jobs may, too.
  ['*', '/v1/models**', 'read'],
  ['POST', '/v1/chat/completions', 'read'],
  ['POST', '/v1/completions', 'read'],
  ['POST', '/v1/embeddings', 'read'],
  ['GET', '/version', 'read'],
  ['GET', '/status', 'read'],
  ['GET', '/changes', 'read'],
  ['POST', '/stop', 'administer'],
  ['GET', '/updraft/azure', 'administer'],
  // Who may not change everything is not told what others did.
  ['GET', '/updraft/agent-calls', 'administer'],
  // What people have sent to endpoints is not for jobs to read.
  ['GET', '/updraft/endpoints/**', 'run'],
  // Nor is what they ask models.
  ['GET', '/updraft/prompt-cases', 'run'],
  ['GET', '/updraft/**', 'read'],
  ['POST', '/updraft/preview', 'read'],
  ['POST', '/updraft/jobs', 'read'],
  ['POST', '/updraft/tokens', 'read'],
  // Questions that are too long for an address.
  ['POST', '/updraft/runs/{}', 'read'],
  ['POST', '/updraft/series', 'read'],
  // Files of this machine that all of its planes share.
  ['POST', '/updraft/models/remove', 'administer'],
  ['POST', '/updraft/models/forget', 'administer'],
  // Files of this machine are read for its owner alone.
  ['POST', '/updraft/finetuning/data', 'administer'],
  ['POST', '/updraft/finetuning/tokens', 'administer'],
  ['POST', '/updraft/finetuning/plan', 'read'],
  ['*', '/updraft/**', 'run'],
];

const arm: Row[] = [
  ['GET', '/subscriptions/**', 'read'],
  ['POST', `${workspace}/datastores/{}/listSecrets`, 'write'],
  ['POST', `${workspace}/connections/{}/listSecrets`, 'write'],
  ['*', workspace, 'administer'],
  ['*', `${workspace}/datastores/**`, 'administer'],
  ['*', `${workspace}/connections/**`, 'administer'],
  ['*', `${workspace}/computes/**`, 'administer'],
  ['*', `${workspace}/jobs/**`, 'run'],
  ['*', `${workspace}/schedules/**`, 'run'],
  ['*', `${workspace}/onlineEndpoints/**`, 'run'],
  ['*', `${workspace}/batchEndpoints/**`, 'run'],
  ['POST', `${workspace}/components/batchGet`, 'read'],
  ['DELETE', '/subscriptions/**', 'delete'],
  ['*', '/subscriptions/**', 'write'],
  // Azure's data plane asks by POST.
  ['GET', '/history/**', 'read'],
  ['POST', '/history/**', 'read'],
  ['*', '/history/**', 'run'],
  ['*', '/data/**', 'read'],
  ['*', '/modelregistry/**', 'read'],
];

/** Below `…/mlflow/`. */
const mlflowEndpoints: Row[] = [
  ['*', '/gateway/secrets/**', 'administer'],
  ['GET', '/**', 'read'],
  ['*', '/gateway/**', 'administer'],
  ['POST', '/**/search', 'read'],
  ['POST', '/experiments/search-datasets', 'read'],
  ['POST', '/model-versions/get-latest-versions', 'read'],
  ['POST', '/registered-models/get-latest-versions', 'read'],
  ['POST', '/traces/batchGetInfos', 'read'],
  ['POST', '/traces/metrics', 'read'],
  ['POST', '/traces/calculate-filter-correlation', 'read'],
  // A tag or an alias that goes is a change of what had it.
  ['*', '/**/delete-tag', 'write'],
  ['DELETE', '/**/tags', 'write'],
  ['DELETE', '/**/tags/{}', 'write'],
  ['DELETE', '/**/alias', 'write'],
  // A run that is deleted comes back with `restore`; whose run it is, is asked with the run. An experiment takes all its runs along.
  ['POST', '/runs/delete', 'write'],
  ['POST', '/experiments/restore', 'delete'],
  // Nothing but its name.
  ['POST', '/experiments/update', 'delete'],
  ['POST', '/registered-models/rename', 'delete'],
  ['POST', '/**/delete', 'delete'],
  ['POST', '/traces/delete-traces', 'delete'],
  ['DELETE', '/**', 'delete'],
  ['*', '/**', 'write'],
];

const mlflow: Row[] = [
  ['GET', '/**/mlflow-artifacts/**', 'read'],
  ['DELETE', '/**/mlflow-artifacts/**', 'delete'],
  ['*', '/**/mlflow-artifacts/**', 'write'],
  ['GET', '//model-versions/get-artifact', 'read'],
  ['GET', '/model-versions/get-artifact', 'read'],
  ['GET', '/get-artifact', 'read'],
  ['*', '/graphql', 'read'],
  ['*', '/gateway/**', 'run'],
  ['POST', '/v1/traces', 'write'],
];

/** Azure's SDK finds ARM's paths below this one, too. */
export const armFrontend = '/mferp/managementfrontend';
export const withoutFrontend = (path: string): string =>
  path.toLowerCase().startsWith(`${armFrontend}/`) ? path.slice(armFrontend.length) : path;

interface Rule {
  methods: string[] | undefined;
  path: RegExp;
  action: Action;
}

function ruleOf([methods, path, action]: Row): Rule {
  const pattern = path
    .split(/(\{\}|\*\*)/)
    .map((part) => (part === '{}' ? '[^/]+' : part === '**' ? '.*' : part.replaceAll(/[.\\+?^$()[\]|]/g, '\\$&')))
    .join('')
    // A collection needs what its members do.
    .replace(/\/\.\*$/, '(?:/.*)?');
  return { methods: methods === '*' ? undefined : methods.split('|'), path: new RegExp(`^${pattern}/?$`, 'i'), action };
}

const rules = [...plane, ...arm, ...mlflow].map(ruleOf);
const mlflowRules = mlflowEndpoints.map(ruleOf);

const find = (from: Rule[], method: string, path: string): Action | undefined =>
  from.find((rule) => (rule.methods === undefined || rule.methods.includes(method)) && rule.path.test(path))?.action;

/** What a request needs; undefined for a path that no row speaks of, which nobody is let in to. HEAD needs what GET does. */
export function actionOf(method: string, path: string): Action | undefined {
  const verb = method === 'HEAD' || method === 'OPTIONS' ? 'GET' : method;
  const endpoint = mlflowPath(path)?.endpoint;
  return endpoint === undefined ? find(rules, verb, withoutFrontend(path)) : find(mlflowRules, verb, endpoint);
}
