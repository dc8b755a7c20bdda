/** Commands of `az ml` that nothing here answers, by how they begin, and why. */
const reasons: Record<string, string> = {
  'feature-store': 'feature stores need Azure.',
  'feature-store-entity': 'feature stores need Azure.',
  'feature-set': 'feature stores need Azure.',
  'serverless-endpoint': 'serverless endpoints need Azure.',
  'marketplace-subscription': 'the marketplace needs Azure.',
  'azure-openai-deployment': 'these deployments need Azure.',
  'deployment-template': 'deployment templates need Azure.',
  'capability-host': 'capability hosts need Azure.',
  index: 'indexes are not kept.',
  'virtual-cluster': 'virtual clusters need Azure.',
  connection: 'the command line has no connections; the SDK and REST do.',
  'batch-endpoint list-jobs': 'endpoints are kept, and not served yet.',
  'batch-deployment list-jobs': 'endpoints are kept, and not served yet.',
  'datastore update': 'create it again from its file.',
  'job connect-ssh': 'a job runs on this machine.',
  'job show-services': 'a job here has no services; "job show" has the address of the Studio.',
  'data import': 'imports need Azure.',
  'data list-materialization-status': 'imports need Azure.',
  'data mount': 'nothing is mounted; "azureml://" paths are brought to jobs.',
  'model package': 'packages need Azure.',
  'compute attach': 'other machines are runners: "updraft runner --help".',
  'compute detach': 'other machines are runners: "updraft runner --help".',
  'compute connect-ssh': 'jobs run on this machine.',
  'compute enable-sso': 'there are no compute instances.',
  'compute list-sizes': 'every size stands for this machine.',
  'compute list-usage': 'there are no quotas.',
  'workspace diagnose': 'there is nothing of Azure to look at; "updraft store check" checks the store.',
  'workspace list-keys': 'a workspace here has no keys.',
  'workspace sync-keys': 'a workspace here has no keys.',
  'workspace provision-network': 'everything is on this machine.',
  'workspace outbound-rule': 'everything is on this machine.',
};

/** Why a command of `az ml` is not there; undefined for what is none. */
export function notHere(asked: string): string | undefined {
  const group = asked.split(' ')[0]!;
  return Object.hasOwn(reasons, asked) ? reasons[asked] : Object.hasOwn(reasons, group) ? reasons[group] : undefined;
}
