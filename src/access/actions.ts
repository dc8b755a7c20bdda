import { mlflowPath } from '../protocol/mlflowPath.ts';
import { readAudit } from './audited.ts';

/**
 * The permission that a request needs. `open`: none; the route shows no data, or checks a secret of its own. `read`: to read anything in the workspace. `write`: to create or change assets, runs
 * and what runs log. `delete`: to delete or rename them. `run`: to start, change, end or report on work. `administer`: to change what the whole workspace shares, or the plane itself.
 */
export type Action = 'open' | 'read' | 'write' | 'delete' | 'run' | 'administer';

/**
 * What a request needs when a member of a team makes it. `member`: any member may. `operator`: no member may; it takes the plane's own token, which its operator has. A list: a role that allows one of these
 * actions of Azure's.
 */
export type TeamNeed = 'member' | 'operator' | readonly string[];

/**
 * Where the role must hold. `workspace`: in the workspace that the request is about. `path`: at the scope with which its path begins. `plane`: on the whole plane. `anywhere`: at any scope, for what is the same
 * everywhere.
 */
export type Where = 'workspace' | 'path' | 'plane' | 'anywhere';

/** What a request needs: `action` of the plane's own principals (owner, agents, jobs), `team` of members of a team. `isForRunners`: the token of a runner opens it, for jobs that it may take. */
export interface Need {
  action: Action;
  team: TeamNeed;
  where: Where;
  isForRunners: boolean;
}

/**
 * Methods (`*`: all), a path, and what requests for it need, as in `Need`. In a path `{}` stands for one part, and `**` for any number of characters. The first row that fits counts. As an action of Azure's, `{arm}`
 * is the one that ARM derives from method and path. `{area}` is the kind of resource that an endpoint of MLflow is about.
 */
type Row =
  | readonly [methods: string, path: string, action: 'open']
  | readonly [methods: string, path: string, action: Action, team: 'member' | 'operator' | string | readonly string[], where?: Where];

const workspace = '/subscriptions/{}/resourceGroups/{}/providers/Microsoft.MachineLearningServices/workspaces/{}';
const w = 'Microsoft.MachineLearningServices/workspaces';
const registry = '/subscriptions/{}/resourceGroups/{}/providers/Microsoft.MachineLearningServices/registries/{}';
const r = 'Microsoft.MachineLearningServices/registries';
const authorization = 'Microsoft.Authorization';

