import type { Command } from './command.ts';
import { aroundAz } from './commands/aroundAz.ts';
import { assetCommands } from './commands/assets.ts';
import { auditCommands } from './commands/audit.ts';
import { commentCommands } from './commands/comment.ts';
import { completionCommands } from './commands/completion.ts';
import { exchangeCommands } from './commands/exchange.ts';
import { jobCommands } from './commands/job.ts';
import { machineCommands } from './commands/machine.ts';
import { noticeCommands } from './commands/notice.ts';
import { quotaCommands } from './commands/quota.ts';
import { registryCommands } from './commands/registry.ts';
import { remoteCommands } from './commands/remote.ts';
import { resourceCommands } from './commands/resources.ts';
import { scheduleCommands } from './commands/schedule.ts';
import { signInCommands } from './commands/signIn.ts';
import { syncCommands } from './commands/sync.ts';
import { teamCommands } from './commands/team.ts';
import { workspaceCommands } from './commands/workspace.ts';

/** All commands. A declaration is small and loads what does the work when it runs. */
export const commands: readonly Command[] = [
  ...jobCommands,
  ...assetCommands,
  ...scheduleCommands,
  ...resourceCommands,
  ...workspaceCommands,
  ...registryCommands,
  ...machineCommands,
  ...teamCommands,
  ...quotaCommands,
  ...signInCommands,
  ...remoteCommands,
  ...auditCommands,
  ...commentCommands,
  ...noticeCommands,
  ...syncCommands,
  ...exchangeCommands,
  ...aroundAz,
  ...completionCommands(() => commands),
];
