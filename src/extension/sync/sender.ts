import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { UserError } from '../../base/userError.ts';
import { ensureSync } from '../../sync/process/ensureSync.ts';
import { dataFolderOfThisMachine, ownProgram } from '../planeProcess.ts';
import type { Sessions } from '../state/planes/sessions.ts';

export interface SenderOptions {
  extensionFolder: string;
  /** Setting `updraft.dataFolder`. */
  dataFolder: string;
  sessions: Sessions;
}

const run = promisify(execFile);

/** Has a process send, which can use the sessions of this editor. `anew`: one that began with other sessions ends before. */
export async function startSender({ extensionFolder, dataFolder, sessions }: SenderOptions, anew = false): Promise<void> {
  const { command, environment } = ownProgram(extensionFolder, dataFolder, undefined);
  const all = await sessions.all();
  await ensureSync({
    dataFolder: dataFolderOfThisMachine(dataFolder),
    command,
    environment,
    tokens: Object.fromEntries(all.map(({ plane, token }) => [plane, token])),
    anew,
  });
}

/** Runs `updraft sync …` to its end. Throws what it says is wrong. */
export async function callSync({ extensionFolder, dataFolder }: Omit<SenderOptions, 'sessions'>, args: string[]): Promise<void> {
  const { command, environment } = ownProgram(extensionFolder, dataFolder, undefined);
  const [program, ...before] = command;
  try {
    await run(program!, [...before, 'sync', ...args], { env: environment, windowsHide: true });
  } catch (error) {
    const { stderr = '', message } = error as Error & { stderr?: string };
    const [, what = message, hint] = /^error: (.*)(?:\n([^\n]+))?/m.exec(stderr) ?? [];
    throw new UserError('CommandFailed', what, hint);
  }
}
