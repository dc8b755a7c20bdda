import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import path from 'node:path';
import { freePort } from '../src/runner/freePort.ts';
import { runCommand } from './runCommand.ts';

/** An SSH server on loopback with keys of its own, which lets only this user in. */
export interface SshServer {
  host: string;
  /** Options of `ssh` that lead to it and to nowhere else, whatever the user's settings are. */
  options: string[];
  /** A folder that is there for as long as the server. */
  folder: string;
  /** Ends it with all connections. */
  cut(): Promise<void>;
  /** Lets it listen again, where it did before. */
  mend(): Promise<void>;
  remove(): Promise<void>;
}

export async function startSshServer(): Promise<SshServer> {
  const sshd = await findSshd();
  const folder = mkdtempSync(path.join(tmpdir(), 'ups-server-'));
  const at = (name: string) => path.join(folder, name);
  const port = await freePort();
  for (const name of ['host', 'id']) await runCommand('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', at(name)]);
  writeFileSync(at('authorized'), readFileSync(at('id.pub')), { mode: 0o600 });
  writeFileSync(at('known'), `[127.0.0.1]:${port} ${readFileSync(at('host.pub'), 'utf8').split(' ').slice(0, 2).join(' ')}\n`);
  writeFileSync(
    at('config'),
    [
      `Port ${port}`,
      'ListenAddress 127.0.0.1',
      `HostKey ${at('host')}`,
      `PidFile ${at('pid')}`,
      `AuthorizedKeysFile ${at('authorized')}`,
      'PasswordAuthentication no',
      'KbdInteractiveAuthentication no',
      'UsePAM no',
      // It would look at the owners of the folders above the key's.
      'StrictModes no',
      'PermitRootLogin prohibit-password',
      '',
    ].join('\n'),
  );
  // The server of root wants a folder for its part without rights.
  if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true });
  const start = async () => {
    const child = spawn(sshd, ['-D', '-e', '-f', at('config')], { stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said = `${said}${text}`.slice(-2000);
    });
    const ended = once(child, 'exit');
    // Also when a test ends this process before it comes to `remove`.
    const kill = () => child.kill('SIGKILL');
    process.once('exit', kill);
    void ended.then(() => process.removeListener('exit', kill));
    await Promise.race([
      listening(port),
      ended.then(() => {
        throw new Error(`sshd ended at once: ${said}`);
      }),
    ]);
    return { child, ended };
  };
  let running = await start();
  let isUp = true;
  const cut = async () => {
    if (!isUp) return;
    isUp = false;
    const { child, ended } = running;
    const sessions = await sessionsOf(child.pid!);
    child.kill('SIGKILL');
    await ended;
    for (const pid of sessions) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // Gone with the server.
      }
    }
  };
  return {
    host: `${userInfo().username}@127.0.0.1`,
    options: ['-F', 'none', '-i', at('id'), '-p', String(port), '-o', `UserKnownHostsFile=${at('known')}`, '-o', 'IdentitiesOnly=yes'],
    folder,
    cut,
    async mend() {
      running = await start();
      isUp = true;
    },
    async remove() {
      await cut();
      rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
    },
  };
}

/** The processes that serve the connections of a server: its children and theirs, as far as they are `sshd` themselves. */
async function sessionsOf(server: number): Promise<number[]> {
  const rows = (await runCommand('ps', ['-axo', 'pid=,ppid=,comm='])).trim().split('\n');
  const all = rows.map((row) => row.trim().split(/\s+/)).filter(([, , name = '']) => name.includes('sshd'));
  const found = new Set([server]);
  for (let before = 0; before !== found.size; ) {
    before = found.size;
    for (const [pid, parent] of all) if (found.has(Number(parent))) found.add(Number(pid));
  }
  found.delete(server);
  return [...found];
}

/** The server's program; installed where that is possible. */
async function findSshd(): Promise<string> {
  const places = ['/usr/sbin/sshd', '/usr/local/sbin/sshd', '/sbin/sshd', '/opt/homebrew/sbin/sshd'];
  const find = () => places.find((file) => existsSync(file));
  const found = find();
  if (found) return found;
  if (process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) {
    console.error('SSH server: installing the package `openssh-server` with apt-get ...');
    await installQuietly(['openssh-server', 'openssh-client']);
    const installed = find();
    if (installed) return installed;
  }
  throw new Error(
    'No SSH server was found, which the tests of jobs on other machines need. On Debian or Ubuntu: `apt-get install openssh-server`.',
  );
}

/** Installs packages of Debian without starting the services that they bring: a server that listens everywhere is not wanted. */
async function installQuietly(packages: string[]): Promise<void> {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const policy = '/usr/sbin/policy-rc.d';
  const isOurs = !existsSync(policy);
  if (isOurs) writeFileSync(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    await runCommand('apt-get', ['update', '-q'], { env });
    await runCommand('apt-get', ['install', '-y', '-q', '--no-install-recommends', ...packages], { env });
  } finally {
    if (isOurs) rmSync(policy);
  }
}

/** Settles when something accepts connections on the port. */
async function listening(port: number): Promise<void> {
  for (;;) {
    const isThere = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => {
        socket.destroy();
        resolve(true);
      });
      socket.on('error', () => setTimeout(() => resolve(false), 20));
    });
    if (isThere) return;
  }
}
