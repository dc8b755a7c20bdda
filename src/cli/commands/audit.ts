import { auditOutcomes } from '../../protocol/audit.ts';
import type { Command } from '../command.ts';
import { path, text, whole } from '../options.ts';

const audit = () => import('../work/auditLog.ts');

/** Which control plane, and as whom. */
const at = {
  server: text('Address of the control plane; the one of this machine when absent.', { value: 'URL' }),
  token: text('Personal token for it; also in MLFLOW_TRACKING_TOKEN.', { value: 'TOKEN' }),
};
const which = {
  who: text('Part of the name or id of who asked.', { value: 'TEXT' }),
  action: text('Part of the action, such as jobs/write.', { value: 'TEXT' }),
  resource: text('Part of the path, of the workspace, or of a name in the request.', { value: 'TEXT' }),
  outcome: text('What became of it.', { choices: [...auditOutcomes] }),
  since: text('First day or time, as in 2026-11-27 or 2026-11-27T08:30:00Z.', { value: 'TIME' }),
  until: text('Day or time before which it was.', { value: 'TIME' }),
};

/** Who did what on the control plane of a team. */
export const auditCommands: Command[] = [
  {
    names: ['audit list'],
    what: 'Lists who did what, the newest first: changes, reads of secrets, and what was refused.',
    options: { ...which, 'max-results': whole('Most that are listed; 50 where nothing is said.', { short: 'r' }), ...at },
    run: async (parsed) => (await audit()).listAudit(parsed),
  },
  {
    names: ['audit export'],
    what: 'Writes lines of the audit log to a file, as JSON Lines, the newest first.',
    options: { ...which, file: path('The new file.', { short: 'f', value: 'FILE' }), ...at },
    run: async (parsed) => (await audit()).exportAudit(parsed),
  },
  {
    names: ['audit verify'],
    what: 'Says whether a line of the audit log was changed or removed. Exits with 1 when one was.',
    options: {
      head: text('Number and hash of a line that was the newest one, as an earlier look printed them: it must still be there.', {
        value: 'N:HASH',
      }),
      ...at,
    },
    run: async (parsed) => (await audit()).verifyAudit(parsed),
  },
];