const plane: Row[] = [
  ['*', '/health', 'open'],
  ['*', '/ready', 'open'],
  ['*', '/metadata/endpoints', 'open'],
  ['*', '/msi/token', 'open'],
  ['*', '/discovery', 'open'],
  // It shows no data, and leads to the Studio.
  ['GET', '/', 'open'],
  // Where people sign in; they show who they are there.
  ['GET', '/sign-in', 'open'],
  ['GET', '/sign-in/start', 'open'],
  ['GET', '/sign-in/callback', 'open'],
  // The first Owner shows the secret of a link there.
  ['GET', '/sign-in/first', 'open'],
  ['POST', '/sign-in/first', 'open'],
  ['POST', '/sign-in/device', 'open'],
  ['POST', '/sign-in/device/token', 'open'],
  // What the identity provider sends there is signed by it.
  ['POST', '/sign-in/back-channel-logout', 'open'],
  // Programs show a secret of their own there, as at Azure.
  ['POST', '/{}/oauth2/v2.0/token', 'open'],
  ['GET', '/{}/v2.0/.well-known/openid-configuration', 'open'],
  // Signed URLs.
  ['*', '/azureml**', 'open'],
  // An endpoint is called with one of its own keys.
  ['*', '/endpoints/**', 'open'],
  // Its pages hold no data, and are opened with a key of their own.
  ['*', '/studio**', 'open'],
  // To ask a model changes nothing: jobs may, too.
  ['*', '/v1/models**', 'read', `${w}/models/read`],
  ['POST', '/v1/chat/completions', 'read', `${w}/onlineEndpoints/score/action`],
  ['POST', '/v1/completions', 'read', `${w}/onlineEndpoints/score/action`],
  ['POST', '/v1/embeddings', 'read', `${w}/onlineEndpoints/score/action`],
  ['GET', '/version', 'read', 'member'],
  ['GET', '/status', 'read', 'member'],
  // Of the whole plane, and nothing of anybody's work.
  ['GET', '/metrics', 'administer', 'Microsoft.Insights/metrics/read', 'plane'],
  ['GET', '/changes', 'read', `${w}/read`],
  ['POST', '/stop', 'administer', 'operator'],
  // A member is told how Azure's clients come with the member's own token.
  ['GET', '/updraft/azure', 'administer', 'member'],
  // Who may not change everything is not told what others did.
  ['GET', '/updraft/agent-calls', 'administer', `${w}/write`],
  ['*', '/updraft/agent-calls/**', 'run', `${w}/read`],
  // The first Owner; from then on, owners see to it.
  ['POST', '/updraft/team/owner', 'administer', 'operator'],
  ['POST', '/updraft/team/invitation', 'administer', 'operator'],
  // Whom a role can be given to; members see to their own tokens.
  ['GET', '/updraft/team/members', 'administer', `${authorization}/roleAssignments/read`, 'anywhere'],
  ['*', '/updraft/team/members/**', 'administer', `${authorization}/roleAssignments/write`, 'plane'],
  ['*', '/updraft/team/tokens/**', 'administer', 'member'],
  // In which workspaces somebody may make one is asked for each of them.
  ['*', '/updraft/team/runner-tokens/**', 'administer', `${authorization}/roleAssignments/write`, 'anywhere'],
  ['*', '/updraft/team/secrets/**', 'administer', `${authorization}/roleAssignments/write`, 'plane'],
  ['GET', '/updraft/who', 'read', 'member'],
  ['POST', '/updraft/sign-out', 'administer', 'member'],
  // Of its lines a member is shown those of the own workspaces.
  ['GET', '/updraft/audit', 'administer', readAudit, 'anywhere'],
  ['GET', '/updraft/audit/lines', 'administer', readAudit, 'anywhere'],
  ['GET', '/updraft/audit/verify', 'administer', readAudit, 'plane'],
  // Each has those that they may delete.
  ['*', '/updraft/deleted-workspaces/**', 'administer', `${w}/delete`, 'anywhere'],
  // The feed of a registry, and its contents.
  ['GET', '/updraft/registries/{}/**', 'read', `${r}/assets/read`],
  ['PUT', '/updraft/registries/{}/blobs/**', 'write', `${r}/assets/write`],
  // It says the same to who may not read a registry and where there is none.
  ['GET', '/registrymanagement/v1.0/registries/{}/discovery', 'read', 'member', 'anywhere'],
  ['GET', '/updraft/webhooks/**', 'administer', `${w}/connections/write`],
  // Each has the own ones, of what may be read anyway.
  ['*', '/updraft/notices/**', 'administer', `${w}/jobs/read`],
  // What people have sent to endpoints is not for jobs to read. Nor is what they ask models.
  ['*', '/updraft/endpoints/**', 'run', `${w}/onlineEndpoints/score/action`],
  ['*', '/updraft/prompt-cases/**', 'run', `${w}/onlineEndpoints/score/action`],
  // Who may change a job or a model may comment on it. Jobs write no comments, and agents delete none.
  ['GET', '/updraft/comments/jobs/**', 'read', `${w}/jobs/read`],
  ['GET', '/updraft/comments/models/**', 'read', `${w}/models/read`],
  ['*', '/updraft/comments/jobs/**', 'run', `${w}/jobs/write`],
  ['*', '/updraft/comments/models/**', 'run', `${w}/models/write`],
  // Whom a comment may mention.
  ['GET', '/updraft/readers/jobs', 'run', `${w}/jobs/write`],
  ['GET', '/updraft/readers/models', 'run', `${w}/models/write`],
  // Everybody has an own inbox, over all workspaces, and is told who gives roles.
  ['*', '/updraft/mentions/**', 'administer', 'member', 'anywhere'],
  ['GET', '/updraft/whom-to-ask', 'administer', 'member', 'anywhere'],
  ['GET', '/updraft/blobs/**', 'read', `${w}/metadata/artifacts/read`],
  // Files that go from one plane to another.
  ['POST', '/updraft/transfer/read', 'read', `${w}/metadata/artifacts/read`],
  ['POST', '/updraft/transfer/similar', 'read', `${w}/metadata/artifacts/read`],
  ['POST', '/updraft/transfer/chunks', 'read', `${w}/metadata/artifacts/read`],
  ['POST', '/updraft/transfer/**', 'run', `${w}/metadata/artifacts/write`],
  ['GET', '/updraft/models/**', 'read', `${w}/models/read`],
  ['GET', '/updraft/tuned-models', 'read', `${w}/models/read`],
  ['GET', '/updraft/finetuning/**', 'read', `${w}/models/read`],
  ['GET', '/updraft/engines', 'read', `${w}/models/read`],
  // Jobs that ran elsewhere.
  ['*', '/updraft/copies/**', 'run', `${w}/jobs/write`],
  ['POST', '/updraft/shared/**', 'run', `${w}/jobs/write`],
  // Models of another MLflow server.
  ['PUT', '/updraft/imports/**', 'run', `${w}/models/write`],
  ['GET', '/updraft/**', 'read', `${w}/jobs/read`],
  ['POST', '/updraft/preview', 'read', `${w}/jobs/read`],
  ['POST', '/updraft/jobs', 'read', `${w}/jobs/read`],
  ['POST', '/updraft/tokens', 'read', `${w}/onlineEndpoints/score/action`],
  // Questions that are too long for an address.
  ['POST', '/updraft/runs/{}', 'read', `${w}/jobs/read`],
  ['POST', '/updraft/series', 'read', `${w}/jobs/read`],
  // Files of this machine that all of its planes share.
  ['POST', '/updraft/models/remove', 'administer', 'operator'],
  ['POST', '/updraft/models/forget', 'administer', 'operator'],
  // Files of this machine are read for its owner alone.
  ['POST', '/updraft/finetuning/data', 'administer', 'operator'],
  ['POST', '/updraft/finetuning/tokens', 'administer', 'operator'],
  ['POST', '/updraft/finetuning/plan', 'read', `${w}/models/read`],
  // A runner gets the tokens of the jobs that it takes.
  ['POST', '/updraft/claims', 'run', `${w}/write`],
  ['POST', '/updraft/logs/**', 'run', `${w}/write`],
  // Jobs write what they put out, and nothing else.
  ['PUT', '/updraft/blobs/**', 'write', `${w}/metadata/artifacts/write`],
  ['*', '/updraft/**', 'run', 'operator'],
  // Microsoft Graph, as far as the clients for roles ask it.
  ['GET', '/v1.0/users', 'administer', `${authorization}/roleAssignments/read`, 'anywhere'],
  ['GET', '/v1.0/servicePrincipals', 'administer', `${authorization}/roleAssignments/read`, 'anywhere'],
  ['POST', '/v1.0/directoryObjects/getByIds', 'administer', `${authorization}/roleAssignments/read`, 'anywhere'],
];

