/**
 * `npm test`: everything. Checks types and lint, builds, then runs the suites one after another, the longest in two processes, and ends with `N passed, N failed`.
 * `npm test -- unit contract` runs only those suites; a further word that names a file or part of its path selects files.
 */
import { fork, spawnSync } from 'node:child_process';
import { globSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { SuiteResult } from './mochaSuite.ts';
import { shares } from './shares.ts';

const root = path.resolve(import.meta.dirname, '..');

interface Suite {
  name: string;
  what: string;
  files: string;
  /** Milliseconds that one test may take before it counts as hung. */
  timeout: number;
  /** Processes among which the files are divided, always the same way; 1 when absent. */
  processes?: number;
}

const suites: Suite[] = [
  { name: 'unit', what: 'pure parts, and the architecture rules', files: 'test/{*.test.ts,unit/**/*.test.ts}', timeout: 20_000 },
  { name: 'golden', what: "real files against what Azure's own client made of them", files: 'test/golden/**/*.test.ts', timeout: 120_000 },
  {
    name: 'contract',
    what: 'the real control plane, runner, command line and mlflow client',
    files: 'test/contract/**/*.test.ts',
    timeout: 180_000,
    processes: 2,
  },
  {
    name: 'clients',
    what: "long stories of whole clients: MLflow's, told to its own server too, and Azure ML's",
    files: 'test/clients/**/*.test.ts',
    timeout: 900_000,
  },
  { name: 'webview', what: 'the pages in Chromium', files: 'test/webview/**/*.test.ts', timeout: 120_000, processes: 2 },
  { name: 'e2e', what: 'stories in real VS Code', files: 'test/e2e/**/*.e2e.ts', timeout: 300_000 },
];

const words = process.argv.slice(2);
const named = suites.filter((suite) => words.includes(suite.name));
const parts = words.filter((word) => !suites.some((suite) => suite.name === word));
const allSeconds: Record<string, number> = {};
const total = { passed: 0, failed: 0, skipped: 0, failures: [] as string[] };

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
  const groups = shares(files, suite.processes ?? 1);
  const took: [file: string, seconds: number][] = [];
  for (const { passed, failed, skipped, failures, seconds, output } of await Promise.all(
    groups.map((group, index) => run(suite, group, index > 0)),
  )) {
    process.stdout.write(output);
    total.passed += passed;
    total.failed += failed;
    total.skipped += skipped;
    total.failures.push(...failures.map((failure) => `${suite.name}: ${failure}`));
    took.push(...Object.entries(seconds));
    Object.assign(allSeconds, seconds);
  }
  const longest = took.sort(([, one], [, other]) => other - one).slice(0, 5);
  console.log(`   The longest: ${longest.map(([file, seconds]) => `${file} ${seconds.toFixed(1)} s`).join(', ')}`);
  console.log(`== ${suite.name}: ${((performance.now() - started) / 1000).toFixed(1)} s`);
}

mkdirSync(path.join(root, 'test-artifacts'), { recursive: true });
writeFileSync(path.join(root, 'test-artifacts/testSeconds.json'), JSON.stringify(allSeconds, null, 2));

// Again at the end, where they are found after a thousand other lines.
for (const failure of total.failures) console.log(`\n✖ ${failure}`);
console.log(`\n${total.passed} passed, ${total.failed} failed${total.skipped ? `, ${total.skipped} skipped` : ''}`);
process.exitCode = total.failed > 0 || total.passed === 0 ? 1 : 0;

/** Runs files in a process of their own. `isKeptBack`: what it writes is answered instead of shown, so that two do not mix. */
function run(suite: Suite, files: string[], isKeptBack: boolean): Promise<SuiteResult & { output: Buffer }> {
  return new Promise((resolve) => {
    let result: SuiteResult | undefined;
    const child = fork(path.join(root, 'scripts/mochaSuite.ts'), [suite.name, String(suite.timeout), ...files], {
      cwd: root,
      silent: isKeptBack,
    });
    const output: Buffer[] = [];
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => output.push(chunk));
    child.on('message', (message) => {
      result = message as SuiteResult;
    });
    // A suite that dies before it reports is one failure, never silence.
    child.on('close', (code, signal) =>
      resolve({
        ...(result ?? {
          passed: 0,
          failed: 1,
          skipped: 0,
          failures: [`its process ended before it reported: ${signal ?? code}`],
          seconds: {},
        }),
        output: Buffer.concat(output),
      }),
    );
  });
}
