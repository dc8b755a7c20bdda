import { existsSync } from 'node:fs';
import { runCommand } from '../scripts/runCommand.ts';

/** GNU make: what is on the PATH, else Debian's package where this user may install it. */
export async function findMake(): Promise<string> {
  try {
    await runCommand('make', ['--version']);
    return 'make';
  } catch {
    if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get'))
      throw new Error('There is no make on the PATH. Install it to compare with it.');
  }
  await runCommand('apt-get', ['update', '-q']);
  await runCommand('apt-get', ['install', '-y', '-q', '--no-install-recommends', 'make'], {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
  return '/usr/bin/make';
}
