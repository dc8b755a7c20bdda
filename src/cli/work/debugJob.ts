import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { UserError } from '../../base/userError.ts';
import type { DebugLaunch } from '../../protocol/debugLaunch.ts';
import { debugLaunch } from '../../runner/debug/debugLaunch.ts';
import { stepToDebug } from '../../runner/debug/stepToDebug.ts';
import { configOf } from '../../server/config.ts';
import { connect, dataFolder } from '../connect.ts';
import type { Outcome } from '../output/outcome.ts';
import { flag, type Parsed, required } from '../parsed.ts';
import { untilInterrupted } from '../untilInterrupted.ts';

/** Gets a job's step ready to be debugged: prints how it is started, or starts it under Python's debugger for the terminal. */
export async function debugJob(parsed: Parsed): Promise<Outcome> {
  const name = required(parsed, 'name');
  const { client, lock } = await connect(parsed);
  const job = await stepToDebug(client, await client.getJob(name));
  const { signal, release } = untilInterrupted();
  const say = (line: string) => process.stderr.write(`${line}\n`);
  let launch: DebugLaunch;
  try {
    launch = await debugLaunch(job, {
      client,
      planeUrl: lock.url,
      token: lock.token,
      folder: path.join(dataFolder(parsed), 'runner'),
      scratch: path.join(dataFolder(parsed), 'debug'),
      environment: configOf({}).environment,
      signal,
      onProgress: say,
      onLine: flag(parsed, 'verbose') ? say : () => {},
    });
  } catch (error) {
    throw signal.aborted ? new UserError('Canceled', 'Nothing is debugged: it was interrupted.') : error;
  } finally {
    release();
  }
  if (flag(parsed, 'print') || parsed.values.output !== undefined || parsed.values.query !== undefined)
    return { value: launch, text: () => JSON.stringify(launch) };
  return { exitCode: await inTerminal(launch) };
}

/** Python's own debugger runs the step until an exception that nobody catches, and stops there. */
async function inTerminal({ python, pythonArgs, program, module, args, cwd, env }: DebugLaunch): Promise<number> {
  if (program === undefined && module === undefined)
    throw new UserError(
      'NotImplemented',
      'Code behind "python -c" can be debugged in VS Code alone.',
      'Put it into a file and submit the job again.',
    );
  const runs = program === undefined ? ['-m', module!] : [program];
  // Ctrl+C is for the debugger.
  const ignore = () => {};
  process.on('SIGINT', ignore);
  const child = spawn(python, [...pythonArgs, '-m', 'pdb', '-c', 'continue', ...runs, ...args], { cwd, env, stdio: 'inherit' });
  try {
    const [code] = await once(child, 'close');
    return code ?? 1;
  } finally {
    process.off('SIGINT', ignore);
  }
}
