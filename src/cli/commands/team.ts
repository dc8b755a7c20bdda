import type { Command } from '../command.ts';
import { flag, many, path, text, whole } from '../options.ts';
import { atServer } from '../serverOf.ts';

const team = () => import('../work/team.ts');
const secrets = () => import('../work/teamSecrets.ts');
const roles = () => import('../work/roleAssignments.ts');

const days = { days: whole('Days until the token expires; 90 where nothing is said.') };
const where = {
  scope: text('ARM id of the subscription, resource group, workspace or registry where the role holds.', { value: 'ID' }),
  workspace: text('The workspace where the role holds, by its name. Without this, --registry and --scope: the whole control plane.', {
    value: 'NAME',
  }),
  registry: text('The registry where the role holds, by its name.', { value: 'NAME' }),
};
const assignee = { assignee: text('Address of mail of a person, name of a program, or object id.', { value: 'NAME' }) };
const role = { role: text('Name or id of the role.', { value: 'ROLE' }) };

/** Who shares a control plane, and what they may. */
export const teamCommands: Command[] = [
  {
    names: ['team try'],
    what: 'Starts a control plane for a team on this machine, to be tried out: PostgreSQL, three people with a role each, two runners and a job. Ctrl+C ends it and removes everything.',
    options: {
      port: whole('Port.'),
      file: path('YAML of the job that is submitted; an example where nothing is said.', { short: 'f', value: 'FILE' }),
    },
    run: async (parsed) => (await import('../tryTeam/tryTeam.ts')).tryTeam(parsed),
  },
  {
    names: ['team init'],
    what: 'Prints a link by which the first person becomes the Owner of a control plane that runs with --team. It is good once, for an hour. For who operates it, on its machine.',
    words: 'MAIL',
    options: {
      name: text('Address of mail of the first Owner; may be left out where people sign in with an identity provider.', { value: 'MAIL' }),
      'at-once': flag(
        'Makes the Owner at once, in place of a link: for scripts. Where people do not sign in, prints a personal token, once.',
      ),
      ...days,
    },
    run: async (parsed) => (await team()).initTeam(parsed),
  },
  {
    names: ['team add'],
    what: 'Adds a person, a program with --service, or a group with --group, with a role. Who does not sign in gets a personal token, which is printed once.',
    words: 'NAME',
    options: {
      name: text('Address of mail of a person, name of a program, or what the tokens of the identity provider call a group.', {
        value: 'NAME',
      }),
      'display-name': text('What people call it.', { value: 'TEXT' }),
      service: flag('It is a program.'),
      group: flag('It is a group of the identity provider.'),
      subject: text('Who the person is to the identity provider, where it vouches for no address of mail; at Entra TENANT/OBJECT-ID.', {
        value: 'ID',
      }),
      ...role,
      workspace: text('The workspace where the role holds, and that the token opens; absent: the whole control plane.', { value: 'NAME' }),
      ...days,
      ...atServer,
    },
    run: async (parsed) => (await team()).addMember(parsed),
  },
  {
    names: ['team list'],
    what: 'Lists the members of the team, with their roles.',
    options: atServer,
    run: async (parsed) => (await team()).listMembers(parsed),
  },
  {
    names: ['team remove'],
    what: 'Removes a member, with all roles and tokens.',
    words: 'NAME',
    options: { name: text('Name or object id.', { value: 'NAME' }), ...atServer },
    run: async (parsed) => (await team()).removeMember(parsed),
  },
  {
    names: ['team secret create'],
    what: "Makes a secret with which a program gets tokens as from Entra, and prints it, once, as Azure's clients want it.",
    words: 'NAME',
    options: {
      member: text('The program.', { value: 'NAME' }),
      name: text('What the secret is for.', { short: 'n', value: 'TEXT' }),
      days: whole('Days until it expires; 90 where nothing is said.'),
      ...atServer,
    },
    run: async (parsed) => (await secrets()).createSecret(parsed),
  },
  {
    names: ['team secret list'],
    what: 'Lists the secrets of programs.',
    options: { member: text('Of which.', { value: 'NAME' }), ...atServer },
    run: async (parsed) => (await secrets()).listSecrets(parsed),
  },
  {
    names: ['team secret revoke'],
    what: 'Ends a secret at once, and the tokens that were got with it.',
    words: 'ID',
    options: { id: text('Its id, as "team secret list" shows it.', { value: 'ID' }), ...atServer },
    run: async (parsed) => (await secrets()).revokeSecret(parsed),
  },
  {
    names: ['token create'],
    what: 'Makes a personal token, or with --runner one for a runner, and prints it, once.',
    options: {
      name: text('What it is for; of a runner: what people call it.', { short: 'n', value: 'NAME' }),
      member: text('For whom, where that is somebody else.', { value: 'NAME' }),
      workspace: many('The only workspace that it opens. With --runner: whose jobs the runner takes; may be given several times.', {
        value: 'NAME',
      }),
      runner: flag('It is for a runner: it takes jobs and reports on them, and opens nothing else.'),
      compute: many('With --runner: the compute whose jobs the runner takes; may be given several times.', { value: 'NAME' }),
      'every-compute': flag('With --runner: the runner may take the jobs of every compute, and those that name none.'),
      ...days,
      ...atServer,
    },
    run: async (parsed) => (await team()).createToken(parsed),
  },
  {
    names: ['token list'],
    what: 'Lists personal tokens: your own, or those of a member. With --runner: those of runners.',
    options: { member: text('Whose.', { value: 'NAME' }), runner: flag('Those of runners.'), ...atServer },
    run: async (parsed) => (await team()).listTokens(parsed),
  },
  {
    names: ['token revoke'],
    what: 'Ends a personal token, or that of a runner, at once.',
    words: 'ID',
    options: { id: text('Its id, as "token list" shows it.', { value: 'ID' }), ...atServer },
    run: async (parsed) => (await team()).revokeToken(parsed),
  },
  {
    names: ['role assignment create'],
    what: 'Gives a member a role.',
    options: { ...assignee, ...role, ...where, ...atServer },
    run: async (parsed) => (await roles()).createAssignment(parsed),
  },
  {
    names: ['role assignment list'],
    what: 'Lists who has which role where.',
    options: { ...assignee, ...where, all: flag('Those of scopes below, too.'), ...atServer },
    run: async (parsed) => (await roles()).listAssignments(parsed),
  },
  {
    names: ['role assignment delete'],
    what: 'Takes a role from a member.',
    options: { ...assignee, ...role, ...where, ...atServer },
    run: async (parsed) => (await roles()).deleteAssignment(parsed),
  },
];
