import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { installCodeServer } from './codeServer.ts';
import { killProcessGroup, stopProcessGroup } from './processGroup.ts';
import { runCommand } from './runCommand.ts';

export interface WorkbenchServerOptions {
  /** Settings, extension storage and logs. Two servers must not share it. */
  userDataDir: string;
  /** Where installed extensions lie; a VSIX can be installed into it. */
  extensionsDir: string;
  /** A port, or a range such as `8790-8899` of which the first free one is taken. Any free port by default. */
  port?: number | string;
  /** Added to the environment of the server and of its extension hosts; `undefined` removes a variable. */
  env?: NodeJS.ProcessEnv;
  progress?: (line: string) => void;
}

export interface WorkbenchWindowOptions {
  /** A folder, or a `.code-workspace` file; an empty window without one. */
  folder?: string;
}

export interface WorkbenchServer {
  port: number;
  /** The address of a window; it carries the server's token, so it is all that a browser needs. */
  url(window?: WorkbenchWindowOptions): string;
  /** Settles when the server has ended, by `stop()` or by itself: five minutes after its last window closed. */
  ended: Promise<void>;
  /** Ends the server with its extension hosts and waits until they are gone. */
  stop(): Promise<void>;
}

/** Starts VS Code's web workbench on loopback: a real window in a browser, a real extension host on this machine. */
export async function startWorkbench(options: WorkbenchServerOptions): Promise<WorkbenchServer> {
  const installation = await installCodeServer(options.progress);
  await mkdir(options.extensionsDir, { recursive: true });
  const token = randomBytes(16).toString('hex');
  const args = ['--host', '127.0.0.1', '--port', String(options.port ?? 0), '--connection-token', token, '--accept-server-license-terms'];
  args.push('--server-data-dir', options.userDataDir, '--extensions-dir', options.extensionsDir, '--telemetry-level', 'off');
  // Whoever started the server may be killed before it can stop it.
  args.push('--enable-remote-auto-shutdown');
  const env = environment(options.env);
  const child = spawn(process.execPath, [join(installation, 'out', 'server-main.js'), ...args], {
    env,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const kill = () => killProcessGroup(child, 'SIGKILL');
  process.once('exit', kill);
  const ended = new Promise<void>((resolve) => {
    child.once('close', () => {
      process.off('exit', kill);
      resolve();
    });
  });
  const port = await new Promise<number>((resolve, reject) => {
    let output = '';
    const read = (text: string) => {
      if (output === 'listening') return;
      output += text;
      const found = /Web UI available at \S+?:(\d+)/.exec(output);
      if (!found) return;
      output = 'listening';
      resolve(Number(found[1]));
    };
    child.stdout.setEncoding('utf8').on('data', read);
    child.stderr.setEncoding('utf8').on('data', read);
    child.once('error', reject);
    child.once('close', (code) => reject(new Error(`The VS Code server ended before it was ready (exit ${code}):\n${output}`)));
  });
  return { port, ended, url: (window) => windowUrl(port, token, window ?? {}), stop: () => stopProcessGroup(child) };
}

/** Installs the extension in `source` as it stands, by a link. (An extension under development behaves differently: it shows no notifications here.) */
export async function linkExtension(source: string, extensionsDir: string): Promise<void> {
  const { publisher, name, version } = JSON.parse(await readFile(join(source, 'package.json'), 'utf8'));
  await mkdir(extensionsDir, { recursive: true });
  const link = join(extensionsDir, `${publisher}.${name}-${version}`);
  await rm(link, { force: true });
  await symlink(source, link, 'dir');
}

/** Installs a `.vsix` file, as "Install from VSIX…" does. */
export async function installPackage(file: string, extensionsDir: string): Promise<void> {
  const main = join(await installCodeServer(), 'out', 'server-main.js');
  const places = ['--extensions-dir', extensionsDir, '--server-data-dir', join(extensionsDir, '..', 'install')];
  await runCommand(process.execPath, [main, '--install-extension', file, '--accept-server-license-terms', ...places], {
    env: environment(),
  });
}

/** A terminal inside VS Code carries variables that would tie the server to that window. */
function environment(added: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('VSCODE_') && name !== 'ELECTRON_RUN_AS_NODE');
  return { ...Object.fromEntries(inherited), ...added };
}

function windowUrl(port: number, token: string, window: WorkbenchWindowOptions): string {
  const authority = `127.0.0.1:${port}`;
  const url = new URL(`http://${authority}/`);
  url.searchParams.set('tkn', token);
  if (window.folder) {
    const kind = window.folder.endsWith('.code-workspace') ? 'workspace' : 'folder';
    url.searchParams.set(kind, decodeURIComponent(pathToFileURL(window.folder).pathname));
  }
  const payload: [string, string][] = [
    ['skipWelcome', 'true'],
    ['skipReleaseNotes', 'true'],
  ];
  url.searchParams.set('payload', JSON.stringify(payload));
  return url.href;
}
