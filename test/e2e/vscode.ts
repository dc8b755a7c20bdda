import { randomBytes } from 'node:crypto';
import { cp, mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import type { Browser, BrowserContext } from 'playwright-core';
import { launchChromium } from '../../scripts/chromium.ts';
import { installPackage, linkExtension, startWorkbench, type WorkbenchServer } from '../../scripts/vscodeServer.ts';
import { Workbench } from './workbench.ts';

const repository = resolve(import.meta.dirname, '../..');

export interface VsCodeOptions {
  /** The folder of the extension under test, or a `.vsix` file; this checkout by default. */
  extension?: string;
  /** The folder of a second extension, for comparison. */
  beside?: string;
  /** `trusted`: no question is asked. `restricted`: windows open in Restricted Mode. */
  trust?: 'trusted' | 'restricted';
  /** Environment of the extension host, such as the home folder of the plane. */
  env?: NodeJS.ProcessEnv;
  size?: { width: number; height: number };
}

export interface OpenOptions {
  /** A folder or a `.code-workspace` file. */
  folder?: string;
  /** Whether the window works on a fresh copy of the folder (the default), or on the folder itself. */
  copy?: boolean;
}

/**
 * One VS Code with one user: settings, storage, and as many windows as a story opens.
 *
 * It is code-server's workbench on every machine, also where the desktop download of @vscode/test-electron can be reached:
 * npm carries it everywhere, it needs no display, it is the same version for everyone, and one way of driving it is
 * half the harness. The extension host that runs the extension is the same Node process as on the desktop's remotes.
 */
export class VsCode {
  readonly server: WorkbenchServer;
  /** A temporary folder with all that this session writes; removed by `stop()`. */
  readonly folder: string;
  readonly windows: Workbench[] = [];
  readonly #browser: Browser;
  readonly #context: BrowserContext;
  #copies = 0;

  private constructor(server: WorkbenchServer, folder: string, browser: Browser, context: BrowserContext) {
    this.server = server;
    this.folder = folder;
    this.#browser = browser;
    this.#context = context;
  }

  static async start(options: VsCodeOptions = {}): Promise<VsCode> {
    const folder = await realpath(await mkdtemp(join(tmpdir(), 'updraft-e2e-')));
    await writeSettings(folder, { ...quietSettings, ...trustSettings(options) });
    const extensionsDir = join(folder, 'extensions');
    const extension = options.extension ?? repository;
    if (extension.endsWith('.vsix')) await installPackage(extension, extensionsDir);
    else await linkExtension(extension, extensionsDir);
    if (options.beside) await linkExtension(options.beside, extensionsDir);
    const server = await startWorkbench({ userDataDir: join(folder, 'user'), extensionsDir, ...(options.env ? { env: options.env } : {}) });
    const browser = await launchChromium();
    const context = await browser.newContext({ viewport: options.size ?? { width: 1280, height: 800 } });
    await context.grantPermissions(['clipboard-read', 'clipboard-write']);
    // Half of the key of VS Code's secrets. It is asked from code-server's own front, and only its workbench runs here: without the key no secret is kept.
    const keyHalf = randomBytes(32);
    await context.route('**/mint-key', (route) => route.fulfill({ body: keyHalf }));
    // A window that opens on a busy machine can take a minute.
    context.setDefaultTimeout(120_000);
    return new VsCode(server, folder, browser, context);
  }

  /** Opens a further window and waits until it is restored. */
  async open({ folder, copy = true }: OpenOptions = {}): Promise<Workbench> {
    const opened = folder && copy ? await this.#copyOf(folder) : folder;
    const url = this.server.url(opened ? { folder: opened } : {});
    const window = new Workbench(await this.#context.newPage(), opened ?? '');
    this.windows.push(window);
    await window.load(url);
    if (opened?.endsWith('.code-workspace')) await window.hasFolders();
    return window;
  }

  /** For `afterEach`: a picture of every window of a failed test, what stands in it, and the errors that they logged. */
  async evidence(test: { state?: string; fullTitle(): string } | undefined): Promise<void> {
    if (test?.state !== 'failed') return;
    for (const [index, window] of this.windows.entries()) {
      if (window.page.isClosed()) continue;
      await window.screenshot(`failed/${test.fullTitle().replace(/\W+/g, '-')}-${index + 1}`);
      console.error(`Window ${index + 1} shows:\n${await window.shows()}`);
      if (window.errors.length) console.error(`Errors logged by it:\n${window.errors.join('\n')}`);
    }
  }

  async stop(): Promise<void> {
    await this.#browser.close();
    await this.server.stop();
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }

  async #copyOf(folder: string): Promise<string> {
    this.#copies += 1;
    const copy = join(this.folder, `copy-${this.#copies}`, basename(folder));
    await cp(folder, copy, { recursive: true });
    return copy;
  }
}

/** No motion, no calls to the outside, no page that a story didn't open, no process that it has no use for. */
const quietSettings = {
  'workbench.startupEditor': 'none',
  'workbench.colorTheme': 'Dark Modern',
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.reduceMotion': 'on',
  'workbench.enableExperiments': false,
  // On by default in the browser; stories save as one does on the desktop.
  'files.autoSave': 'off',
  // A hover under the resting mouse would take the wheel.
  'workbench.hover.delay': 60_000,
  'editor.cursorBlinking': 'solid',
  'editor.minimap.enabled': false,
  'extensions.autoCheckUpdates': false,
  'extensions.autoUpdate': false,
  'extensions.ignoreRecommendations': true,
  'update.mode': 'none',
  'chat.disableAIFeatures': true,
  'git.autofetch': false,
  'git.openRepositoryInParentFolders': 'never',
  'telemetry.telemetryLevel': 'off',
};

function trustSettings({ trust = 'trusted' }: VsCodeOptions): Record<string, unknown> {
  if (trust === 'trusted') return { 'security.workspace.trust.enabled': false };
  return { 'security.workspace.trust.startupPrompt': 'never' };
}

async function writeSettings(folder: string, settings: Record<string, unknown>): Promise<void> {
  const user = join(folder, 'user', 'data', 'User');
  await mkdir(user, { recursive: true });
  await writeFile(join(user, 'settings.json'), JSON.stringify(settings, null, 2));
}
