import type { Family } from '../../submit/createResource.ts';
import type { Command, Options } from '../command.ts';
import { definition, described, flag, inEndpoint, limited, local, named, path, text, web, whole } from '../options.ts';

const work = () => import('../work/resources.ts');
const calls = () => import('../work/endpointCalls.ts');
const actions = () => import('../work/computeActions.ts');
const deployment = { ...inEndpoint, 'endpoint-name': { ...inEndpoint['endpoint-name'], yaml: 'endpoint_name' } };
const scored = { 'skip-script-validation': flag('The script is not run.') };

const scaling = {
  'min-instances': whole('Fewest machines.', { yaml: 'min_instances' }),
  'max-instances': whole('Most machines.', { yaml: 'max_instances' }),
  'idle-time-before-scale-down': whole('Seconds after which an idle machine ends.', { short: 'd', yaml: 'idle_time_before_scale_down' }),
};

/** What each kind may be given on the command line: when it is created, beside its file, and otherwise. */
const kinds: Record<Family, { noun: string; what: string; many: string; create: Options; update?: Options; one: Options; list: Options }> =
  {
    compute: {
      noun: 'compute',
      what: 'a compute',
      many: 'computes',
      create: {
        ...described,
        type: text('Kind of compute.', { short: 't', yaml: 'type' }),
        size: text('Size of its machines.', { yaml: 'size' }),
        tier: text('Whether its machines may be taken away.', { choices: ['dedicated', 'low_priority'], yaml: 'tier' }),
        ...scaling,
        location: text('Region.', { short: 'l', yaml: 'location' }),
      },
      update: scaling,
      one: {},
      list: { ...limited, type: text('Lists those of this kind.', { short: 't' }) },
    },
    datastore: { noun: 'datastore', what: 'a datastore', many: 'datastores', create: {}, one: {}, list: limited },
    onlineEndpoint: {
      noun: 'online-endpoint',
      what: 'an online endpoint',
      many: 'online endpoints',
      create: {
        'auth-mode': text('How callers prove who they are.', { choices: ['key', 'aml_token', 'aad_token'], yaml: 'auth_mode' }),
        ...local,
        ...web,
      },
      update: {
        traffic: { takes: 'pairs', short: 'r', what: 'Share of the requests by deployment: "blue=90 green=10".' },
        'mirror-traffic': { takes: 'pairs', what: 'Share of the requests that is copied to a deployment.' },
        ...local,
        ...web,
      },
      one: { ...local, ...web },
      list: local,
    },
    batchEndpoint: {
      noun: 'batch-endpoint',
      what: 'a batch endpoint',
      many: 'batch endpoints',
      create: {},
      update: { defaults: { takes: 'pairs', what: 'What is taken when a call names none: deployment_name=NAME.' } },
      one: {},
      list: {},
    },
    onlineDeployment: {
      noun: 'online-deployment',
      what: 'an online deployment',
      many: 'the deployments of an endpoint',
      create: {
        ...deployment,
        'all-traffic': flag('Sends all requests of the endpoint to it.'),
        ...local,
        ...scored,
        web: flag("Opens the Studio's page in a browser."),
      },
      update: { ...deployment, ...local, ...scored },
      one: { ...inEndpoint, ...local },
      list: { ...inEndpoint, ...local },
    },
    batchDeployment: {
      noun: 'batch-deployment',
      what: 'a batch deployment',
      many: 'the deployments of an endpoint',
      create: { ...deployment, 'set-default': flag('Makes it the one that is taken when a call names none.'), ...scored },
      update: { ...deployment, ...scored },
      one: inEndpoint,
      list: inEndpoint,
    },
  };

