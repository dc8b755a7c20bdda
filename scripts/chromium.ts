import { accessSync, constants, existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';
import { runCommand } from './runCommand.ts';

/** Chromium for tests and for pictures: headless, quiet, no calls to the outside. */
export async function launchChromium(): Promise<Browser> {
  return chromium.launch({ executablePath: await findChromium(), args: chromiumArguments() });
}

export function chromiumArguments(): string[] {
  const args = ['--headless', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'];
  args.push('--disable-component-update', '--disable-sync');
  // Chromium refuses to start as root inside its sandbox, and containers mostly run as root.
  if (process.getuid?.() === 0) args.push('--no-sandbox');
  return args;
}

/** The path of a Chromium, Chrome or Edge: `UPDRAFT_CHROMIUM`, else an installed one, else one that is downloaded now. */
export async function findChromium(progress: (line: string) => void = console.error): Promise<string> {
  const chosen = process.env.UPDRAFT_CHROMIUM;
  if (chosen) {
    if (!existsSync(chosen))
      throw new Error(`UPDRAFT_CHROMIUM names ${chosen}, which does not exist. Correct the path or unset the variable.`);
    return chosen;
  }
  for (const file of [...installedCandidates(), chromium.executablePath()]) if (await starts(file)) return file;
  const failures: string[] = [];
  for (const source of [playwrightDownload, debianPackage]) {
    try {
      const file = await source(progress);
      if (file && (await starts(file))) return file;
    } catch (error) {
      failures.push((error as Error).message);
    }
  }
  throw new Error(
    'No Chromium, Chrome or Edge was found, and none could be downloaded. Install one (on Debian or Ubuntu `apt-get install chromium`), ' +
      `or name one in UPDRAFT_CHROMIUM.${failures.map((failure) => `\n- ${failure}`).join('')}`,
  );
}

function installedCandidates(): string[] {
  if (process.platform === 'darwin') {
    const apps = ['Google Chrome', 'Chromium', 'Microsoft Edge'];
    return apps.flatMap((app) =>
      ['/Applications', join(process.env.HOME ?? '', 'Applications')].map((dir) => join(dir, `${app}.app`, 'Contents', 'MacOS', app)),
    );
  }
  if (process.platform === 'win32') {
    const roots = [process.env.PROGRAMFILES, process.env['PROGRAMFILES(X86)'], process.env.LOCALAPPDATA].filter((dir) => dir !== undefined);
    const places = [
      ['Google', 'Chrome', 'Application', 'chrome.exe'],
      ['Microsoft', 'Edge', 'Application', 'msedge.exe'],
    ];
    return roots.flatMap((dir) => places.map((place) => join(dir, ...place)));
  }
  const names = ['chromium', 'google-chrome', 'google-chrome-stable', 'chromium-browser', 'microsoft-edge', 'microsoft-edge-stable'];
  const folders = (process.env.PATH ?? '').split(delimiter).filter((dir) => dir !== '');
  return names.flatMap((name) => folders.map((dir) => join(dir, name)));
}

async function starts(file: string): Promise<boolean> {
  try {
    accessSync(file, constants.X_OK);
    // Ubuntu has a `chromium-browser` that only asks for a snap. (On Windows `--version` would open a window.)
    if (process.platform === 'linux') await runCommand(file, ['--version']);
    return true;
  } catch {
    return false;
  }
}

async function playwrightDownload(progress: (line: string) => void): Promise<string> {
  const cli = createRequire(import.meta.url).resolve('playwright-core/cli.js');
  const plan = await runCommand(process.execPath, [cli, 'install', '--dry-run', 'chromium']);
  const address = /https:\/\/\S+/.exec(plan)?.[0];
  // The download itself retries for minutes where its host is out of reach.
  const reachable = address && (await fetch(address, { method: 'HEAD', signal: AbortSignal.timeout(10_000) }).catch(() => undefined))?.ok;
  if (!reachable) throw new Error('The download of Chromium for playwright is out of reach from this machine.');
  progress('Chromium: downloading it with playwright-core ...');
  await runCommand(process.execPath, [cli, 'install', 'chromium']);
  return chromium.executablePath();
}

async function debianPackage(progress: (line: string) => void): Promise<string | undefined> {
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return undefined;
  progress('Chromium: installing the package `chromium` with apt-get ...');
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  await runCommand('apt-get', ['update', '-q'], { env });
  await runCommand('apt-get', ['install', '-y', '-q', '--no-install-recommends', 'chromium'], { env });
  return '/usr/bin/chromium';
}
