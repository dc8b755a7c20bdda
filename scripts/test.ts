/**
 * `npm test`: everything. Checks types and lint, builds, then runs the suites one after another and ends with `N passed, N failed`.
 * `npm test -- unit contract` runs only those suites; a further word that names a file or part of its path selects files.
 */
import { fork, spawnSync } from 'node:child_process';
import { globSync } from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '..');

interface Suite {
  name: string;
  what: string;
  files: string;
  /** Milliseconds that one test may take before it counts as hung. */
  timeout: number;
}

const suites: Suite[] = [
  { name: 'unit', what: 'pure parts, and the architecture rules', files: 'test/{*.test.ts,unit/**/*.test.ts}', timeout: 20_000 },
  {
    name: 'contract',
    what: 'the real control plane, runner, command line and mlflow client',
    files: 'test/contract/**/*.test.ts',
    timeout: 180_000,
  },
  { name: 'webview', what: 'the pages in Chromium', files: 'test/webview/**/*.test.ts', timeout: 120_000 },
  { name: 'e2e', what: 'stories in real VS Code', files: 'test/e2e/**/*.e2e.ts', timeout: 300_000 },
];

const words = process.argv.slice(2);
const named = suites.filter((suite) => words.includes(suite.name));
const parts = words.filter((word) => !suites.some((suite) => suite.name === word));
const total = { passed: 0, failed: 0, skipped: 0 };

function step(args: string[]): void {
  if (spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' }).status !== 0) {
    console.error(`\n"node ${args.join(' ')}" failed, so no test was run.\n0 passed, 1 failed`);
    process.exit(1);
  }
}

if (words.length === 0) {
  step(['node_modules/typescript/bin/tsc']);
  step(['node_modules/@biomejs/biome/bin/biome', 'check']);
}
step(['scripts/build.ts']);
for (const suite of named.length ? named : suites) {
  const files = globSync(suite.files, { cwd: root })
    .filter((file) => parts.length === 0 || parts.some((part) => file.includes(part)))
    .sort();
  if (files.length === 0) continue;
  console.log(`\n== ${suite.name}: ${suite.what} (${files.length} files)`);
  const started = performance.now();
  const counts = await run(suite, files);
  total.passed += counts.passed;
  total.failed += counts.failed;
  total.skipped += counts.skipped;
  console.log(`== ${suite.name}: ${((performance.now() - started) / 1000).toFixed(1)} s`);
}

console.log(`\n${total.passed} passed, ${total.failed} failed${total.skipped ? `, ${total.skipped} skipped` : ''}`);
process.exitCode = total.failed > 0 || total.passed === 0 ? 1 : 0;

function run(suite: Suite, files: string[]): Promise<{ passed: number; failed: number; skipped: number }> {
  return new Promise((resolve) => {
    let counts: { passed: number; failed: number; skipped: number } | undefined;
    const child = fork(path.join(root, 'scripts/mochaSuite.ts'), [suite.name, String(suite.timeout), ...files], { cwd: root });
    child.on('message', (message) => {
      counts = message as typeof counts;
    });
    // A suite that dies before it reports is one failure, never silence.
    child.on('exit', () => resolve(counts ?? { passed: 0, failed: 1, skipped: 0 }));
  });
}
