import { resolve } from 'node:path';
import { fixture, repository, startSession } from '../test/e2e/session.ts';
import type { Workbench } from '../test/e2e/workbench.ts';
import { type Benchmark, figure } from './figure.ts';

const rounds = 9;

/** What VS Code itself measured for an extension of a window: loading its code and calling its `activate`, milliseconds. */
async function activationOf(window: Workbench, name: string): Promise<number> {
  const row = window.page.locator('.runtime-extensions-editor .monaco-list-row', {
    has: window.page.locator('.name', { hasText: new RegExp(`^${name}$`) }),
  });
  const [, milliseconds] = /Activation:\s*(\d+)\s*ms/.exec((await row.locator('.activation-time', { hasText: /\d/ }).textContent())!)!;
  // VS Code rounds down to whole milliseconds; none at all is less than one.
  return Math.max(1, Number(milliseconds));
}

export const benchmark: Benchmark = {
  name: 'activation',
  what: 'activation of the extension and of one that says hello, in the same window of real VS Code',
  async run() {
    const ours: number[] = [];
    const hello: number[] = [];
    const session = await startSession({
      extension: repository,
      beside: resolve(repository, 'test/fixtures/hello-extension'),
      // The list of running extensions paints only the rows on the screen.
      size: { width: 1280, height: 1800 },
    });
    try {
      for (let round = -1; round < rounds; round++) {
        const window = await session.vscode.open({ folder: fixture('stories') });
        await window.statusBarItem('Hello (trusted)').waitFor();
        await window.showViews('Updraft');
        await window.page.getByText('No jobs yet.').waitFor();
        await window.runCommand('Developer: Show Running Extensions');
        const times = [await activationOf(window, 'Updraft'), await activationOf(window, 'Hello')] as const;
        await window.close();
        // The first window is the one in which VS Code starts for the first time.
        if (round < 0) continue;
        ours.push(times[0]);
        hello.push(times[1]);
      }
    } finally {
      await session.end();
    }
    return [
      figure('activation', ours, 'ms', { atMost: 50 }),
      figure('activation of an extension that says hello', hello, 'ms'),
      figure(
        'ratio',
        ours.map((each, index) => each / hello[index]!),
        'x',
        { atMost: 3 },
      ),
    ];
  },
};
