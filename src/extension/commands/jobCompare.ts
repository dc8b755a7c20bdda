import path from 'node:path';
import { commands, ProgressLocation, Uri, window } from 'vscode';
import { aside } from '../../base/aside.ts';
import { titleOf } from '../../protocol/job.ts';
import { clockTime } from '../views/jobItem.ts';
import { fileArgument, requireFile } from './arguments.ts';
import type { Command } from './command.ts';
import { offer, RemediedError } from './remedy.ts';

/** Compares what a submission of a file would run with its last run. */
export const jobCompare: Command = {
  id: 'updraft.job.compare',
  async run(app, argument) {
    const file = requireFile(await fileArgument(app, argument, 'Compare with the last run'));
    const name = path.basename(file);
    await window.withProgress({ location: ProgressLocation.Window, title: 'Comparing with the last run' }, async () => {
      const { lastRunOf } = await import('../../submit/preview/lastRun.ts');
      const job = await lastRunOf(await app.plane.client(), file);
      if (!job)
        throw new RemediedError(
          'NotFound',
          `${name} has not been submitted from here yet.`,
          'What it will run can be shown without a run.',
          {
            label: 'Show What Will Run',
            command: 'updraft.job.preview',
            args: [Uri.file(file)],
          },
        );
      const [before, now] = [await app.previews.make({ of: 'run', file, job: job.name }), await app.previews.make({ of: 'facts', file })];
      const when = job.systemData ? ` of ${clockTime(job.systemData.createdAt)}` : '';
      if (before.text === now.text) {
        const text = `${name} would run just as ${titleOf(job)}${when} did: nothing changed.`;
        aside(
          'message',
          offer('information', text, { label: 'Open the Last Run', command: 'updraft.job.open', args: [job.name] }),
          app.log,
        );
        return;
      }
      await commands.executeCommand('vscode.diff', before.uri, now.uri, `${name}: last run${when} ↔ what will run`);
    });
  },
};
