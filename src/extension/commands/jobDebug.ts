import { debug, ProgressLocation, Uri, window, workspace } from 'vscode';
import { UserError } from '../../base/userError.ts';
import type { DebugLaunch } from '../../protocol/debugLaunch.ts';
import { titleOf } from '../../protocol/job.ts';
import { debugType } from '../debug/debugType.ts';
import { launchOf } from '../debug/launchOf.ts';
import { workspaceCode } from '../debug/workspaceCode.ts';
import { exactly, ownProgram } from '../planeProcess.ts';
import { jobArgument, requireTrust } from './arguments.ts';
import type { Command } from './command.ts';

/** Runs the step that failed once more on this machine, under a debugger that stops where nobody catches an exception. */
export const jobDebug: Command = {
  id: 'updraft.job.debug',
  async run(app, argument) {
    requireTrust('Debugging a job');
    const job = await jobArgument(
      app,
      argument,
      'Run a failed job again under the debugger',
      ({ properties }) => properties.status === 'Failed',
    );
    const { isShared, connection } = app.plane;
    const dataFolder = workspace.getConfiguration('updraft').get('dataFolder', '');
    const program = ownProgram(app.extensionFolder, dataFolder, isShared ? connection : undefined);
    const name = { job: job.name, ...(isShared ? { workspace: app.plane.workspace.workspace } : {}) };
    const launch = await window.withProgress(
      { location: ProgressLocation.Notification, title: `Getting ${titleOf(job)} ready to be debugged`, cancellable: true },
      (progress, token) => {
        const abort = new AbortController();
        token.onCancellationRequested(() => abort.abort());
        return launchOf(program, name, abort.signal, (message) => progress.report({ message }));
      },
    );
    const local = await workspaceCode(launch.codeFolder, launch.program);
    const folder = local === undefined ? workspace.workspaceFolders?.[0] : workspace.getWorkspaceFolder(Uri.file(local));
    if (!(await debug.startDebugging(folder, configurationOf(launch, local))))
      throw new UserError('CommandNotStarted', `The debugger of ${launch.title} could not be started.`, 'The debug console says why.');
  },
};

/** In debugpy's own words. `local` is where the workspace has the same code: breakpoints there are hit, and its files are shown. */
function configurationOf({ title, python, codeFolder, env, ...rest }: DebugLaunch, local: string | undefined) {
  return {
    ...rest,
    type: debugType,
    request: 'launch',
    name: `Debug ${title}`,
    python: [python],
    env: exactly(env),
    console: 'internalConsole',
    internalConsoleOptions: 'openOnSessionStart',
    justMyCode: true,
    // Processes that Python starts run as they are: one session debugs one process.
    subProcess: false,
    ...(local === undefined ? {} : { pathMappings: [{ localRoot: local, remoteRoot: codeFolder }] }),
  };
}