const arm: Row[] = [
  ['GET', '/subscriptions', 'read', 'member'],
  // What who asks may: everybody is told of themselves.
  ['GET', `/subscriptions/**/providers/${authorization}/permissions`, 'read', 'member', 'path'],
  ['GET', `/subscriptions/**/providers/${authorization}/roleAssignments/**`, 'administer', `${authorization}/roleAssignments/read`, 'path'],
  [
    'PUT',
    `/subscriptions/**/providers/${authorization}/roleAssignments/{}`,
    'administer',
    `${authorization}/roleAssignments/write`,
    'path',
  ],
  [
    'DELETE',
    `/subscriptions/**/providers/${authorization}/roleAssignments/{}`,
    'administer',
    `${authorization}/roleAssignments/delete`,
    'path',
  ],
  ['GET', `/subscriptions/**/providers/${authorization}/roleDefinitions/**`, 'administer', `${authorization}/roleDefinitions/read`, 'path'],
  [
    'PUT',
    `/subscriptions/**/providers/${authorization}/roleDefinitions/{}`,
    'administer',
    `${authorization}/roleDefinitions/write`,
    'path',
  ],
  [
    'DELETE',
    `/subscriptions/**/providers/${authorization}/roleDefinitions/{}`,
    'administer',
    `${authorization}/roleDefinitions/delete`,
    'path',
  ],
  ['GET', registry, 'read', `${r}/read`],
  ['*', registry, 'administer', '{arm}', 'path'],
  ['GET', `${registry}/**`, 'read', `${r}/assets/read`],
  // Azure's client downloads by this.
  ['POST', `${registry}/datarefs/**`, 'read', `${r}/assets/read`],
  ['POST', `${registry}/components/batchGet`, 'read', `${r}/assets/read`],
  ['DELETE', `${registry}/**`, 'delete', `${r}/assets/delete`],
  ['*', `${registry}/**`, 'write', `${r}/assets/write`],
  ['GET', workspace, 'read', '{arm}', 'path'],
  ['GET', `${workspace}/**`, 'read', '{arm}'],
  // Lists of workspaces and registries have those that a member sees, and an operation is looked up in its own workspace.
  ['GET', '/subscriptions/**', 'read', 'member'],
  // Azure's client downloads by this, too: who may only read gets a URL that is good for nothing else.
  ['POST', `${workspace}/datastores/{}/listSecrets`, 'write', [`${w}/datastores/listSecrets/action`, `${w}/datastores/read`]],
  ['POST', `${workspace}/connections/{}/listSecrets`, 'write', '{arm}'],
  ['*', workspace, 'administer', '{arm}', 'path'],
  ['*', `${workspace}/datastores/**`, 'administer', '{arm}'],
  ['*', `${workspace}/connections/**`, 'administer', '{arm}'],
  ['*', `${workspace}/computes/**`, 'administer', '{arm}'],
  // Who gives roles says what may be used.
  ['*', `${workspace}/quotas/**`, 'administer', `${authorization}/roleAssignments/write`],
  [
    'POST',
    '/subscriptions/{}/providers/Microsoft.MachineLearningServices/locations/{}/updateQuotas',
    'administer',
    `${authorization}/roleAssignments/write`,
    'plane',
  ],
  ['*', `${workspace}/jobs/**`, 'run', '{arm}'],
  ['*', `${workspace}/schedules/**`, 'run', '{arm}'],
  ['*', `${workspace}/onlineEndpoints/**`, 'run', '{arm}'],
  ['*', `${workspace}/batchEndpoints/**`, 'run', '{arm}'],
  ['POST', `${workspace}/components/batchGet`, 'read', `${w}/components/read`],
  ['DELETE', `${workspace}/**`, 'delete', '{arm}'],
  ['*', `${workspace}/**`, 'write', '{arm}'],
  ['DELETE', '/subscriptions/**', 'delete', 'operator'],
  ['*', '/subscriptions/**', 'write', 'operator'],
  // Azure's data plane asks by POST.
  ['GET', '/history/**', 'read', `${w}/jobs/read`],
  ['POST', '/history/**', 'read', `${w}/jobs/read`],
  ['*', '/history/**', 'run', `${w}/jobs/write`],
  ['*', '/data/**', 'read', `${w}/datasets/versions/read`],
  ['*', '/modelregistry/**', 'read', `${w}/models/read`],
];

