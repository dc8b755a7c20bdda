import { type ChildProcess, spawnSync } from 'node:child_process';
import { once } from 'node:events';

/** Ends a process started with `detached: true` together with everything that it started, and waits until it is gone. */
export async function stopProcessGroup(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  const impatient = setTimeout(() => killProcessGroup(child, 'SIGKILL'), 5_000);
  killProcessGroup(child, 'SIGTERM');
  await ended;
  clearTimeout(impatient);
  // Members that outlived their leader's SIGTERM would hold ports and files.
  killProcessGroup(child, 'SIGKILL');
}

/** Sends a signal to the group without waiting; also fit for an `exit` listener. */
export function killProcessGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  if (process.platform === 'win32') {
    spawnSync('taskkill', ['/pid', String(child.pid), '/t', '/f'], { stdio: 'ignore' });
    return;
  }
  try {
    process.kill(-child.pid, signal);
  } catch {
    // The whole group is gone already.
  }
}
