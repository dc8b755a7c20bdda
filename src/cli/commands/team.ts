import type { Command } from '../command.ts';
import { flag, path, text, whole } from '../options.ts';

const team = () => import('../work/team.ts');
const roles = () => import('../work/roleAssignments.ts');

/** Which control plane, and as whom. */
const at = {
  server: text('Address of the control plane; the one of this machine when absent.', { value: 'URL' }),
  token: text('Personal token for it; also in MLFLOW_TRACKING_TOKEN.', { value: 'TOKEN' }),
};
const days = { days: whole('Days until the token expires; 90 where nothing is said.') };
const where = {
  scope: text('ARM id of the subscription, resource group or workspace where the role holds.', { value: 'ID' }),
  workspace: text('The workspace where the role holds, by its name. Without this and --scope: the whole control plane.', { value: 'NAME' }),
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
    what: 'Makes the first Owner of a control plane that runs with --team, on its machine, and prints a personal token, once.',
    words: 'MAIL',
    options: { name: text('Address of mail.', { value: 'MAIL' }), ...days },
    run: async (parsed) => (await team()).initTeam(parsed),
  },
  {
    names: ['team add'],
    what: 'Adds a person, or a program with --service, with a role, and prints a personal token, once.',
    words: 'NAME',
    options: {
      name: text('Address of mail of a person, or name of a program.', { value: 'NAME' }),
      'display-name': text('What people call it.', { value: 'TEXT' }),
      service: flag('It is a program.'),
      ...role,
      workspace: text('The workspace where the role holds, and that the token opens; absent: the whole control plane.', { value: 'NAME' }),
      ...days,
      ...at,
    },
    run: async (parsed) => (await team()).addMember(parsed),
  },
  {
    names: ['team list'],
    what: 'Lists the members of the team, with their roles.',
    options: at,
    run: async (parsed) => (await team()).listMembers(parsed),
  },
  {
    names: ['team remove'],
    what: 'Removes a member, with all roles and tokens.',
    words: 'NAME',
    options: { name: text('Name or object id.', { value: 'NAME' }), ...at },
    run: async (parsed) => (await team()).removeMember(parsed),
  },
  {
    names: ['token create'],
    what: 'Makes a personal token and prints it, once.',
    options: {
      name: text('What it is for.', { short: 'n', value: 'NAME' }),
      member: text('For whom, where that is somebody else.', { value: 'NAME' }),
      workspace: text('The only workspace that it opens.', { value: 'NAME' }),
      ...days,
      ...at,
    },
    run: async (parsed) => (await team()).createToken(parsed),
  },
  {
    names: ['token list'],
    what: 'Lists personal tokens: your own, or those of a member.',
    options: { member: text('Whose.', { value: 'NAME' }), ...at },
    run: async (parsed) => (await team()).listTokens(parsed),
  },
  {
    names: ['token revoke'],
    what: 'Ends a personal token at once.',
    words: 'ID',
    options: { id: text('Its id, as "token list" shows it.', { value: 'ID' }), ...at },
    run: async (parsed) => (await team()).revokeToken(parsed),
  },
  {
    names: ['role assignment create'],
    what: 'Gives a member a role.',
    options: { ...assignee, ...role, ...where, ...at },
    run: async (parsed) => (await roles()).createAssignment(parsed),
  },
  {
    names: ['role assignment list'],
    what: 'Lists who has which role where.',
    options: { ...assignee, ...where, all: flag('Those of scopes below, too.'), ...at },
    run: async (parsed) => (await roles()).listAssignments(parsed),
  },
  {
    names: ['role assignment delete'],
    what: 'Takes a role from a member.',
    options: { ...assignee, ...role, ...where, ...at },
    run: async (parsed) => (await roles()).deleteAssignment(parsed),
  },
];