/** Below `…/mlflow/`. */
const mlflowEndpoints: Row[] = [
  ['GET', '/server-info', 'read', 'member'],
  ['GET', '/gateway/secrets/**', 'administer', `${w}/connections/listSecrets/action`],
  ['*', '/gateway/secrets/**', 'administer', `${w}/connections/write`],
  // The address of a webhook is often a secret itself.
  ['*', '/webhooks/**', 'administer', `${w}/connections/write`],
  ['GET', '/**', 'read', '{area}/read'],
  ['*', '/gateway/**', 'administer', '{area}/write'],
  ['POST', '/**/search', 'read', '{area}/read'],
  ['POST', '/experiments/search-datasets', 'read', '{area}/read'],
  ['POST', '/model-versions/get-latest-versions', 'read', '{area}/read'],
  ['POST', '/registered-models/get-latest-versions', 'read', '{area}/read'],
  ['POST', '/traces/batchGetInfos', 'read', '{area}/read'],
  ['POST', '/traces/metrics', 'read', '{area}/read'],
  ['POST', '/traces/calculate-filter-correlation', 'read', '{area}/read'],
  // A tag or an alias that goes is a change of what had it.
  ['*', '/**/delete-tag', 'write', '{area}/write'],
  ['DELETE', '/**/tags', 'write', '{area}/write'],
  ['DELETE', '/**/tags/{}', 'write', '{area}/write'],
  ['DELETE', '/**/alias', 'write', '{area}/write'],
  // A run that is deleted comes back with `restore`; whose run it is, is asked with the run. An experiment takes all its runs along.
  ['POST', '/runs/delete', 'write', '{area}/delete'],
  ['POST', '/experiments/restore', 'delete', '{area}/delete'],
  // Nothing but its name.
  ['POST', '/experiments/update', 'delete', '{area}/write'],
  ['POST', '/registered-models/rename', 'delete', '{area}/write'],
  ['POST', '/**/delete', 'delete', '{area}/delete'],
  ['POST', '/traces/delete-traces', 'delete', '{area}/delete'],
  ['DELETE', '/**', 'delete', '{area}/delete'],
  // A batch may bring parameters and tags; this brings a metric and nothing else.
  ['POST', '/runs/log-metric', 'write', [`${w}/jobs/write`, `${w}/metrics/runs/write`]],
  ['*', '/**', 'write', '{area}/write'],
];