/** `create`, `list`, `show`, `update` and `delete` of computes, datastores, endpoints and deployments, and what else each can. */
export const resourceCommands: Command[] = [
  ...(Object.keys(kinds) as Family[]).flatMap(common),
  ...(['start', 'stop', 'restart'] as const).map(
    (action): Command => ({
      names: [`compute ${action}`],
      what: 'Nothing is to be done: this machine is always there.',
      inWorkspace: true,
      options: named,
      run: async (parsed) =>
        (await actions()).actOnCompute(parsed, action, { start: 'Started', stop: 'Stopped', restart: 'Restarted' }[action]),
    }),
  ),
  {
    names: ['compute list-nodes'],
    what: 'Lists the machines of a compute; those here have none of their own.',
    inWorkspace: true,
    options: named,
    run: async (parsed) => (await actions()).computeNodes(parsed),
  },
  {
    names: ['online-endpoint get-credentials'],
    what: 'Tells the keys or the token with which an endpoint is called.',
    inWorkspace: true,
    options: named,
    run: async (parsed) => (await calls()).credentials(parsed),
  },
  {
    names: ['online-endpoint regenerate-keys'],
    what: 'Makes a key of an endpoint anew.',
    inWorkspace: true,
    options: { ...named, 'key-type': text('Which one.', { choices: ['primary', 'secondary'] }) },
    run: async (parsed) => (await calls()).regenerateKeys(parsed),
  },
  {
    names: ['online-endpoint invoke'],
    what: 'Calls an endpoint.',
    inWorkspace: true,
    options: {
      ...named,
      'deployment-name': text('The deployment that answers.', { short: 'd', value: 'NAME' }),
      'request-file': path('File with the request.', { short: 'r', value: 'FILE' }),
      ...local,
    },
    run: async (parsed) => (await calls()).invoke(parsed, 'onlineEndpoint'),
  },
  {
    names: ['batch-endpoint invoke'],
    what: 'Starts a job of a batch endpoint.',
    inWorkspace: true,
    options: {
      ...named,
      'deployment-name': text('The deployment that works.', { short: 'd', value: 'NAME' }),
      input: text('The data.', { value: 'PATH' }),
      'input-type': text('What the data is.', { choices: ['uri_folder', 'uri_file', 'mltable'] }),
      'job-name': text('Name of the job.', { value: 'NAME' }),
      'experiment-name': text('Experiment of the job.', { value: 'NAME' }),
    },
    run: async (parsed) => (await calls()).invoke(parsed, 'batchEndpoint'),
  },
  {
    names: ['online-deployment get-logs'],
    what: 'Tells what a deployment has written.',
    inWorkspace: true,
    options: {
      ...named,
      ...inEndpoint,
      lines: whole('The most lines.', { short: 'l' }),
      container: text('Part of the deployment.', { short: 'c', choices: ['inference-server', 'storage-initializer'] }),
      ...local,
    },
    run: async (parsed) => (await calls()).deploymentLogs(parsed),
  },
];

function common(family: Family): Command[] {
  const { noun, what, many, create, update, one, list } = kinds[family];
  const creation = { ...definition, ...create };
  return [
    {
      names: [`${noun} create`],
      what: `Creates ${what} from its YAML file.`,
      inWorkspace: true,
      options: creation,
      run: async (parsed) => (await work()).createOne(parsed, family, creation),
    },
    {
      names: [`${noun} list`],
      what: `Lists ${many}.`,
      inWorkspace: true,
      options: list,
      run: async (parsed) => (await work()).listAll(parsed, family),
    },
    {
      names: [`${noun} show`],
      what: `Shows ${what}.`,
      inWorkspace: true,
      options: { ...named, ...one },
      run: async (parsed) => (await work()).showOne(parsed, family),
    },
    ...(update
      ? [
          {
            names: [`${noun} update`],
            what: `Changes ${what}, by its file or by what is said.`,
            inWorkspace: true,
            options: { ...definition, ...update },
            run: async (parsed) => (await work()).updateOne(parsed, family, { ...definition, ...update }),
          } satisfies Command,
        ]
      : []),
    {
      names: [`${noun} delete`],
      what: `Removes ${what}.`,
      inWorkspace: true,
      options: { ...named, ...one },
      run: async (parsed) => (await work()).deleteOne(parsed, family),
    },
  ];
}
