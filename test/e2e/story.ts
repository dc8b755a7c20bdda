import { cp, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from '../../scripts/runCommand.ts';
import type { PlaneClient } from '../../src/client/planeClient.ts';
import { fixture, removeJobs, repository, type Session, startSession } from './session.ts';
import type { VsCode } from './vscode.ts';
import type { Workbench } from './workbench.ts';

/** What a story works with. */
export interface Story {
  vscode: VsCode;
  /** Trusted, with nothing open and the views of Updraft beside it. */
  window: Workbench;
  /** A client of the plane of the window; there is no job on it. */
  client: PlaneClient;
  /** The data folder of that plane. */
  home: string;
  /** For `afterEach`: what there is to see of a test that failed. */
  evidence(test: Mocha.Test | undefined): Promise<void>;
  end(): Promise<void>;
}

let shared: Promise<Session> | undefined;
/** The window that the story before left as it found it. */
let usable: Workbench | undefined;
let windows = 0;

after(async () => {
  // Where it could not be started, the first story has said so.
  await (await shared?.catch(() => undefined))?.end();
});

/**
 * Begins a story in the window that all stories share, for a window takes longer to open than most stories to tell. The folders `fixtures` are copied anew into the
 * window's folder. Jobs, editors and notifications of a story go at its end; a story that fails leaves its window to nobody.
 */
export async function openStory(...fixtures: string[]): Promise<Story> {
  const { vscode, home, client: connect } = await (shared ??= start());
  const window = usable ?? (await openWindow(vscode));
  usable = undefined;
  for (const name of fixtures) {
    const folder = join(window.folder, name);
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    await cp(fixture(name), folder, { recursive: true });
  }
  const client = await connect();
  let hasFailed = false;
  return {
    vscode,
    window,
    client,
    home,
    async evidence(test) {
      hasFailed ||= test?.state === 'failed';
      await vscode.evidence(test);
    },
    async end() {
      await removeJobs(client);
      if (hasFailed) return window.close();
      await window.tree('Jobs').tree.locator('.monaco-list-row[aria-level="2"]').first().waitFor({ state: 'detached' });
      await window.runCommand('View: Close All Editors');
      await window.runCommand('Notifications: Clear All Notifications');
      usable = window;
    },
  };
}

/** With the extension as users install it, made of what was built. */
async function start(): Promise<Session> {
  const artifacts = join(repository, 'test-artifacts');
  await mkdir(artifacts, { recursive: true });
  const extension = join(artifacts, 'updraft.vsix');
  await runCommand(process.execPath, [join(repository, 'scripts/package.ts'), '--as-built', extension], { cwd: repository });
  return startSession({ extension, trust: 'restricted' });
}

async function openWindow(vscode: VsCode): Promise<Workbench> {
  windows += 1;
  const folder = join(vscode.folder, `window-${windows}`, 'project');
  await mkdir(folder, { recursive: true });
  const window = await vscode.open({ folder, copy: false });
  await window.trustFolder();
  await window.showViews('Updraft');
  await window.page.getByText('No jobs yet.').waitFor();
  return window;
}