/** What Azure calls that which an endpoint of MLflow's is about, by the first part of its path. */
const areas: Record<string, string> = {
  runs: `${w}/jobs`,
  metrics: `${w}/jobs`,
  artifacts: `${w}/metadata/artifacts`,
  'upload-artifact': `${w}/metadata/artifacts`,
  experiments: `${w}/experiments`,
  traces: `${w}/experiments`,
  'get-trace-artifact': `${w}/experiments`,
  scorers: `${w}/experiments`,
  issues: `${w}/experiments`,
  datasets: `${w}/datasets`,
  'registered-models': `${w}/models`,
  'model-versions': `${w}/models`,
  'logged-models': `${w}/models`,
  gateway: `${w}/connections`,
};

const mlflow: Row[] = [
  ['GET', '/**/mlflow-artifacts/**', 'read', `${w}/metadata/artifacts/read`],
  ['DELETE', '/**/mlflow-artifacts/**', 'delete', `${w}/metadata/artifacts/delete`],
  ['*', '/**/mlflow-artifacts/**', 'write', `${w}/metadata/artifacts/write`],
  ['GET', '//model-versions/get-artifact', 'read', `${w}/models/read`],
  ['GET', '/model-versions/get-artifact', 'read', `${w}/models/read`],
  ['GET', '/get-artifact', 'read', `${w}/metadata/artifacts/read`],
  ['*', '/graphql', 'read', `${w}/jobs/read`],
  ['*', '/gateway/**', 'run', `${w}/onlineEndpoints/score/action`],
  ['POST', '/v1/traces', 'write', `${w}/experiments/write`],
];

/** All that the token of a runner opens. What its jobs need is asked for with the tokens of these jobs. */
const forRunners: Row[] = [
  ['GET', '/version', 'read', 'member'],
  ['GET', '/status', 'read', 'member'],
  ['GET', '/updraft/who', 'read', 'member'],
  ['GET', '/updraft/azure', 'read', 'member'],
  ['GET', '/changes', 'read', 'member'],
  ['POST', '/updraft/claims', 'run', 'member'],
  ['GET|POST', '/updraft/logs/{}/**', 'run', 'member'],
  ['POST', `${workspace}/jobs/{}/report`, 'run', 'member'],
];

/** Azure's SDK finds ARM's paths below this one, too. */
export const armFrontend = '/mferp/managementfrontend';
export const withoutFrontend = (path: string): string =>
  path.toLowerCase().startsWith(`${armFrontend}/`) ? path.slice(armFrontend.length) : path;

