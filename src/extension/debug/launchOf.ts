import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { UserError } from '../../base/userError.ts';
import { check } from '../../protocol/check.ts';
import { DebugLaunch } from '../../protocol/debugLaunch.ts';
import type { OwnProgram } from '../planeProcess.ts';

/** Gets a job's step ready to be debugged, in a process of its own, and answers how it is started. `workspace`: that of a shared plane. `onProgress` is told what is being done. */
export async function launchOf(
  { command, environment }: OwnProgram,
  { job, workspace }: { job: string; workspace?: string },
  signal: AbortSignal,
  onProgress: (text: string) => void,
): Promise<DebugLaunch> {
  const [program, ...args] = command;
  const place = workspace === undefined ? [] : ['--workspace-name', workspace];
  const child = spawn(program!, [...args, 'job', 'debug', '--name', job, ...place, '--print'], {
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
    windowsHide: true,
  });
  const stop = () => child.kill();
  signal.addEventListener('abort', stop);
  let answer = '';
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    answer += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
    const line = said.trimEnd().split('\n').at(-1);
    if (line) onProgress(line);
  });
  try {
    const [code] = await once(child, 'close');
    signal.throwIfAborted();
    if (code !== 0) throw new UserError('CommandNotStarted', reasonIn(said));
    return check(DebugLaunch, JSON.parse(answer), 'The answer of "updraft job debug"');
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** The error that the command line ended with, behind what it said before. */
const reasonIn = (said: string): string =>
  /(?:^|\n)error: ([\s\S]*)$/.exec(said)?.[1]?.trim() || 'The step could not be got ready to be debugged.';
