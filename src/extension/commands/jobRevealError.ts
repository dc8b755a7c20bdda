import { Selection, TextEditorRevealType, window } from 'vscode';
import { aside } from '../../base/aside.ts';
import { reasonLine } from '../../base/tracebacks.ts';
import { titleOf } from '../../protocol/job.ts';
import { parseJobUri } from '../documents/jobUri.ts';
import { jobArgument } from './arguments.ts';
import type { Command } from './command.ts';
import { jobWithLog, showLog } from './jobLogEditor.ts';
import { offer } from './remedy.ts';

/** Jumps to the line of the log that tells why a job failed; from an open log, in that log. */
export const jobRevealError: Command = {
  id: 'updraft.job.revealError',
  async run(app, argument) {
    const active = window.activeTextEditor && parseJobUri(window.activeTextEditor.document.uri);
    const given = argument ?? (active?.area === 'log' ? active.job : undefined);
    const job = await jobWithLog(
      app,
      await jobArgument(
        app,
        typeof given === 'object' && given && 'path' in given ? active?.job : given,
        'Why did a job fail?',
        (each) => each.properties.status === 'Failed',
      ),
      { toBlame: true },
    );
    const editor = await showLog(job);
    const { document } = editor;
    const lines = Array.from({ length: document.lineCount }, (_, row) => document.lineAt(row).text);
    const row = reasonLine(lines);
    const { error } = job.properties;
    if (row === undefined) {
      const text = error
        ? `${titleOf(job)} failed: ${error.message} The log says no more about it.`
        : `The log of ${titleOf(job)} speaks of no error.`;
      const remedy = { label: 'Open Dashboard', command: 'updraft.job.open', args: [job.name] };
      aside('message', offer('information', text, remedy), app.log);
      return;
    }
    const { range } = document.lineAt(row);
    editor.selection = new Selection(range.start, range.end);
    editor.revealRange(range, TextEditorRevealType.InCenter);
  },
};
