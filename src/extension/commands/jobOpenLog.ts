import { isTerminal } from '../../protocol/job.ts';
import { revealEnd } from '../editor/followLog.ts';
import { jobArgument } from './arguments.ts';
import type { Command } from './command.ts';
import { jobWithLog, showLog } from './jobLogEditor.ts';

export const jobOpenLog: Command = {
  id: 'updraft.job.openLog',
  async run(app, argument) {
    const job = await jobWithLog(app, await jobArgument(app, argument, 'Open the log of a job'));
    const editor = await showLog(job);
    if (!isTerminal(job.properties.status ?? 'Unknown')) revealEnd(editor);
  },
};
