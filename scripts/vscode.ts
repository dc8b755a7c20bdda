/** `npm run vscode`: opens VS Code with this checkout's extension and the example: the desktop's `code`, else the workbench in the browser. */
import { spawn, spawnSync } from 'node:child_process';
import path from 'node:path';
import { cacheFolder } from './cacheFolder.ts';
import { linkExtension, startWorkbench } from './vscodeServer.ts';

const root = path.resolve(import.meta.dirname, '..');
const folder = path.resolve(process.env.INIT_CWD ?? root, process.argv[2] ?? path.join(root, 'examples/digits'));

const built = spawnSync(process.execPath, [path.join(root, 'scripts/build.ts')], { stdio: 'inherit' });
if (built.status !== 0) process.exit(built.status ?? 1);

if (hasDesktop()) {
  console.log(`Opening ${folder} in VS Code.`);
  const opened = spawnSync('code', ['--new-window', `--extensionDevelopmentPath=${root}`, folder], {
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  process.exit(opened.status ?? 1);
}

console.log('There is no desktop VS Code here ("code" on the PATH), so its workbench is opened in the browser.');
const home = path.join(cacheFolder(), 'workbench');
const extensionsDir = path.join(home, 'extensions');
await linkExtension(root, extensionsDir);
const server = await startWorkbench({ userDataDir: path.join(home, 'user'), extensionsDir, progress: (line) => console.log(line) });
const address = server.url({ folder });
console.log(`\nVS Code is at\n  ${address}\nCtrl+C ends it.`);
openInBrowser(address);
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void server.stop());
await server.ended;

/** A server over SSH has a `code` too, which can open nothing without a window: there it is the terminal of one. */
function hasDesktop(): boolean {
  const found = spawnSync('code', ['--version'], { stdio: 'ignore', shell: process.platform === 'win32' });
  if (found.status !== 0) return false;
  return process.platform !== 'linux' || Boolean(process.env.DISPLAY || process.env.WAYLAND_DISPLAY || process.env.VSCODE_IPC_HOOK_CLI);
}

function openInBrowser(url: string): void {
  if (process.env.CI || (process.platform === 'linux' && !process.env.DISPLAY && !process.env.WAYLAND_DISPLAY)) return;
  const command = { darwin: 'open', win32: 'explorer' }[process.platform as string] ?? 'xdg-open';
  // Where there is none, the printed address is enough.
  spawn(command, [url], { stdio: 'ignore', detached: true })
    .on('error', () => {})
    .unref();
}
