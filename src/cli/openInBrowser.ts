import { spawn } from 'node:child_process';

/** Opens an address in the browser of the person; does nothing where there is none, as on a server. */
export function openInBrowser(address: string): void {
  const [program, ...args] =
    process.platform === 'win32'
      ? ['cmd', '/c', 'start', '""', address.replaceAll('&', '^&')]
      : [process.platform === 'darwin' ? 'open' : 'xdg-open', address];
  const child = spawn(process.env.BROWSER || program!, process.env.BROWSER ? [address] : args, { stdio: 'ignore', detached: true });
  child.on('error', () => {});
  child.unref();
}