interface Rule {
  methods: string[] | undefined;
  path: RegExp;
  action: Action;
  team: 'member' | 'operator' | readonly string[];
  where: Where;
}

function ruleOf([methods, path, action, team = 'member', where = 'workspace']: Row): Rule {
  const pattern = path
    .split(/(\{\}|\*\*)/)
    .map((part) => (part === '{}' ? '[^/]+' : part === '**' ? '.*' : part.replaceAll(/[.\\+?^$()[\]|]/g, '\\$&')))
    .join('')
    // A collection needs what its members do.
    .replace(/\/\.\*$/, '(?:/.*)?');
  return {
    methods: methods === '*' ? undefined : methods.split('|'),
    path: new RegExp(`^${pattern}/?$`, 'i'),
    action,
    team: team === 'member' || team === 'operator' || typeof team === 'object' ? team : [team],
    where,
  };
}

const rules = [...plane, ...arm, ...mlflow].map(ruleOf);
const mlflowRules = mlflowEndpoints.map(ruleOf);
const runnerRules = forRunners.map(ruleOf);

const find = (from: Rule[], method: string, path: string): Rule | undefined =>
  from.find((rule) => (rule.methods === undefined || rule.methods.includes(method)) && rule.path.test(path));

/** What a request needs; undefined for a path that no row speaks of, which nobody is let in to. HEAD needs what GET does. */
export function needOf(method: string, path: string): Need | undefined {
  const verb = method === 'HEAD' || method === 'OPTIONS' ? 'GET' : method;
  const endpoint = mlflowPath(path)?.endpoint;
  const below = withoutFrontend(path);
  const rule = endpoint === undefined ? find(rules, verb, below) : find(mlflowRules, verb, endpoint);
  if (!rule) return undefined;
  const { action, team, where } = rule;
  const isForRunners = find(runnerRules, verb, path) !== undefined;
  if (typeof team === 'string') return { action, team, where, isForRunners };
  const actions = team.map((each) => (each === '{arm}' ? armActionOf(verb, below) : inArea(each, endpoint)));
  // What can't be named is for nobody to be given.
  return { action, team: actions.includes(undefined) ? 'operator' : (actions as string[]), where, isForRunners };
}

/** As `needOf`, for the plane's own principals alone. */
export const actionOf = (method: string, path: string): Action | undefined => needOf(method, path)?.action;

function inArea(action: string, endpoint: string | undefined): string | undefined {
  if (!action.startsWith('{area}')) return action;
  const area = areas[endpoint?.split('/')[1] ?? ''];
  return area && action.replace('{area}', area);
}

const belowWorkspace = /\/providers\/Microsoft\.MachineLearningServices\/workspaces\/[^/]+((?:\/[^/]+)*)\/?$/i;
const verbs: Record<string, string> = { GET: 'read', PUT: 'write', PATCH: 'write', DELETE: 'delete' };

/**
 * The action that ARM asks for: the types of what the path names, and `read`, `write`, `delete` by the method, or for a POST what the path ends with. A few of Azure's actions have other names
 * than its paths: https://learn.microsoft.com/azure/machine-learning/how-to-assign-roles
 */
function armActionOf(method: string, path: string): string | undefined {
  if (/\/registries\/[^/]+\/?$/i.test(path)) return `${r}/${verbs[method] ?? 'action'}`;
  const parts = belowWorkspace.exec(path)?.[1]?.split('/').filter(Boolean);
  if (!parts) return undefined;
  // Names are left out: types and names take turns, and a POST ends with what is to be done.
  const words = parts.filter((_, index) => index % 2 === 0);
  const collection = words[0]?.toLowerCase();
  if (collection === 'codes') return `${w}/metadata/snapshots/${verbs[method] ?? 'write'}`;
  if (collection === 'environments' && verbs[method]) return `${w}/environments/${verbs[method]}`;
  if (collection === 'data') words[0] = 'datasets';
  const verb = verbs[method] ?? (parts.length % 2 === 1 ? 'action' : 'write');
  return [w, ...words, verb].join('/');
}
